"""Fixtures that every suite shares, and the closing summary: which suites ran, which could not, and why."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import Any

import pytest

# Suite name → prefix of the test files that belong to it, relative to the repository's root.
SUITES = {
    "répertoire": "tests/registry/",
    "ententes et corridors": "tests/corridors/",
    "orientation": "tests/search/",
    "contrat des moteurs": "tests/test_engine_contract",
    "architecture": "tests/test_",
    "navigateur": "tests/browser/",
}


def chromium_path() -> str | None:
    """Where the browser is: $CHROMIUM, or Debian's."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


UNAVAILABLE: dict[str, str] = {}
if chromium_path() is None:
    UNAVAILABLE["navigateur"] = "Chromium introuvable (paquet « chromium », ou variable CHROMIUM)"


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
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            if getattr(report, "when", "call") == "call" or outcome == "error":
                ran[suite_of(report.nodeid)] += 1
    skipped = Counter(suite_of(report.nodeid) for report in terminalreporter.stats.get("skipped", []))
    terminalreporter.section("suites")
    for name in SUITES:
        if name in UNAVAILABLE:
            terminalreporter.line(f"{name:24s} n’a pas tourné : {UNAVAILABLE[name]}")
        else:
            note = f", {skipped[name]} sautés" if skipped[name] else ""
            terminalreporter.line(f"{name:24s} {ran[name]} tests{note}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    # On the integration machine a suite that could not run is a failure, not a footnote.
    if os.environ.get("CI") == "true" and UNAVAILABLE and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
