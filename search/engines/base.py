"""The contract that every engine keeps. tests/test_engine_contract.py runs the same cases on each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


class Engine(Protocol):
    """One index of services. Every read takes a scope; every write carries the outbox sequence that caused it."""

    name: str

    def search(self, request: OrientationRequest, scope: Scope) -> SearchResult:
        """Hits in order (tier, score descending, code), the total, facets each without its own filter."""
        ...

    def get(self, codes: Sequence[str], scope: Scope, request: OrientationRequest) -> list[Hit]:
        """The documents with these codes that the scope may see, in the order asked (open sheet, basket)."""
        ...

    def suggest(self, prefix: str, scope: Scope, limit: int = 8) -> list[Suggestion]:
        """Names of services and organisations that begin with, or hold a word that begins with, the prefix."""
        ...

    def ready(self) -> bool:
        """Can this index answer: it exists, it can be read, and this version of the program wrote it."""
        ...

    def recipe(self) -> str:
        """`documents.recipe()` at the time of the last rebuild."""
        ...

    def registered_name(self) -> str:
        """The name under which this index (engine × host × folder) holds the outbox back."""
        ...

    def mark(self) -> int:
        """The outbox sequence up to which this index has read; 0 when empty."""
        ...

    def apply(self, documents: Iterable[dict[str, Any]], deletions: Iterable[int], mark: int) -> int:
        """Write projected documents, remove the services of `deletions` (primary keys), move the mark: one commit.

        A mark not above the present one is refused (nothing is written, 0 is returned). Returns documents written.
        """
        ...

    def rebuild(self, documents: Iterable[dict[str, Any]], mark: int, total: int, progress: Any = None) -> int:
        """Build a new index beside the live one, check it, swap. A failure leaves the live one untouched."""
        ...

    def digests(self) -> dict[int, str]:
        """Primary key → digest of every document held: what check_index compares with the database."""
        ...
