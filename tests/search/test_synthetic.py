"""Invented networks: the same every time, of the size asked, that import whole; and the documents that go with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.synthetic.documents import Documents
from benchmarks.synthetic.learned import Learned
from benchmarks.synthetic.network import SHEETS, Network
from benchmarks.synthetic.workbook import write
from registry.models import Service
from registry.workbook import apply, diff
from search import projection


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(120, seed=3)


def test_the_same_seed_makes_the_same_network_another_makes_another(network: Network) -> None:
    learned = Learned.from_demo()
    for name in SHEETS:
        assert list(network.rows(name)) == list(Network(120, seed=3, learned=learned).rows(name)), name
    assert list(network.rows("Services")) != list(Network(120, seed=4, learned=learned).rows("Services"))


def test_it_has_the_size_asked_and_the_proportions_of_the_demo_network() -> None:
    network = Network(4000, seed=1)
    sizes = {name: sum(1 for _row in network.rows(name)) for name in SHEETS}
    assert sizes["Services"] == 4000
    demo = network.learned
    for name in ("Organismes", "Lieux", "Contacts", "Ententes", "Corridors", "Obligations"):
        assert sizes[name] / 4000 == pytest.approx(demo.per_service(name), rel=0.25), name
    visible = sum(row["Visibilité"] == "Publique" for row in network.rows("Services")) / 4000
    assert visible == pytest.approx(
        sum(row["Visibilité"] == "Publique" for row in demo.rows["Services"]) / 457, abs=0.05
    )


@pytest.mark.parametrize("size", [0, 99, 1_000_001])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(ValueError):
        Network(size)


def plain(value: Any) -> Any:
    """Without what only a database gives: primary keys, and the seal that covers them."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if name not in ("id", "hours_id", "version")}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.slow
def test_the_workbook_imports_whole_and_projects_to_the_same_documents(
    db: None, network: Network, tmp_path: Path
) -> None:
    path = tmp_path / "reseau.xlsx"
    sizes = write(network, path)
    found = diff.compute(path)
    assert {sheet.handler.name: len(sheet.added) for sheet in found.sheets} == sizes
    assert not [item for sheet in found.sheets for item in (*sheet.rejected, *sheet.warnings)]
    apply.apply(found)
    pks = list(Service.objects.order_by("code").values_list("pk", flat=True))
    projected = {document["code"]: plain(document) for document in projection.documents(pks)}
    made = {document["code"]: plain(document) for document in Documents(network)}
    assert made.keys() == projected.keys()
    for code, document in made.items():
        assert document == projected[code]
