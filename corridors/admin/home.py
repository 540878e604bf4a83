"""What the ententes ask of the coordinator, on the first page: each number leads to the list of exactly these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from wagtail.admin.ui.components import Component

from registry import policies
from registry.admin.home import list_url
from registry.dates import short_date
from registry.text import fold

from .. import overview
from ..contributions import Contribution, contributions, late
from ..enums import AgreementFlag, PartyRole
from ..enums import AgreementStatus as S
from ..models import Agreement, Obligation, Signatory, Signature
from ..overview import Standing
from ..policies import approves
from .standing import days_word, notice_text, renewal_word, since_word, status_tag, tag

_SHOWN = 6  # lines of a panel; the list has them all
_TODO = {
    S.REVIEW: "approuver, ou renvoyer au brouillon",
    S.NEGOTIATION: "accepter, ou répondre par une autre version",
    S.AGREED: "nommer les signataires et ouvrir la signature",
}
_LONG_WAIT = 7  # days


@dataclass(frozen=True, slots=True)
class Tile:
    count: int
    label: str
    more: str
    url: str
    due: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An entente in a panel."""

    url: str
    name: str
    about: str
    mark: SafeString | str = ""
    todo: str = ""
    status: SafeString | str = ""
    notice: SafeString | str = ""
    term: str = ""


class AgreementsPanel(Component):
    """Five numbers, then what waits, by how long it has. Six SQL queries, however many ententes."""

    name = "ententes"
    template_name = "corridors/admin/home_panel.html"
    order = 40

    def __init__(self, user: Any) -> None:
        # Whoever approves sees what is to be approved among what waits for them.
        self.turn = PartyRole.CENTRE.value if approves(user) else overview.COORDINATION

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        day = timezone.localdate()
        rows = overview.standings(day)
        waiting = sorted(_wanted(rows, overview.TURNS[self.turn][1]), key=lambda row: row.waits_since or day)
        signing = sorted(_wanted(rows, overview.TURNS[overview.SIGNATORIES][1]), key=lambda row: row.waits_since or day)
        ending = sorted(
            _wanted(rows, overview.TERMS[str(overview.HORIZONS[-1])][1]), key=lambda row: (row.term_end, row.number)
        )
        owed = late(contributions(day, rows))
        shown = {row.pk for row in (*waiting[:_SHOWN], *signing[:_SHOWN], *ending[:_SHOWN])}
        partners = overview.partners_of(shown)
        missing = _missing_signatures([row.pk for row in signing[:_SHOWN]])
        return {
            "tiles": _tiles(rows, waiting, signing, owed, day, list_url(Agreement, f"tour={self.turn}")),
            "waiting": [_waiting_line(row, partners) for row in waiting[:_SHOWN]],
            "waiting_count": len(waiting),
            "signing": [_signing_line(row, partners, missing) for row in signing[:_SHOWN]],
            "signing_count": len(signing),
            "ending": [_ending_line(row, partners) for row in ending[:_SHOWN]],
            "ending_count": len(ending),
            "ending_days": overview.HORIZONS[-1],
            "late": [_late_line(row, day) for row in owed[:_SHOWN]],
            "late_count": len(owed),
            "planner_url": reverse("corridors_planner"),
            "board_url": reverse("corridors_board"),
            "urls": {
                "waiting": list_url(Agreement, f"tour={self.turn}"),
                "signing": list_url(Agreement, f"tour={overview.SIGNATORIES}"),
                "ending": list_url(Agreement, f"terme={overview.HORIZONS[-1]}"),
            },
        }


def _wanted(rows: list[Standing], wanted: overview.Wanted) -> list[Standing]:
    return [row for row in rows if wanted(row)]


