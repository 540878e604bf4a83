"""Where an entente stands, as lists and panels show it: status, flags, term, notice, whose turn it is."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from wagtail.admin.ui.tables import Column

from registry.dates import short_date
from registry.text import fold

from ..enums import AgreementFlag as F
from ..enums import AgreementStatus as S
from ..enums import PartyRole, RenewalKind
from ..overview import RUNNING, SIGNATORIES, Standing

_TONES: dict[str, str] = {
    S.IN_FORCE: "ok",
    S.SIGNED: "ok",
    S.SUSPENDED: "warn",
    S.DISPUTED: "warn",
    S.LAPSED: "stop",
    S.TERMINATED: "stop",
    S.CANCELLED: "stop",
    S.REFUSED: "stop",
    F.CONTRADICTED: "stop",
    F.UNSIGNED: "warn",
    F.TO_RENEW: "warn",
    F.NOTICE_OPEN: "warn",
}
_WAITS_FOR = {
    PartyRole.CENTRE.value: "le centre",
    PartyRole.PARTNER.value: "le partenaire",
    SIGNATORIES: "les signataires",
}
_RENEWALS = {
    RenewalKind.TACIT.value: "se reconduit",
    RenewalKind.EXPRESS.value: "à renégocier",
    RenewalKind.NONE.value: "sans renouvellement",
}


def tag(text: object, tone: str = "") -> SafeString:
    """A pill; `tone`: « ok », « warn », « stop » or none. The words say it all, the colour only helps."""
    return format_html('<span class="suivi-tag{}">{}</span>', f" {tone}" if tone else "", text)


def status_tag(status: S) -> SafeString:
    return tag(status.label, _TONES.get(status, ""))


def flag_tags(row: Standing) -> SafeString:
    # « À venir » says nothing that « Signée » beside a date does not.
    shown = [flag for flag in row.state.flags if flag != F.UPCOMING]
    return format_html_join(" ", "{}", ((tag(flag.label, _TONES.get(flag, "")),) for flag in shown))


def days_word(count: int) -> str:
    """« aujourd’hui », « demain », « dans 12 jours »."""
    return {0: "aujourd’hui", 1: "demain"}.get(count, f"dans {count}\u00a0jours")


def since_word(days: int) -> str:
    """How long something has been waiting: « aujourd’hui », « 1 jour », « 9 jours »."""
    return "aujourd’hui" if days <= 0 else f"{days}\u00a0jour{'s' if days > 1 else ''}"


def renewal_word(row: Standing) -> str:
    return _RENEWALS.get(row.renewal, "")


def notice_text(row: Standing) -> SafeString | str:
    """When notice must be given for the entente to end with its term; blank when it asks for none."""
    notice = row.notice_on
    if notice is None:
        return ""
    left = (notice - row.day).days
    if left < 0:
        return (
            f"depuis le {short_date(notice, row.day)}"
            if row.state.has(F.NOTICE_OPEN)
            else (f"passé le {short_date(notice, row.day)}")
        )
    if left <= 1:
        return tag(days_word(left), "stop")
    return tag(short_date(notice, row.day), "warn") if left <= 30 else short_date(notice)


def turn_text(row: Standing) -> SafeString | str:
    """« attend le partenaire depuis 9 jours »."""
    word = _WAITS_FOR.get(row.waits_for, "")
    if not word:
        return ""
    if row.waits_since is None:
        return f"attend {word}"
    days = (row.day - row.waits_since).days
    return f"attend {word} depuis {since_word(days)}"


def term_text(row: Standing) -> SafeString | str:
    """The end of the term, and how it goes on."""
    if row.term_end is None:
        return "sans terme" if row.status in RUNNING or row.status == S.SIGNED else ""
    more = renewal_word(row)
    if row.days_left is not None and row.days_left <= 90:
        more = f"{days_word(row.days_left)}, {more}" if more else days_word(row.days_left)
    shown = short_date(row.term_end)
    return format_html("{}<br><small>{}</small>", shown, more) if more else shown


class StandingColumn(Column):
    """A column that reads `row.standing` (see `corridors.overview.attach`)."""

    def __init__(self, name: str, shown: Any, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.shown = shown

    def get_value(self, instance: Any) -> Any:
        return self.shown(instance.standing)


class AgreementTitleColumn(Column):
    """The title, and under it the partners that it does not name."""

    def get_value(self, instance: Any) -> Any:
        names = [str(party.organization) for party in instance.parties.all() if party.role == PartyRole.PARTNER]
        told = fold(instance.title)
        others = ", ".join(name for name in names if fold(name) not in told)
        return format_html("{}<br><small>{}</small>", instance.title, others) if others else instance.title


class AgreementStatusColumn(Column):
    """The computed status, what should be seen beside it, and that a newer text waits to be published."""

    def get_value(self, instance: Any) -> Any:
        parts = [status_tag(instance.standing.status), flag_tags(instance.standing)]
        if instance.live and instance.has_unpublished_changes:
            parts.append(tag("Changements à publier"))
        if not instance.live and instance.first_published_at is not None:
            parts.append(tag("Retirée de la publication"))
        turn = turn_text(instance.standing)
        if turn:
            parts.append(format_html("<br><small>{}</small>", turn))
        return mark_safe(" ".join(part for part in parts if part))  # noqa: S308 - pieces escaped above
