"""What an Elasticsearch index of ours is: its strict mapping, its settings, and a document as it is indexed.

Text is cut by `search.analysis`, the one analysis of both engines, and indexed token by token: the two engines then
hold the very same terms, and a score is the same on both (see docs/decisions). The same analysis is declared to the
server too, as what cuts a text that somebody searches in these fields from elsewhere; tests compare the two, token by
token.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from elasticsearch import dsl

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
from ..predicates import TEXTS

EVERY = "every"  # the union of the text fields
FACETED = frozenset({"availability", "access_mode", "program", "partner_type", "need", "served", "language"})
CHOSEN = frozenset({"hours", "age_known"})  # integers that are asked for one by one, never between bounds
BULKY = 1_000_000  # deepest answer that a page may ask for
META = "meta"  # the _id of the one document that is no service; its version is the mark of the index
LAYOUT_HERE = 1  # bump when this module indexes otherwise

# --- The analysis, as the server would do it -----------------------------------------------------------------------

_MARKS = "\u0300\u0301\u0302\u0303\u0308\u0327"  # the combining marks of French and its neighbours


def _compositions() -> list[str]:
    """« e + combining acute => é » for every letter that has such a composed form."""
    found = []
    for mark in _MARKS:
        for base in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
            composed = unicodedata.normalize("NFC", base + mark)
            if len(composed) == 1:
                found.append(f"{base}\\u{ord(mark):04x} => {composed}")
    return found


_written = dsl.char_filter(
    "passerelles_writing",
    "mapping",
    mappings=[*(f"\\u{ord(sign):04x} => '" for sign in "’‘ʼ´`′＇"), *_compositions()],
)
_tokens = dsl.tokenizer("passerelles_tokens", "pattern", pattern=analysis.WORD_PATTERN, group=0)
_folded = [
    dsl.token_filter("passerelles_length", "length", max=analysis.LONGEST_WORD - 1),
    dsl.token_filter("passerelles_elision", "elision", articles=list(analysis.ELISIONS), articles_case=True),
    "lowercase",
    "asciifolding",
    dsl.token_filter("passerelles_stop", "stop", stopwords=sorted(analysis.STOP_WORDS)),
]
WORDS = dsl.analyzer("passerelles_words", tokenizer=_tokens, char_filter=[_written], filter=_folded)
STEMS = dsl.analyzer(
    "passerelles_stems",
    tokenizer=_tokens,
    char_filter=[_written],
    filter=[*_folded, dsl.token_filter("passerelles_snowball", "snowball", language=analysis.STEMMER)],
)

# What is kept of a text: its words; those of letters only, where a typo is looked for (predicates.near_words); stems.
_STREAMS = {"word": WORDS, "near": WORDS, "stem": STEMS}

# --- The mapping ---------------------------------------------------------------------------------------------------


def _tokens_field(search_analyzer: Any, **more: Any) -> dsl.Text:
    """A field whose values are tokens already: each is indexed as it is."""
    return dsl.Text(analyzer="keyword", search_analyzer=search_analyzer, norms=False, index_options="docs", **more)


def build_mapping() -> dsl.Mapping:
    """The mapping as the builder has it: strict, and only the payload is stored."""
    mapping = dsl.Mapping()
    mapping.meta("dynamic", "strict")
    # What is searched need not be read back: the payload holds it all.
    mapping.meta("_source", includes=["payload", "version"])
    mapping.field("payload", dsl.Object(enabled=False))
    mapping.field("version", dsl.Keyword(index=False, doc_values=True))
    mapping.field("label", dsl.Keyword(index=False, doc_values=True))
    for name in KEYWORD_FIELDS:
        mapping.field(name, dsl.Keyword(doc_values=name in FACETED or name == "code"))
    for name in INTEGER_FIELDS:
        if name == "id":
            mapping.field(name, dsl.Long(doc_values=True))
        elif name in CHOSEN:
            mapping.field(name, dsl.Keyword(doc_values=False, fields={"number": dsl.Integer(doc_values=False)}))
        else:
            mapping.field(name, dsl.Integer(doc_values=False))
    for name in INTERVAL_FIELDS:
        mapping.field(name, dsl.LongRange(doc_values=False))
    for stream, search_analyzer in _STREAMS.items():
        mapping.field(f"{stream}_{EVERY}", _tokens_field(search_analyzer))
        for name in TEXTS:
            mapping.field(f"{stream}_{name}", _tokens_field(search_analyzer, copy_to=f"{stream}_{EVERY}"))
    return mapping


def _body() -> dict[str, Any]:
    mapping = build_mapping()
    return {
        "mappings": mapping.to_dict(),
        "settings": {
            "analysis": mapping._collect_analysis(),
            "max_result_window": BULKY,
            # How long the version of a deleted service is remembered: an old write that comes late stays refused.
            "gc_deletes": "1h",
        },
    }


BODY: dict[str, Any] = _body()

# What an index was written with. It is part of the alias: a program never reads an index of another format.
FORMAT = hashlib.blake2b(
    orjson.dumps(
        [LAYOUT, LAYOUT_HERE, BODY, MAX_INTERVALS, {name: list(size) for name, size in GRIDS.items()}],
        option=orjson.OPT_SORT_KEYS,
    ),
    digest_size=6,
).hexdigest()


# --- A document ----------------------------------------------------------------------------------------------------


def indexed(document: Mapping[str, Any]) -> bytes:
    """A ServiceDocument as the server indexes it: one line of JSON, its end included. `payload` holds the document, its
    keywords and its intervals."""
    whole, spans = keywords(document), intervals(document)
    organization = document["organization"]
    result: dict[str, Any] = {name: values for name, values in whole.items() if values}
    result["id"] = document["id"]
    for name, pairs in spans.items():
        if pairs:
            result[name] = [{"gte": start, "lte": end} for start, end in pairs]
    for name, text in texts(document).items():
        if text:
            word, near, stem = _NAMES[name]
            words, letters, stems = analysis.terms(text) if name in _OWN else _terms(text)
            if words:
                result[word] = words
                if letters:
                    result[near] = letters
                result[stem] = stems
    # What autocomplete needs of a service, apart from the rest: it reads many of them for few letters.
    result["label"] = orjson.dumps({
        "code": document["code"], "name": document["name"],
        "organization": {name: organization[name] for name in ("name", "acronym", "other_names", "code")},
    }).decode()  # fmt: skip
    result["version"] = document["version"]
    result["payload"] = {"document": document, "keywords": whole, "intervals": spans}
    return orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)


# The fields of a text, stream by stream.
_NAMES = {name: tuple(f"{stream}_{name}" for stream in _STREAMS) for name in TEXTS}

# A name and a description are one listing's own. The rest comes back: listings are written by organisation.
_OWN = frozenset({"name", "description"})
_terms = lru_cache(maxsize=2_000)(analysis.terms)
