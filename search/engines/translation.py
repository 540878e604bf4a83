"""From predicates to tantivy: its schema, its queries, and the strings that its filter aggregations want.

The terms of text fields are cut by tantivy's own analyzers (search.analysis) and indexed whole, so that one predicate
has one meaning as a query and as a string. A word's typos and continuations are looked up in the index's dictionary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import orjson
import tantivy
from tantivy import Occur, Query

from .. import analysis
from ..documents import (
    GRIDS,
    INTEGER_FIELDS,
    INTERVAL_FIELDS,
    KEYWORD_FIELDS,
    LAYOUT,
    MAX_INTERVALS,
    intervals,
    keywords,
    texts,
)
from ..predicates import (
    EXACT,
    LOOSE,
    TEXTS,
    AllOf,
    AnyOf,
    Between,
    During,
    Not,
    Predicate,
    Terms,
    Word,
    all_of,
    near_words,
)
from .families import FAMILIES, Families, combination, field_of

KIND, SERVICE, META = "kind", "service", "meta"
EVERY = "every"  # the union of the text fields
# A set of terms costs tantivy an automaton (0.2 ms): below this many, a union of single terms is faster.
FEW = 100
# Counted: kept in columns too. Few combinations of the second ones exist: a column of these is counted faster.
_FACETED = frozenset({"availability", "program", "partner_type", "need", "served"})
COMBINED = frozenset({"access_mode", "language"})


def build_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(KIND, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("payload", stored=True)
    builder.add_unsigned_field("mark", stored=True)
    builder.add_text_field("recipe", stored=True, tokenizer_name="raw", index_option="basic")
    # The first eight bytes of the code as a number: ties are put in order without reading documents.
    builder.add_unsigned_field("order", fast=True)
    for name in KEYWORD_FIELDS:
        builder.add_text_field(name, fast=name in _FACETED, tokenizer_name="raw", index_option="basic")
    for name in sorted(COMBINED):
        builder.add_text_field(f"every_{name}", fast=True, tokenizer_name="raw", index_option="basic")
    for family in FAMILIES:
        builder.add_text_field(field_of(family), tokenizer_name="raw", index_option="basic")
    for name in INTEGER_FIELDS:
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in INTERVAL_FIELDS:
        for slot in range(MAX_INTERVALS):
            builder.add_integer_field(f"{name}_from_{slot}", indexed=True, fast=True)
            builder.add_integer_field(f"{name}_to_{slot}", indexed=True, fast=True)
    for name in (*TEXTS, EVERY):
        builder.add_text_field(f"word_{name}", tokenizer_name="raw", index_option="basic")
        builder.add_text_field(f"stem_{name}", tokenizer_name="raw", index_option="basic")
    return builder.build()


SCHEMA = build_schema()

# What an index was written with: layout, fields and analysis. An index of another format is rebuilt, never read.
FORMAT = hashlib.blake2b(
    repr([
        LAYOUT, KEYWORD_FIELDS, INTEGER_FIELDS, INTERVAL_FIELDS, MAX_INTERVALS, TEXTS, sorted(_FACETED),
        sorted(COMBINED), FAMILIES, GRIDS,
        sorted(analysis.STOP_WORDS), analysis.ELISIONS, analysis.WORD_PATTERN, analysis.STEMMER, version("tantivy"),
    ]).encode(),
    digest_size=6,
).hexdigest()  # fmt: skip


def order_key(code: str) -> int:
    """A number in the order of codes, as far as their first eight bytes tell."""
    return int.from_bytes(code.encode()[:8].ljust(8, b"\0"), "big")


def service_document(document: Mapping[str, Any]) -> tantivy.Document:
    """A ServiceDocument as tantivy stores and indexes it."""
    result = tantivy.Document()
    result.add_text(KIND, SERVICE)
    whole, spans_of = keywords(document), intervals(document)
    result.add_bytes("payload", orjson.dumps([document, whole, spans_of]))
    result.add_unsigned("order", order_key(document["code"]))
    for name, values in whole.items():
        for value in values:
            if name in INTEGER_FIELDS:
                result.add_integer(name, value)
            else:
                result.add_text(name, value)
    for name in COMBINED:
        result.add_text(f"every_{name}", orjson.dumps(whole[name]).decode())
    for family in FAMILIES:
        result.add_text(field_of(family), combination(family, whole))
    for name, spans in spans_of.items():
        for slot, (start, end) in enumerate(spans):
            result.add_integer(f"{name}_from_{slot}", start)
            result.add_integer(f"{name}_to_{slot}", end)
    every_word: dict[str, None] = {}
    every_stem: dict[str, None] = {}
    for name, text in texts(document).items():
        words, stems = dict.fromkeys(analysis.words(text)), dict.fromkeys(analysis.stems(text))
        for word in words:
            result.add_text(f"word_{name}", word)
        for stem in stems:
            result.add_text(f"stem_{name}", stem)
        every_word |= words
        every_stem |= stems
    for word in every_word:
        result.add_text(f"word_{EVERY}", word)
    for stem in every_stem:
        result.add_text(f"stem_{EVERY}", stem)
    return result


def meta_document(mark: int, recipe: str) -> tantivy.Document:
    """What the index knows of itself, in the same commit as the documents."""
    result = tantivy.Document()
    result.add_text(KIND, META)
    result.add_unsigned("mark", mark)
    result.add_text("recipe", recipe)
    return result


class Translator:
    """Predicates → tantivy, for one state of one index (its dictionary decides what a misspelt word may stand for)."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self._vocabulary: dict[str, list[str]] = {}
        self._near: dict[Word, tuple[str, ...]] = {}
        self._used_slots: dict[str, int] = {}
        self.families = Families(searcher, SCHEMA)

    def near(self, asked: Word) -> tuple[str, ...]:
        """The word itself, then the words of this index that it may stand for."""
        key = Word((), asked.word, asked.mode, asked.prefix)
        if key not in self._near:
            first = asked.word[:1]
            if first not in self._vocabulary:
                found = self.searcher.terms_with_prefix(f"word_{EVERY}", first)
                self._vocabulary[first] = [term for term, _count in found]
            if len(self._near) > 5_000:
                self._near.clear()
            self._near[key] = (asked.word, *near_words(asked, self._vocabulary[first]))
        return self._near[key]

    def _slots(self, field: str) -> int:
        """How many intervals the service that has most has: hardly any has more than two."""
        if field not in self._used_slots:
            self._used_slots[field] = next(
                (slot for slot in range(MAX_INTERVALS) if not self._holds(f"{field}_from_{slot}")), MAX_INTERVALS
            )
        return self._used_slots[field]

    def _holds(self, field: str) -> bool:
        found: Any = self.searcher.search(Query.exists_query(field), 1)
        return bool(found.count)

    # --- as queries

    def query(self, predicate: Predicate) -> Query:
        if not isinstance(predicate, Terms | Word):
            family = self.families.deciding(predicate)
            if family is not None:
                return self.families.sides(family, predicate)[0]
        match predicate:
            case Terms(field, values):
                return _terms(field, values)
            case Word():
                return _union([_terms(field, values) for field, values in self._word_terms(predicate)])
            case Between(field, low, high):
                return _range(field, low, high)
            case During(field, point):
                return _union([
                    Query.boolean_query([
                        (Occur.Must, _range(f"{field}_from_{slot}", None, point)),
                        (Occur.Must, _range(f"{field}_to_{slot}", point, None)),
                    ])
                    for slot in range(self._slots(field))
                ])  # fmt: skip
            case AnyOf(parts):
                return _union([self.query(part) for part in parts])
            case AllOf():
                return self._all(predicate)
            case Not(part):
                return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, self.query(part))])
            case _:
                return Query.all_query()

    def _all(self, predicate: AllOf) -> Query:
        """Everything asked, with fewest services looked at: what few services fail is excluded, not required."""
        required: list[Query] = []
        excluded: list[Query] = []
        either: list[tuple[Query, Query]] = []
        of_families: dict[str, list[Predicate]] = {}
        for part in _flat(predicate):
            family = self.families.deciding(part)
            if family is not None:
                of_families.setdefault(family, []).append(part)
            elif isinstance(part, Not):
                excluded.append(self.query(part.part))
            else:
                required.append(self.query(part))
        for family, parts in of_families.items():
            inside, outside = self.families.sides(family, all_of(parts))
            if outside is None:
                required.append(inside)
            else:
                either.append((inside, outside))
        if not required and either:
            required.append(either.pop()[0])
        excluded += [outside for _inside, outside in either]
        if not required:
            # tantivy finds nothing for a query that only excludes.
            required.append(Query.all_query())
        return Query.boolean_query([
            *((Occur.Must, part) for part in required), *((Occur.MustNot, part) for part in excluded),
        ])  # fmt: skip

    def scored(self, predicate: Predicate, weight: int) -> Query:
        return Query.const_score_query(self.query(predicate), float(weight))

    def begins(self, asked: tuple[str, tuple[str, ...], str]) -> Query:
        """Names that hold some whole words, and a word with this beginning (see hits.begins_with)."""
        field, whole, start = asked
        if whole and start in analysis.STOP_WORDS:
            # « maison des »: stop words are not indexed, the rest finds the name.
            return self.query(AllOf(tuple(Word((field,), word, EXACT) for word in whole)))
        found = self.searcher.terms_with_prefix(f"word_{field}", start)
        parts = [
            _terms(f"word_{field}", [term for term, _count in found]),
            *(_terms(f"word_{field}", [w]) for w in whole),
        ]
        return Query.boolean_query([(Occur.Must, part) for part in parts])

    def _word_terms(self, asked: Word) -> list[tuple[str, tuple[str, ...]]]:
        fields = (EVERY,) if set(asked.fields) == set(TEXTS) else asked.fields
        words = self.near(asked) if asked.mode == LOOSE else (asked.word,)
        found: list[tuple[str, tuple[str, ...]]] = [(f"word_{field}", words) for field in fields]
        if asked.mode != EXACT:
            found += [(f"stem_{field}", (analysis.stem(asked.word),)) for field in fields]
        return found

    # --- as strings

    def text(self, predicate: Predicate) -> str:
        """The same predicate in tantivy's query language (every value is quoted)."""
        match predicate:
            case Terms(field, values):
                return _among(field, values)
            case Word():
                return _either([_among(field, values) for field, values in self._word_terms(predicate)])
            case Between(field, low, high):
                return f"{field}:[{'*' if low is None else low} TO {'*' if high is None else high}]"
            case During(field, point):
                slots = range(self._slots(field))
                return _either([
                    f"(+{field}_from_{slot}:[* TO {point}] +{field}_to_{slot}:[{point} TO *])" for slot in slots
                ])  # fmt: skip
            case AnyOf(parts):
                return _either([self.text(part) for part in parts])
            case AllOf(parts):
                return "(" + " ".join(["+*", *(self._required(part) for part in parts)]) + ")"
            case Not(part):
                return f"(+* -{self.text(part)})"
            case _:
                return "*"

    def _required(self, part: Predicate) -> str:
        return f"-{self.text(part.part)}" if isinstance(part, Not) else f"+{self.text(part)}"


def _flat(predicate: AllOf) -> Iterator[Predicate]:
    for part in predicate.parts:
        if isinstance(part, AllOf):
            yield from _flat(part)
        else:
            yield part


_NONE = f'{KIND}:"nothing"'


def _quoted(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _among(field: str, values: Sequence[Any]) -> str:
    if len(values) > FEW:
        return f"{field}:IN [{' '.join(map(_quoted, values))}]"
    return _either([f"{field}:{_quoted(value)}" for value in values])


def _either(parts: Sequence[str]) -> str:
    return "(" + " OR ".join(parts) + ")" if parts else _NONE


def _terms(field: str, values: Sequence[Any]) -> Query:
    if not values:
        return Query.empty_query()
    if len(values) > FEW:
        return Query.term_set_query(SCHEMA, field, list(values))
    return _union([Query.term_query(SCHEMA, field, value, "basic") for value in values])


def _range(field: str, low: int | None, high: int | None) -> Query:
    if low is None and high is None:
        return Query.all_query()
    return Query.range_query(SCHEMA, field, tantivy.FieldType.Integer, low, high)


def _union(parts: Iterable[Query]) -> Query:
    found = list(parts)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, part) for part in found])
