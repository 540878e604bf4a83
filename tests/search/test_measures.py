"""What the measures compute: percentiles, promises, memory, and larger networks made out of smaller ones."""

from __future__ import annotations

from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.indexing.__main__ import is_flat
from benchmarks.indexing.steps import Memory, _bodies
from benchmarks.latency import figures
from benchmarks.latency.network import Network
from benchmarks.latency.raw import Server, query
from benchmarks.synthetic.variants import SPREAD, varied
from search.documents import digest, texts
from search.engines import elasticsearch_writing as writing
from tests.factories import documents as factories

durations = st.lists(st.floats(0, 10_000), min_size=2, max_size=60)


@given(durations)
def test_percentiles_are_those_of_the_standard_library(values: list[float]) -> None:
    hundredths = quantiles(values, n=100, method="inclusive")
    for rank in figures.PERCENTILES:
        assert figures.percentile(values, rank) == pytest.approx(hundredths[rank - 1])
    assert figures.percentile(values, 0) == min(values)
    assert figures.percentile(values, 100) == max(values)


def test_nothing_measured_has_no_percentile() -> None:
    with pytest.raises(ValueError):
        figures.percentile([], 50)


@pytest.mark.parametrize(
    ("page", "broken"),
    [([29.0] * 10, []), ([31.0] * 10, ["p50"]), ([25.0] * 8 + [60.0] * 2, ["p95"]), ([70.0] * 10, ["p50", "p95"])],
)
def test_the_page_may_take_ten_milliseconds_more_and_half_as_much_again_when_slow(
    page: list[float], broken: list[str]
) -> None:
    raw = [20.0] * 10
    assert [problem[:3] for problem in figures.kept(raw, page)] == broken


def test_each_way_of_asking_is_compared_with_the_bare_search() -> None:
    lines = list(figures.table({"brut": [10.0] * 5, "page": [25.0] * 5}, "brut"))
    assert lines[1].split() == ["brut", "10.0", "10.0", "10.0", "1.00", "1.00", "1.00"]
    assert lines[2].split() == ["page", "25.0", "25.0", "25.0", "2.50", "2.50", "2.50"]


def test_memory_is_noted_at_each_quarter_and_must_stay_where_it_was() -> None:
    memory = Memory(10)
    for done in range(1, 11):
        memory(done)
    assert len(memory.held) == 4
    assert min(memory.held) > 1
    assert is_flat([100.0, 120.0, 110.0, 124.0])
    assert not is_flat([100.0, 110.0, 120.0, 130.0])


def networks() -> list[dict[str, Any]]:
    place = factories.location(latitude=46.8, longitude=-71.2)
    hidden = factories.location(confidential=True)
    return [factories.service(pk, locations=[place, hidden]) for pk in (3, 8, 21)]


@given(st.integers(3, 40))
def test_a_larger_network_says_the_same_words_under_other_codes_at_other_points(size: int) -> None:
    originals = networks()
    made = list(varied(originals, len(originals), size, 21))
    assert (
        len(made) == len({document["id"] for document in made}) == len({document["code"] for document in made}) == size
    )
    assert all(document["version"] == digest(document) for document in made)
    assert [document for document in made if document["code"] in ("SRV0003", "SRV0008", "SRV0021")] == originals
    assert {str(texts(document)) for document in made} == {str(texts(document)) for document in originals}
    for document in made:
        seen, unseen = document["locations"]
        assert abs(seen["latitude"] - 46.8) <= SPREAD / 2
        assert abs(seen["longitude"] + 71.2) <= SPREAD / 2
        assert unseen["latitude"] is None
    assert list(varied(networks(), 3, size, 21)) == made


def test_fewer_documents_than_there_are_cannot_be_made() -> None:
    with pytest.raises(ValueError):
        list(varied(networks(), 3, 2, 21))


def test_ready_documents_are_sent_whole_in_requests_as_large_as_those_of_a_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [writing.index_line(document["id"], 1, document) for document in networks()]
    (tmp_path / "pret").write_bytes(b"".join(lines))
    monkeypatch.setattr(writing, "BULK_BYTES", len(lines[0]) + 1)
    assert list(_bodies(tmp_path / "pret")) == [(2, lines[0] + lines[1]), (3, lines[2])]
    assert [body for _done, body in _bodies(tmp_path / "pret")] == list(writing._bodies(lines))


def test_two_folders_never_share_an_index_and_a_large_network_repeats_a_smaller_one(tmp_path: Path) -> None:
    here, there = (Network.of(1_000_000, tmp_path / name, "http://127.0.0.1:9200") for name in ("ici", "ailleurs"))
    assert here.prefix != there.prefix
    assert here.prefix == Network.of(1_000_000, tmp_path / "ici", "http://127.0.0.1:9200").prefix
    assert here.data == (tmp_path / "ici" / "100000").resolve()
    assert here.variables()["ELASTICSEARCH_INDEX"] == here.prefix


def test_the_bare_client_writes_parameters_as_the_server_reads_them_and_takes_no_secret() -> None:
    assert query({"allow_partial_search_results": False, "size": 3}) == "allow_partial_search_results=false&size=3"
    for url in ("https://recherche.exemple.ca", "http://moi:secret@127.0.0.1:9200"):
        with pytest.raises(ValueError, match="sans TLS"):
            Server(url)
