"""Where a postal code is and which territory serves it, offline.

Points come from GeoNames (CC BY 4.0): 422 forward sortation areas, then 225,402 six-character codes, each part sorted.
"""

import gzip
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from registry import postal_codes
from registry.text import fold, key

TABLE = Path(__file__).parent / "data" / "quebec_postal_codes.csv.gz"
EARTH_RADIUS_KM = 6371.0088
CODE_LENGTH = 6
NORTH_END = 63.0  # degrees: nothing of Québec lies further north

# GeoNames writes six-character places without accents; the largest municipalities get their official spelling back.
_SPELLING = {
    name.translate(str.maketrans("éèêôÉÎ", "eeeoEI")): name
    for name in (
        "Montréal", "Québec", "Lévis", "Trois-Rivières", "Jonquière", "Saint-Jérôme", "Châteauguay",
        "Val-D'or", "Sept-Îles", "Rivière-Du-Loup",
        "Montréal-Nord", "Lac-Mégantic", "Montréal-Est", "Côte-Saint-Luc", "Beaupré", "Château-Richer",
        "La Pêche", "Témiscouata-Sur-Le-Lac", "Saint-Félicien", "Bécancour",
    )
}  # fmt: skip

Precision = Literal["code", "fsa"]
Coverage = Literal["exact", "ancestor", "descendant"]


@dataclass(frozen=True)
class Point:
    """Degrees, and the place GeoNames gives. `precision` says whether the whole code was known or its area only."""

    lat: float
    lon: float
    place: str = ""
    precision: Precision = "code"


@dataclass(frozen=True)
class TerritoryRow:
    """What the tree needs of a territory record. `postal_prefixes`: areas (« G1K ») or longer starts of codes."""

    id: int
    code: str
    name: str
    kind: str = ""
    parent_code: str | None = None
    postal_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Located:
    """A postal code placed: the territory kept, every territory that could have been, the point where it is known."""

    territory: str | None
    candidates: tuple[str, ...]
    point: Point | None


