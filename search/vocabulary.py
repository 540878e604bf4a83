"""Reference data that every question needs, kept in process memory: needs, expressions, places, names, lines.

A snapshot is immutable and belongs to one position of the outbox; a caller that knows the outbox has moved gets a newer
one: at once in a small network, a few seconds later after an import or in a large one, where reading again would make
somebody wait. Every name keeps who may see it: nothing here may be shown without a scope.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Max

from registry.enums import SynonymKind
from registry.geography import TerritoryRow, TerritoryTree
from registry.policies import Scope

from .lexicon import Entry, Lexicon, build_lexicon, shipped
from .line_book import Line, LineBook
from .names import Name, NameIndex
from .understanding_place import Gazetteer

logger = logging.getLogger(__name__)

# Beyond this many services only organisations are recognised by name before the engine is asked.
SERVICES_IN_MEMORY = 20_000
# A change of more services than this is read whole.
READ_WHOLE = 2_000
# From this many services and organisations on, no request waits for a newer snapshot: putting one together takes about
# a tenth of a millisecond for each of them.
LARGE = 5_000
ALWAYS = ("24/7", "Mo-Su 00:00-24:00")
_WEIGHTS = {SynonymKind.SYNONYM: 3, SynonymKind.ACRONYM: 3, SynonymKind.LAY: 3, SynonymKind.FORMER: 3}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One snapshot. `version` is the outbox position that it reflects."""

    version: int
    terms: tuple[str, ...]
    parent_of: Mapping[str, str | None]
    children_of: Mapping[str, tuple[str, ...]]
    synonyms: tuple[Entry, ...]
    lexicon: Lexicon
    tree: TerritoryTree
    gazetteer: Gazetteer
    names: NameIndex
    lines: LineBook
    known_words: frozenset[str]  # right as they are, for the lexicon: words of names and places
    every_word: frozenset[str]  # … and those of the lexicon, for places

    def related_to(self, term: str) -> Sequence[tuple[str, float]]:
        """Needs whose services are a sensible second answer to this one, likeliest first."""
        return tuple(pair for pair in shipped().related.get(term, ()) if pair[0] in self.parent_of)

    def lines_for(
        self, scope: Scope, needs: Collection[str] = (), territory: str | None = None, limit: int = 4
    ) -> list[Line]:
        """24/7 lines that this viewer may see and that apply here: those that answer a need asked first, then the ones
        that answer everybody, the whole province before a region."""
        around = {territory, *self.tree.ancestors(territory)} if territory else ()
        return self.lines.best(scope, needs, around, limit)


@lru_cache(maxsize=4)
def _lexicon(synonyms: tuple[Entry, ...], terms: tuple[tuple[str, bool], ...], digest: str) -> Lexicon:
    return build_lexicon(synonyms, dict(terms))


@lru_cache(maxsize=4)
def _gazetteer(rows: tuple[TerritoryRow, ...], digest: str) -> Gazetteer:
    return Gazetteer(TerritoryTree(rows), shipped().places)


@lru_cache(maxsize=1)  # a hundred megabytes in a large network
def _names(names: tuple[Name, ...], lexicon: Lexicon, gazetteer: Gazetteer) -> NameIndex:
    return NameIndex(names, lexicon.words | gazetteer.words, shipped().everyday)


@dataclass(slots=True)
class Rows:
    """What was read from the database, kept to apply the next change without reading everything again."""

    needs: tuple[tuple[str, str | None], ...]
    synonyms: tuple[Entry, ...]
    territories: tuple[TerritoryRow, ...]
    organizations: dict[int, dict[str, Any]]
    services: dict[int, dict[str, Any]]


