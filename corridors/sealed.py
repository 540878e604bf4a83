"""The signed text of an entente moves by amendment alone, whichever door somebody takes: form, import, list, command.

Terms are those of `corridors.canonical`; what serves to run the entente (who follows it, phone numbers, hours, the
person to call, where a contribution stands) is not there, and stays editable. An entente older than the system is
corrected freely as long as nobody wrote its signed paper down here, nor amended it: its text is on paper.
Source: docs/ententes.md, « Le texte signé ».
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from .canonical import KEYS, Terms, content_hash, terms_of_many
from .enums import AgreementStatus as S
from .models import Agreement, AgreementEvent, AgreementVersion, Signature
from .reading import FIELDS

# The decisions after which a text is no longer edited.
_SEALING = (S.SIGNED, S.CANCELLED, S.REFUSED)
_CLOSED = frozenset({S.CANCELLED, S.REFUSED})

_amended: ContextVar[frozenset[int]] = ContextVar("corridors_amended", default=frozenset())


class TextSealed(ValidationError):
    """An edit that would change a signed text. The message, in French, names the terms and says what to do."""


@contextmanager
def amending(agreement: Agreement) -> Iterator[None]:
    """Inside, the terms of this entente may move: a signed amendment is being merged."""
    token = _amended.set(_amended.get() | {agreement.pk})
    try:
        yield
    finally:
        _amended.reset(token)


def sealing(ids: Collection[int]) -> dict[int, S]:
    """Of these ententes, those whose text is no longer edited, and the decision that ended it. Two SQL queries."""
    return _found("agreement_id", agreement_id__in=list(ids)) if ids else {}


def sealing_numbers() -> dict[str, S]:
    """The same for every entente, by number. Two SQL queries."""
    return _found("agreement__number")


def _found(key: str, **which: Any) -> dict[Any, S]:
    """Signed here; given up; amended here (the whole text was signed with it); or older than the system, with its paper
    written down here: that text and no other."""
    own = Q(amendment__isnull=True, by_system=False, to_status__in=_SEALING)
    merged = Q(amendment__isnull=False, to_status=S.IN_FORCE)
    lines = AgreementEvent.objects.filter(own | merged, **which).order_by("number")
    found = {one: S(status) if status in _CLOSED else S.SIGNED for one, status in lines.values_list(key, "to_status")}
    negotiated = AgreementEvent.objects.filter(
        agreement=OuterRef("version__agreement"), amendment__isnull=True, to_status=S.NEGOTIATION
    )
    papers = Signature.objects.filter(
        ~Exists(negotiated), version__amendment__isnull=True, cleared_at__isnull=True,
        **{f"version__{name}": value for name, value in which.items()},
    )  # fmt: skip
    for one in papers.order_by().values_list(f"version__{key}", flat=True):
        found.setdefault(one, S.SIGNED)
    return found


def is_sealed(agreement: Agreement) -> bool:
    """Is its text beyond an ordinary edit? Two SQL queries."""
    return bool(agreement.pk and sealing([agreement.pk]))


def refusal(decision: S, fields: Iterable[str] = ()) -> str:
    """Why these terms do not move, and what to do; `fields` in words."""
    names = ", ".join(dict.fromkeys(fields))
    what = f" ({names})" if names else ""
    if decision in _CLOSED:
        return f"Cette entente est {decision.label.lower()} : son texte ne se modifie plus{what}."
    return f"Ce texte est signé : passez par un avenant pour le modifier{what}."


def terms_before(ids: Collection[int]) -> dict[int, Terms]:
    """The terms of those of these ententes that are sealed, to compare after a change."""
    closed = sealing(ids).keys() - _amended.get()
    return terms_of_many(closed) if closed else {}


def check_unchanged(ids: Collection[int], before: Mapping[int, Terms], *, part: str = "") -> None:
    """Raise TextSealed when the terms of a sealed entente are no longer those of `before`. `part`: the term that a
    record which was not there before adds to the entente, blank when the record is the entente itself."""
    closed = {pk: decision for pk, decision in sealing(ids).items() if pk not in _amended.get()}
    now = terms_of_many(closed.keys() & before.keys()) if closed.keys() & before.keys() else {}
    for pk, decision in closed.items():
        moved = moved_terms(before[pk], now[pk]) if pk in now else [part] if part else []
        if moved and not (pk in now and _is_last_version(pk, now[pk])):
            raise TextSealed(refusal(decision, [FIELDS[name] for name in moved]), code="sealed")


def _is_last_version(pk: int, terms: Terms) -> bool:
    """Are these the terms of the last version on record? An amendment that was merged meanwhile made one."""
    versions = AgreementVersion.objects.filter(agreement=pk, amendment__isnull=True).order_by("-number")
    return versions.values_list("content_hash", flat=True).first() == content_hash(terms)


def published(ids: Collection[int]) -> set[int]:
    """Of these ententes, the signed ones that are published. Three SQL queries at most."""
    signed = [pk for pk, decision in sealing(ids).items() if decision == S.SIGNED]
    return set(Agreement.objects.filter(pk__in=signed).values_list("pk", flat=True)) if signed else set()


def check_published(ids: Collection[int]) -> None:
    """Raise TextSealed when one of these was withdrawn: its corridors would vanish from the orientation while it is in
    force, and no journal would say who suspended them."""
    gone = Agreement.all_objects.filter(pk__in=ids, live=False).order_by("pk").first() if ids else None
    if gone is not None:
        raise TextSealed(
            f"L’entente {gone.number} est signée : elle ne se retire pas de la publication. Suspendez-la, ou "
            "résiliez-la.",
            code="sealed",
        )


def moved_terms(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The terms that differ, in the order of the text."""
    return [name for name in KEYS if old[name] != new[name]]