class _PostalTable:
    """The table as its own sorted bytes (8 MB): a look-up is a binary search over lines, and nothing is built."""

    def __init__(self, path: Path) -> None:
        with gzip.open(path) as stream:
            self._text = stream.read()
        start = self._text.index(b"\n") + 1
        first_full = re.compile(rb"^[^,\n]{%d}," % CODE_LENGTH, re.MULTILINE).search(self._text, start)
        self._full_start = first_full.start() if first_full else len(self._text)
        self._areas = {
            fields[0]: fields
            for line in self._text[start : self._full_start].decode().splitlines()
            if len(fields := line.split(",")) == 4
        }

    def find(self, compact: str) -> Point | None:
        if len(compact) == CODE_LENGTH:
            fields = self._line(self._first_not_below(compact.encode()))
            return self._point(fields, "code") if fields[0] == compact else None
        area = self._areas.get(compact)
        if area is None:
            return None
        place = self._usual_place(compact) or area[1]
        return self._point([compact, place, *area[2:]], "fsa")

    def _first_not_below(self, code: bytes) -> int:
        """Offset of the first line whose code is not before this one."""
        low, high = self._full_start, len(self._text)
        while low < high:
            line = self._text.rfind(b"\n", 0, (low + high) // 2) + 1
            if self._text[line : line + CODE_LENGTH] < code:
                low = self._text.find(b"\n", line) + 1 or high
            else:
                high = line
        return low

    def _line(self, offset: int) -> list[str]:
        end = self._text.find(b"\n", offset)
        return self._text[offset : end if end >= 0 else len(self._text)].decode().strip().split(",")

    def _usual_place(self, area: str) -> str | None:
        """The place most codes of an area are in: GeoNames names the area itself in English (« Sherbrooke West »)."""
        first, last = self._first_not_below(f"{area}0".encode()), self._first_not_below(f"{area}~".encode())
        places = Counter(line.split(",")[1] for line in self._text[first:last].decode().splitlines() if "," in line)
        return places.most_common(1)[0][0] if places else None

    @staticmethod
    def _point(fields: Sequence[str], precision: Precision) -> Point | None:
        lat, lon = float(fields[2]), float(fields[3])
        if lat > NORTH_END:  # H0H 0H0, Santa Claus's, is at the pole
            return None
        return Point(lat, lon, _SPELLING.get(fields[1], fields[1]), precision)


@lru_cache(maxsize=1)
def _table() -> _PostalTable:
    return _PostalTable(TABLE)


@lru_cache(maxsize=4096)
def point_for(code: str) -> Point | None:
    """The point of a postal code or area, whatever its spacing; the area's point when the whole code is not known.

    None when the text is no postal code or lies outside Québec.
    """
    compact = postal_codes.compact(code)
    if compact is None:
        return None
    return _table().find(compact) or _table().find(compact[:3])


def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance in kilometres (haversine)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat, half_lon = (lat_b - lat_a) / 2, math.radians(b.lon - a.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


_KIND_WORDS = re.compile(
    r"^(?:(?:la |le |l )?(?:ville|municipalite|quartier|arrondissement|secteur|region|rls|province)) "
    r"(?:de la |de l |des |du |de |d )?"
)
_ARTICLES = re.compile(r"^(?:a |au |aux |dans |en |pres de |vers )?(?:la |le |les |l )?(?=\S)")
_DIRECTION = re.compile(r" (?:nord|sud|est|ouest)$")
_WHOLE_PROVINCE = re.compile(r"^(?:ensemble du quebec|province de quebec|province|partout au quebec|tout le quebec)$")


def _saints(text: str) -> str:
    return re.sub(r"\bste\b", "sainte", re.sub(r"\bst\b", "saint", text))


def _name_forms(text: str) -> list[str]:
    """Ways of saying a place, folded, from the most to the least exact: full, no kind, its parts, no direction."""
    full = _saints(key(text))
    bare = _saints(_KIND_WORDS.sub("", full))
    forms = [full, bare]
    parts = [_saints(key(part)) for part in re.split(r"-et-|\s*–\s*|\s+-\s+|--", re.sub(r"[–—]", "--", text.lower()))]
    forms += parts if len(parts) > 1 else []
    head = _saints(key(fold(text).partition(" de ")[0]))
    if " " in head and head != full:  # « Centre-ville de Sherbrooke » is « centre-ville » to those who live there
        forms.append(head)
    forms.append(_DIRECTION.sub("", bare))
    return list(dict.fromkeys(form for form in forms if form))


class TerritoryTree:
    """Territories as a tree (province, region, RLS, quarter…), in memory. No unknown code ever raises."""

    def __init__(self, rows: Iterable[TerritoryRow]) -> None:
        self.rows: dict[str, TerritoryRow] = {row.code: row for row in rows}
        self._children: dict[str, list[str]] = {}
        self._ancestors: dict[str, tuple[str, ...]] = {}
        for row in self.rows.values():
            self._ancestors[row.code] = self._climb(row.code)
        for code, ancestors in self._ancestors.items():
            if ancestors:
                self._children.setdefault(ancestors[0], []).append(code)
        self._by_prefix: dict[str, list[str]] = {}
        for row in self.rows.values():
            for prefix in row.postal_prefixes:
                compact = re.sub(r"[\s-]", "", prefix).upper()
                if compact:
                    self._by_prefix.setdefault(compact, []).append(row.code)
        self._by_name = self._index_names()

    def ancestors(self, code: str) -> tuple[str, ...]:
        """From the parent up to the root."""
        return self._ancestors.get(code, ())

    def descendants(self, code: str) -> tuple[str, ...]:
        """Everything below, nearest levels first."""
        found: list[str] = list(self._children.get(code, ()))
        for child in found:  # grows while it is read: a breadth-first walk
            found.extend(self._children.get(child, ()))
        return tuple(found)

    def depth(self, code: str) -> int:
        """0 for a root; -1 for an unknown code."""
        return len(self._ancestors[code]) if code in self.rows else -1

    def locate(self, postal_code: str) -> Located:
        """The deepest territory with the longest prefix of this code; several at that depth give their common parent
        (none where they have none), all of them listed; a code outside every territory gives the point only."""
        compact = postal_codes.compact(postal_code)
        if compact is None:
            return Located(None, (), None)
        point = point_for(compact)
        matches = [
            (self.depth(code), length, code)
            for length in range(1, len(compact) + 1)
            for code in self._by_prefix.get(compact[:length], ())
        ]
        if not matches:
            return Located(None, (), point)
        best = max(matches)[:2]
        candidates = tuple(sorted({code for depth, length, code in matches if (depth, length) == best}))
        return Located(self.common_ancestor(candidates), candidates, point)

    def common_ancestor(self, codes: Sequence[str]) -> str | None:
        """The deepest territory that is, or holds, all of these; None when there is none."""
        paths = [(code, *self.ancestors(code)) for code in codes if code in self.rows]
        if not paths or len(paths) != len(codes):
            return None
        shared = set(paths[0]).intersection(*paths[1:])
        return next((code for code in paths[0] if code in shared), None)

    def covers(self, served: Collection[str], asked: str) -> Coverage | None:
        """How the territories a service serves reach the one asked: the same one, one above it (all of it is served),
        one below it (a part is served), or not at all."""
        if asked in served:
            return "exact"
        if any(code in served for code in self.ancestors(asked)):
            return "ancestor"
        return "descendant" if any(asked in self.ancestors(code) for code in served) else None

    def distance_between(self, a: str, b: str) -> int | None:
        """Steps in the tree from one to the other (0 for the same, 2 for sisters); None where nothing connects them."""
        if a not in self.rows or b not in self.rows:
            return None
        path_a, path_b = (a, *self.ancestors(a)), (b, *self.ancestors(b))
        return next((up + path_b.index(code) for up, code in enumerate(path_a) if code in path_b), None)

    def point(self, code: str) -> Point | None:
        """The middle of the areas that a territory (or else its descendants) lists, for distances from a name."""
        own = [p for p in self.rows[code].postal_prefixes if p.strip()] if code in self.rows else []
        prefixes = own or [p for below in self.descendants(code) for p in self.rows[below].postal_prefixes]
        points = [point for prefix in sorted(set(prefixes)) if (point := point_for(prefix))]
        if not points:
            return None
        lat = sum(point.lat for point in points) / len(points)
        lon = sum(point.lon for point in points) / len(points)
        return Point(round(lat, 4), round(lon, 4), self.rows[code].name, "fsa")

    def find_by_name(self, text: str) -> tuple[str, ...]:
        """Territories that this text names (case, accents, hyphens, « st » and « ste » ignored), best naming first.

        « Saint-Roch », « st roch », « RLS de Sherbrooke », « Sherbrooke »; « Québec » is the city, hence its RLS.
        """
        if text.strip() in self.rows:
            return (text.strip(),)
        asked = _saints(key(text))
        if not asked:
            return ()
        if _WHOLE_PROVINCE.match(asked):
            return tuple(code for code in self.rows if self.depth(code) == 0)
        for form in (asked, _ARTICLES.sub("", asked), _KIND_WORDS.sub("", _ARTICLES.sub("", asked))):
            if form in self._by_name:
                return self._by_name[form]
        return ()

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Every folded name form → territories, for a reader of free text."""
        return dict(self._by_name)

    def _climb(self, code: str) -> tuple[str, ...]:
        path: list[str] = []
        parent = self.rows[code].parent_code
        while parent and parent in self.rows and parent not in path and parent != code:
            path.append(parent)
            parent = self.rows[parent].parent_code
        return tuple(path)

    def _index_names(self) -> dict[str, tuple[str, ...]]:
        """Form → codes. A form that names one territory more exactly than another belongs to the first alone."""
        ranked: dict[str, list[tuple[int, str]]] = {}
        for row in self.rows.values():
            for rank, form in enumerate(_name_forms(row.name)):
                ranked.setdefault(form, []).append((rank, row.code))
        best: dict[str, tuple[str, ...]] = {}
        for form, entries in ranked.items():
            top = min(rank for rank, _ in entries)
            best[form] = tuple(dict.fromkeys(code for rank, code in entries if rank == top))
        return best
