"""How far, and how long still."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.imports import progress
from registry.imports.progress import Progress


@pytest.mark.parametrize(
    ("done", "total", "elapsed", "words"),
    [
        (0, 100, 60, ""),
        (1, 100, 60, ""),  # too soon to tell
        (50, 100, 1, ""),
        (50, 100, 20, "environ 20\xa0secondes"),
        (50, 100, 22, "environ 20\xa0secondes"),
        (90, 100, 10, "environ 1\xa0seconde"),
        (10, 100, 60, "environ 9\xa0minutes"),
        (100, 100, 60, ""),
    ],
)
def test_time_left(done: int, total: int, elapsed: float, words: str) -> None:
    assert Progress("Lecture", done, total, started=1000.0, at=1000.0 + elapsed).time_left == words


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.floats(0, 10**6))
def test_never_past_the_end(done: int, total: int, elapsed: float) -> None:
    now = Progress("Lecture", done, total, 0.0, elapsed)
    assert 0 <= now.percent <= 100
    assert now.seconds_left is None or now.seconds_left >= 0
    assert "-" not in now.time_left


def test_told_then_forgotten() -> None:
    with progress.Reporter(7) as reporter:
        reporter.start("Lecture", 10)
        reporter.tell(10)
        assert progress.is_alive(7)
        assert (progress.read(7).phase, progress.read(7).done) == ("Lecture", 10)
    assert not progress.is_alive(7)
    assert progress.read(7) == Progress()


def test_a_file_cut_short_tells_nothing(tmp_path: object) -> None:
    with progress.Reporter(8) as reporter:
        reporter._path.write_text('{"phase": "Lect')
        assert progress.read(8) == Progress()