class _Store:
    """The latest snapshot of this process. Reading it again is serialised; using it is not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: Rows | None = None
        self._snapshot: Vocabulary | None = None
        self._place: object = None
        self._beside = threading.Lock()  # held while a newer snapshot is put together beside the requests

    def get(self, head: int) -> Vocabulary:
        snapshot, place = self._snapshot, self._where()
        if snapshot is not None and self._place == place:
            if snapshot.version == head or (snapshot.version > head and snapshot.version <= outbox_head()):
                return snapshot
            if snapshot.version < head and self._is_long(snapshot.version, head):
                self._refresh_beside(head, place)
                return snapshot
        with self._lock:
            if self._snapshot is None or self._snapshot.version != head or self._place != place:
                self._refresh(head, place)
            assert self._snapshot is not None
            return self._snapshot

    def reset(self) -> None:
        with self._lock:
            self._rows = self._snapshot = None

    def _is_long(self, behind: int, head: int) -> bool:
        """Would a request wait for long, were it to read the changes itself?"""
        rows = self._rows
        if rows is not None and len(rows.services) + len(rows.organizations) > LARGE:
            return True
        from .models import OutboxEntry

        entries = OutboxEntry.objects.filter(seq__gt=behind, seq__lte=head).order_by("seq")
        moved = 0
        for services in entries.values_list("services", flat=True).iterator(chunk_size=20):
            moved += len(services)
            if moved > READ_WHOLE:
                return True
        return False

    def _refresh_beside(self, head: int, place: object) -> None:
        """Put a newer snapshot together in a thread, unless one is at it; until then the one before answers."""
        if self._beside.acquire(blocking=False):
            threading.Thread(
                target=self._refresh_and_release, args=(head, place), name="vocabulary", daemon=True
            ).start()

    def _refresh_and_release(self, head: int, place: object) -> None:
        try:
            with self._lock:
                self._refresh(head, place)
        except Exception:
            logger.exception("The vocabulary was not read again")  # the next request tries again
        finally:
            self._beside.release()
            connection.close()

    @staticmethod
    def _where() -> object:
        return str(settings.DATABASES["default"].get("NAME")), str(settings.SEARCH_INDEX_DIR)

    def _refresh(self, head: int, place: object) -> None:
        behind = self._snapshot.version if self._snapshot is not None else None
        moved = None
        if self._rows is not None and behind is not None and self._place == place and behind < head:
            moved = _moved_services(behind, head)
        if self._rows is None or moved is None:
            self._rows = _read_everything()
        else:
            for identifier in moved:
                self._rows.services.pop(identifier, None)
            self._rows.services.update(_read_services(moved))
        self._snapshot = assemble(head, self._rows)
        self._place = place


def _moved_services(behind: int, head: int) -> set[int] | None:
    """Primary keys of services that changed between two positions; None when everything must be read again."""
    from .models import OutboxEntry

    moved: set[int] = set()
    entries = OutboxEntry.objects.filter(seq__gt=behind, seq__lte=head).order_by("seq")
    for reference_data, services in entries.values_list("reference_data", "services"):
        moved.update(services)
        if reference_data or len(moved) > READ_WHOLE:
            return None
    return moved


def _read_everything() -> Rows:
    from registry.models import Need, NeedSynonym, Organization, Territory

    needs = tuple(Need.objects.order_by("term").values_list("term", "parent__term"))
    synonyms = tuple(
        Entry(term, text, kind, _WEIGHTS.get(SynonymKind(kind), 3))
        for term, text, kind in NeedSynonym.objects.filter(need__live=True)
        .order_by("need__term", "sort_order", "pk")
        .values_list("need__term", "text", "kind")
    )
    territories = tuple(
        TerritoryRow(
            row["id"], row["code"], row["name"], row["kind"], row["parent__code"], tuple(row["postal_prefixes"])
        )
        for row in Territory.objects.order_by("code").values(
            "id", "code", "name", "kind", "parent__code", "postal_prefixes"
        )
    )
    organizations = {
        row["id"]: row
        for row in Organization.objects.order_by("pk").values("id", "code", "name", "acronym", "other_names")
    }
    return Rows(needs, synonyms, territories, organizations, _read_services(None))


def _read_services(only: Collection[int] | None) -> dict[int, dict[str, Any]]:
    """Rows of published services. The needs and territories of the few that always answer are read with them."""
    from registry.models import Service

    found = Service.objects.order_by("pk")
    if only is not None:
        found = found.filter(pk__in=only)
    columns = (
        "id",
        "code",
        "name",
        "visibility",
        "organization_id",
        "hours_pattern",
        "phone",
        "access_modes",
        "languages",
    )
    rows = {
        row["id"]: row
        for row in found.values(
            *columns, organization_name=F("organization__name"), partner_type=F("organization__partner_type"),
            organization_phone=F("organization__phone"),
        )
    }  # fmt: skip
    always = [key for key, row in rows.items() if _answers_always(row)]
    for service in Service.objects.filter(pk__in=always).prefetch_related("need_links__need", "territories"):
        row = rows[service.pk]
        row["needs"] = tuple(link.need.term for link in service.need_links.all())
        row["territories"] = tuple(sorted(territory.code for territory in service.territories.all()))
    return rows


def _answers_always(row: Mapping[str, Any]) -> bool:
    pattern = str(row["hours_pattern"]).partition("|")[0]
    return pattern in ALWAYS and "telephone" in row["access_modes"] and bool(row["phone"] or row["organization_phone"])


def assemble(version: int, rows: Rows) -> Vocabulary:
    """The snapshot that these rows make, for this position of the outbox."""
    digest = shipped().digest
    lexicon = _lexicon(rows.synonyms, tuple((term, parent is not None) for term, parent in rows.needs), digest)
    gazetteer = _gazetteer(rows.territories, digest)
    names = _names(tuple(_all_names(rows)), lexicon, gazetteer)
    children: dict[str, list[str]] = {}
    for term, parent in rows.needs:
        if parent:
            children.setdefault(parent, []).append(term)
    lines = tuple(
        Line(
            row["code"], row["name"], row["organization_name"], row["phone"] or row["organization_phone"], row["needs"],
            row["territories"], tuple(row["languages"]), row["visibility"], row["partner_type"],
        )
        for row in rows.services.values()
        if "needs" in row
    )  # fmt: skip
    return Vocabulary(
        version=version,
        terms=tuple(term for term, _ in rows.needs),
        parent_of=dict(rows.needs),
        children_of={parent: tuple(terms) for parent, terms in children.items()},
        synonyms=rows.synonyms,
        lexicon=lexicon,
        tree=gazetteer.tree,
        gazetteer=gazetteer,
        names=names,
        lines=LineBook(lines, gazetteer.tree),
        known_words=names.words | gazetteer.words | shipped().everyday,
        every_word=names.words | gazetteer.words | lexicon.words | shipped().everyday,
    )


def _all_names(rows: Rows) -> Iterable[Name]:
    """Organisations take the widest visibility among their services: whoever sees one of these sees the name."""
    seen_by: dict[int, set[str]] = {}
    for row in rows.services.values():
        seen_by.setdefault(row["organization_id"], set()).add(row["visibility"])
    for identifier, row in sorted(rows.organizations.items()):
        visibilities = frozenset(seen_by.get(identifier, ()))
        yield Name(
            "organization",
            row["code"],
            row["name"],
            row["acronym"],
            tuple(row["other_names"]),
            visibilities,
            row["code"],
        )
    if len(rows.services) <= SERVICES_IN_MEMORY:
        for _, row in sorted(rows.services.items()):
            owner = rows.organizations.get(row["organization_id"])
            yield Name(
                "service", row["code"], row["name"], "", (), frozenset({row["visibility"]}),
                owner["code"] if owner else row["code"],
            )  # fmt: skip


_store = _Store()


def outbox_head() -> int:
    """The sequence of the last change written; 0 when there is none. One SQL query."""
    from .models import OutboxEntry

    return OutboxEntry.objects.aggregate(head=Max("seq"))["head"] or 0


def get_vocabulary(head: int | None = None) -> Vocabulary:
    """The snapshot for this position of the outbox (asked of the database when the caller does not know it)."""
    return _store.get(outbox_head() if head is None else head)


def reset_vocabulary() -> None:
    """Forget what is in memory (tests; a database put in place of another)."""
    _store.reset()
