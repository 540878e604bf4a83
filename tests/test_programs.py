"""What a machine lacks is told on a workstation, and fails integration."""

from __future__ import annotations

import pytest

from tests.programs import need


def test_what_is_there_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    need("/usr/bin/initdb", "PostgreSQL introuvable")


@pytest.mark.parametrize(("variable", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_what_is_not_there_skips_here_and_fails_integration(
    variable: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", variable)
    with pytest.raises(outcome, match="PostgreSQL introuvable"):
        need(None, "PostgreSQL introuvable")
