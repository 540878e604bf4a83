"""The one analysis, on the server: what is indexed, and what the server itself makes of the same text."""

from __future__ import annotations

from typing import Any

import pytest

from search import analysis
from search.engines.elasticsearch import ElasticsearchEngine
from tests.factories.documents import service
from tests.search.test_analysis import GOLDEN


def native(engine: ElasticsearchEngine, analyzer: str, text: str) -> list[str]:
    """The tokens that the server cuts from a text."""
    body = {"analyzer": analyzer, "text": text}
    answer = engine.client.call("POST", f"/{engine.indexes.live}/_analyze", body)
    return [row["token"] for row in answer["tokens"]]


def holders(engine: ElasticsearchEngine, field: str, terms: list[str]) -> dict[str, set[int]]:
    """Term → primary keys of the services that the index holds it for, in this field."""
    aggregations = {
        f"t{place}": {"filter": {"term": {field: term}}, "aggs": {"ids": {"terms": {"field": "id", "size": 1_000}}}}
        for place, term in enumerate(terms)
    }
    answer = engine.client.call("POST", f"/{engine.indexes.live}/_search", {"size": 0, "aggs": aggregations})
    return {
        term: {int(bucket["key"]) for bucket in answer["aggregations"][f"t{place}"]["ids"]["buckets"]}
        for place, term in enumerate(terms)
    }


def test_the_server_cuts_golden_texts_as_the_specification_says(engine: ElasticsearchEngine) -> None:
    engine.rebuild([], 0, 0)
    for text, folded, stemmed in GOLDEN:
        assert native(engine, "passerelles_words", text) == folded.split(), text
        assert native(engine, "passerelles_stems", text) == stemmed.split(), text


def test_the_index_holds_the_golden_terms_and_no_others(engine: ElasticsearchEngine) -> None:
    rows = [service(number, text, description="") for number, (text, *_) in enumerate(GOLDEN, start=1)]
    engine.rebuild(rows, 1, len(rows))
    golden = {
        "word_name": [folded.split() for _text, folded, _stemmed in GOLDEN],
        "near_name": [[word for word in folded.split() if word.isalpha()] for _text, folded, _stemmed in GOLDEN],
        "stem_name": [stemmed.split() for _text, _folded, stemmed in GOLDEN],
    }
    asked = sorted(
        {word for found in (*golden["word_name"], *golden["stem_name"]) for word in found} | {"l", "de", "été"}
    )
    for field, texts in golden.items():
        expected = {term: {pk for pk, held in enumerate(texts, start=1) if term in held} for term in asked}
        assert holders(engine, field, asked) == expected, field
    every = holders(engine, "word_every", asked)
    assert all(every[word] >= {pk} for pk, held in enumerate(golden["word_name"], start=1) for word in held)


@pytest.mark.parametrize("text", ["Violences conjugales", "des écoles d’été", "L'HÉBERGEMENT des aînés"])
def test_somebody_else_s_free_text_meets_our_terms(engine: ElasticsearchEngine, text: str) -> None:
    """The server analyses what another tool of the centre searches in these fields."""
    engine.rebuild(
        [service(1, "Hébergement pour aîné"), service(2, "Violence conjugale"), service(3, "École d'été")], 1, 3
    )
    query: dict[str, Any] = {"query": {"match": {"stem_name": {"query": text, "operator": "and"}}}, "_source": False}
    answer = engine.client.call("POST", f"/{engine.indexes.live}/_search", query)
    expected = {"Violences conjugales": "2", "des écoles d’été": "3", "L'HÉBERGEMENT des aînés": "1"}
    assert [hit["_id"] for hit in answer["hits"]["hits"]] == [expected[text]]


def test_both_stemmers_agree_on_the_words_of_a_network(engine: ElasticsearchEngine) -> None:
    """The words of the demo network: what the server stems differently is a handful, and known."""
    from python_calamine import CalamineWorkbook

    from tests.search.network import WORKBOOK

    cells = (cell for row in CalamineWorkbook.from_path(str(WORKBOOK)).get_sheet_by_name("Services").to_python()[1:]
             for cell in row if isinstance(cell, str))  # fmt: skip
    words = sorted({word for text in cells for word in analysis.words(text) if word.isalpha()})
    assert len(words) > 1_000
    engine.rebuild([], 0, 0)
    differing = [
        (ours, theirs)
        for start in range(0, len(words), 500)
        for ours, theirs in zip(
            [analysis.stem(word) for word in words[start : start + 500]],
            native(engine, "passerelles_stems", " ".join(words[start : start + 500])),
            strict=True,
        )
        if ours != theirs
    ]
    assert len(differing) <= 5, differing
