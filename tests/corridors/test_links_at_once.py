"""One link in two windows at the same moment: one signature, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests import postgresql_server, programs

WINDOWS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    found = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    found |= {"PASSERELLES_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings.development"}
    if request.param == "sqlite":
        yield found
        return
    programs.need(postgresql_server.programs(), "PostgreSQL introuvable (paquet « postgresql » de Debian)")
    with postgresql_server.running() as address:
        yield found | {"DATABASE_URL": address}


def start(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.corridors.link_process", *words], cwd=settings.BASE_DIR, env=environment,
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def said(process: subprocess.Popen[str], heard: str = "\n") -> str:
    out, err = process.communicate(heard, timeout=180)
    assert process.returncode == 0, err
    return out.strip()


@pytest.mark.slow
def test_one_link_signs_once_however_many_windows(environment: dict[str, str]) -> None:
    token = said(start(environment, "prepare")).splitlines()[-1]
    windows = [start(environment, "sign", token) for _one in range(WINDOWS)]
    for window in windows:
        assert window.stdout is not None
        assert window.stdout.readline() == "READY\n"
    for window in windows:
        assert window.stdin is not None
        window.stdin.write("\n")
        window.stdin.flush()
    assert sorted(said(window, "") for window in windows) == ["signed", *["utilise"] * (WINDOWS - 1)]
    assert said(start(environment, "show")) == "1 1"
