"""What was asked, typed and validated once: the only thing that an engine is given, with a scope."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

# The facets of the page, in the order in which it shows them. Values are the codes of registry.enums, ISO language
# codes, territory codes, need terms; « reachable » and « corridor » hold "1".
FACETS = (
    "reachable",
    "corridor",
    "availability",
    "access_mode",
    "program",
    "partner_type",
    "need",
    "territory",
    "language",
)
MAX_QUESTION = 1_000  # characters kept of a question; the page says when it cut one
MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Chip:
    """Something understood, that one key removes. `kind`: need, age, sex, place, language, moment, urgent, name."""

    kind: str
    value: str
    label: str
    # Where it came from: « text » (the free text) or « field » (a field of the form, a command-line option).
    source: str = "text"
    guess: bool = False


@dataclass(frozen=True, slots=True)
class WantedNeed:
    """A need recognised in the question. `weight` in ]0, 1]; `kind` « asked », « parent » or « related »."""

    term: str
    weight: float
    kind: str = "asked"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person is. `territory` a code, or None (a point outside every territory). Degrees WGS 84."""

    territory: str | None
    latitude: float | None = None
    longitude: float | None = None
    label: str = ""
    candidates: tuple[str, ...] = ()
    # Codes of the territories around `territory`, nearest first (TerritoryTree.ancestors): who serves one of them
    # serves the place.
    ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrientationRequest:
    """A question after understanding. Engines read nothing else."""

    moment: datetime  # aware, America/Toronto
    q: str = ""  # as typed
    words: tuple[str, ...] = ()  # folded, unstemmed words that understanding did not consume: matched as text
    expansion: tuple[str, ...] = ()  # professional words of the recognised needs: matched softly in descriptions
    names: tuple[str, ...] = ()  # folded names or acronyms of organisations and services recognised in the question
    needs: tuple[WantedNeed, ...] = ()
    place: Place | None = None
    age: int | None = None
    sex: str | None = None
    language: str | None = None  # ISO 639
    urgent: bool = False
    # Words that a need consumed, or that came beside one: they raise what they match, and are never required.
    soft: tuple[str, ...] = ()
    # Guessed, not said (« ado » → 12-17, « ma mère » → f): they raise or lower, and never exclude.
    age_range: tuple[int, int] | None = None
    sex_guess: str | None = None
    moment_given: bool = False  # True: a moment was asked (« ce soir »); False: now
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)  # facet -> chosen values (any of them)
    limit: int = 20
    offset: int = 0
    chips: tuple[Chip, ...] = ()
    messages: tuple[str, ...] = ()  # what the page must say: a cut question, an unreadable date, an unknown code

    @property
    def is_empty(self) -> bool:
        return not (self.q.strip() or self.needs or self.words or self.names or self.filters)

    def but(self, **changes: Any) -> OrientationRequest:
        return replace(self, **changes)