def _tiles(
    rows: list[Standing],
    waiting: list[Standing],
    signing: list[Standing],
    owed: list[Contribution],
    day: date,
    turn_url: str,
) -> list[Tile]:
    within = {days: len(_wanted(rows, overview.TERMS[str(days)][1])) for days in overview.HORIZONS}
    first, *later = overview.HORIZONS
    open_notice = len(_wanted(rows, overview.with_flag(AgreementFlag.NOTICE_OPEN)))
    soon = len(_wanted(rows, overview.TERMS["preavis"][1]))
    oldest = max(((day - row.waits_since).days for row in waiting if row.waits_since), default=0)
    return [
        Tile(
            len(waiting), "à votre tour", f"la plus ancienne : {since_word(oldest)}" if waiting else "rien n’attend",
            turn_url, due=oldest >= _LONG_WAIT,
        ),
        Tile(
            within[first], f"finissent d’ici {first}\u00a0jours",
            ", ".join(f"{within[days]} d’ici {days}" for days in later) + "\u00a0jours",
            list_url(Agreement, f"terme={first}"), due=bool(within[first]),
        ),
        Tile(
            open_notice, "préavis ouverts", f"{soon} à donner d’ici {overview.NOTICE_SOON}\u00a0jours",
            list_url(Agreement, f"drapeau={AgreementFlag.NOTICE_OPEN.value}"), due=bool(open_notice),
        ),
        Tile(
            len(signing), "en signature", "des signatures sont attendues" if signing else "rien n’attend",
            list_url(Agreement, f"tour={overview.SIGNATORIES}"),
        ),
        Tile(
            len(owed), "contributions en retard",
            f"la plus ancienne : {since_word((day - owed[0].due_on).days)}" if owed and owed[0].due_on else "aucune",
            list_url(Obligation, "quand=en_retard"), due=bool(owed),
        ),
    ]  # fmt: skip


def page_url(pk: int) -> str:
    return reverse(Agreement.snippet_viewset.get_url_name("entente"), args=[pk])


def _line(row: Standing, partners: dict[int, str], **values: Any) -> Line:
    partner = partners.get(row.pk, "")
    # Many titles name the partner already.
    told = not partner or fold(partner) in fold(row.title)
    return Line(page_url(row.pk), row.title if told else f"{row.title}, {partner}", **values)


def _waiting_line(row: Standing, partners: dict[int, str]) -> Line:
    days = (row.day - row.waits_since).days if row.waits_since else 0
    mark = tag(since_word(days), "warn" if days >= _LONG_WAIT else "")
    return _line(
        row, partners, about=f"{row.number}, {row.status.label.lower()}", mark=mark, todo=_TODO.get(row.status, "")
    )


def _signing_line(row: Standing, partners: dict[int, str], missing: dict[int, list[str]]) -> Line:
    names = missing.get(row.pk, [])
    about = f"{row.number} · attend {', '.join(names)}" if names else row.number
    since = since_word((row.day - row.waits_since).days) if row.waits_since else ""
    return _line(row, partners, about=about, mark=tag(since) if since else "")


def _ending_line(row: Standing, partners: dict[int, str]) -> Line:
    assert row.term_end is not None
    about = " · ".join(filter(None, (row.number, renewal_word(row), days_word(row.days_left or 0))))
    status = status_tag(row.status) if row.status != S.IN_FORCE else ""
    return _line(
        row, partners, about=about, status=status, notice=notice_text(row), term=short_date(row.term_end, row.day)
    )


def _late_line(row: Contribution, day: date) -> Line:
    assert row.due_on is not None
    about = f"{row.number} · {row.party} · pour le {short_date(row.due_on, day)}"
    return Line(page_url(row.agreement_id), row.text, about, mark=tag(since_word((day - row.due_on).days), "stop"))


def _missing_signatures(ids: list[int]) -> dict[int, list[str]]:
    """Entente → who is still expected to sign its text. One SQL query."""
    found: dict[int, list[str]] = {}
    signed = Signature.objects.filter(signatory=OuterRef("pk"), cleared_at__isnull=True)
    people = Signatory.objects.filter(~Exists(signed), agreement_id__in=ids, amendment__isnull=True)
    people = people.order_by("order", "pk")
    for pk, name in people.values_list("agreement_id", "name"):
        found.setdefault(pk, []).append(name)
    return found


def add_panel(request: Any, panels: list[Any]) -> None:
    """Before « À faire », for those who follow the ententes."""
    if policies.can(request.user, policies.ACCESS_ADMIN):
        panels.append(AgreementsPanel(request.user))
