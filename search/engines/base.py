"""The contract that every engine keeps. tests/test_engine_contract.py runs the same cases on each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from registry.policies import Scope

from ..request import OrientationRequest


@dataclass(frozen=True, slots=True)
class Hit:
    """A service found. `document` is the stored ServiceDocument payload, reduced to what the scope may see."""

    code: str
    document: dict[str, Any]
    score: float
    tier: int  # 0 = answers everything asked; each higher tier dropped something, see Tier.dropped
    reachable: bool | None
    distance_km: float | None
    why: tuple[str, ...]  # in French, shortest first


@dataclass(frozen=True, slots=True)
class Tier:
    """A group of hits that dropped the same wishes. `dropped`: « territory », « language », « words », « need »,
    « question » (nothing answered: those who receive every request)."""

    rank: int
    label: str  # French heading, empty for rank 0
    dropped: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    hits: tuple[Hit, ...]
    total: int
    tiers: tuple[Tier, ...] = ()
    facets: dict[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    took_ms: float = 0.0
    mode: str = "normal"  # « secours » when a standby answered


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An autocomplete proposal. `kind`: name, organization, need, place."""

    kind: str
    label: str
    value: str
    code: str = ""


class EngineError(Exception):
    """The engine could not answer (index missing, corrupt, out of reach)."""


class IndexReplaced(EngineError):
    """Another index took the place of the one that was followed: read the log again from the mark of the new one."""


# What a page prepares while a server computes. It is not called where nobody computes elsewhere.
Meanwhile = Callable[[], object] | None


class Answering(Protocol):
    """What a page asks. Every question takes a scope."""

    @property
    def name(self) -> str: ...

    @property
    def on_standby(self) -> bool:
        """Does a local copy answer in the place of the main engine (« mode secours »)?"""
        ...

    def search(self, request: OrientationRequest, scope: Scope, meanwhile: Meanwhile = None) -> SearchResult:
        """Hits in order (tier, score descending, code), the total, facets each without its own filter. `meanwhile` may
        be called, once, while the answer is on its way."""
        ...

    def get(self, codes: Sequence[str], scope: Scope, request: OrientationRequest) -> list[Hit]:
        """The documents with these codes that the scope may see, in the order asked (open sheet, basket)."""
        ...

    def suggest(self, prefix: str, scope: Scope, limit: int = 8) -> list[Suggestion]:
        """Names of services and organisations that begin with, or hold a word that begins with, the prefix."""
        ...


class Writable(Protocol):
    """What changes are written to: the live index, or one being built."""

    def mark(self) -> int:
        """The outbox sequence up to which this index has read; 0 when empty."""
        ...

    def apply(self, documents: Iterable[dict[str, Any]], deletions: Iterable[int], mark: int) -> int:
        """Write projected documents, remove the services of `deletions` (primary keys), move the mark: one commit.

        A mark not above the present one is refused (nothing is written, 0 is returned). Returns documents written.
        """
        ...


Progress = Callable[[int], None]  # told how many documents are written
Follow = Callable[[Writable], None]


class Engine(Answering, Writable, Protocol):
    """One index of services. Every read takes a scope; every write carries the outbox sequence that caused it."""

    def ready(self) -> bool:
        """Can this index answer: it exists, it can be read, and this version of the program wrote it."""
        ...

    def recipe(self) -> str:
        """`documents.recipe()` at the time of the last rebuild."""
        ...

    def registered_name(self) -> str:
        """The name under which this index (engine × host × folder) holds the outbox back."""
        ...

    def may_be_rebuilt(self) -> bool:
        """May a program do it by itself, without taking its index away from a host that runs another version?"""
        ...

    def rebuild(
        self,
        documents: Iterable[dict[str, Any]],
        mark: int,
        total: int,
        progress: Progress | None = None,
        follow: Follow | None = None,
    ) -> int:
        """Build a new index beside the live one, check it, swap. A failure leaves the live one untouched.

        `follow` is called with the new index, checked and not yet in service: it writes there what changed meanwhile,
        so that the swap takes nothing back. Returns the documents written from `documents`. Raises EngineError;
        IndexBusy when another rebuild is under way.
        """
        ...

    def digests(self, ids: Sequence[int] | None = None) -> dict[int, str]:
        """Primary key → digest of every document held (of these alone, when given): what check_index compares with the
        database."""
        ...
