"""Fixtures that every suite shares, and the closing summary: which suites ran, which could not, and why."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from importlib.metadata import version
from typing import Any

import pytest

from tools import elasticsearch_server

# Suite name → prefix of the test files that belong to it, relative to the repository's root.
SUITES = {
    "répertoire": "tests/registry/",
    "ententes et corridors": "tests/corridors/",
    "orientation": "tests/search/",
    "contrat des moteurs": "tests/test_engine_contract",
    "Elasticsearch": "tests/elasticsearch/",
    "pannes": "tests/faults/",
    "architecture": "tests/test_",
    "navigateur": "tests/browser/",
}


def chromium_path() -> str | None:
    """Where the browser is: $CHROMIUM, or Debian's."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


UNAVAILABLE: dict[str, str] = {}
if chromium_path() is None:
    UNAVAILABLE["navigateur"] = "Chromium introuvable (paquet « chromium », ou variable CHROMIUM)"
# The engines proper, as the contract names them in its tests: a real server of each major beside tantivy.
SERVERS = elasticsearch_server.running()
ENGINES = {
    "embedded": f"intégré (tantivy {version('tantivy')})",
    **{f"elasticsearch-{number}": f"Elasticsearch {number}" for number in SERVERS},
}
MISSING_MAJORS = [
    major for major in elasticsearch_server.RELEASES if not any(name.startswith(f"{major}.") for name in SERVERS)
]
if not SERVERS:
    UNAVAILABLE["Elasticsearch"] = "aucun serveur ne répond (make elasticsearch ES_MAJOR=8, puis 9)"
if not elasticsearch_server.is_at_hand(9):
    UNAVAILABLE["pannes"] = "aucun Elasticsearch à démarrer puis à couper (make elasticsearch ES_MAJOR=9 en obtient un)"


def suite_of(path: str) -> str:
    return next((name for name, prefix in SUITES.items() if path.startswith(prefix)), "autres")


@pytest.fixture(autouse=True)
def _isolated_search_index(tmp_path: Any, settings: Any) -> None:
    """Each test writes its own index: none may depend on what another left."""
    settings.SEARCH_INDEX_DIR = tmp_path / "index"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        reason = UNAVAILABLE.get(suite_of(item.nodeid))
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    ran: Counter[str] = Counter()
    proven: Counter[str] = Counter()
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            if getattr(report, "when", "call") == "call" or outcome == "error":
                ran[suite_of(report.nodeid)] += 1
                if suite_of(report.nodeid) == "contrat des moteurs":
                    asked = report.nodeid.partition("[")[2].rstrip("]")
                    proven.update(engine for engine in ENGINES if f"-{engine}-" in f"-{asked}-")
    skipped = Counter(suite_of(report.nodeid) for report in terminalreporter.stats.get("skipped", []))
    terminalreporter.section("suites")
    for name in SUITES:
        if name in UNAVAILABLE:
            terminalreporter.line(f"{name:24s} n’a pas tourné : {UNAVAILABLE[name]}")
        else:
            note = f", {skipped[name]} sautés" if skipped[name] else ""
            terminalreporter.line(f"{name:24s} {ran[name]} tests{note}")
        if name == "contrat des moteurs":
            for engine, label in ENGINES.items():
                terminalreporter.line(f"{'':24s}   {label} : {proven[engine]} tests")
            for major in MISSING_MAJORS:
                hint = f"aucun serveur (make elasticsearch ES_MAJOR={major})"
                terminalreporter.line(f"{'':24s}   Elasticsearch {major} : n’a pas tourné, {hint}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if servers := sys.modules.get("tests.elasticsearch_servers"):
        servers.clean_all()
    # On the integration machine a suite that could not run is a failure, not a footnote; so is a missing server.
    if (
        os.environ.get("CI") == "true"
        and (UNAVAILABLE or MISSING_MAJORS)
        and not hasattr(session.config, "workerinput")
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
