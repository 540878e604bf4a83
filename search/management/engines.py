"""The option `--engine` of the commands on indexes."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from search.engines import NAMES, get_engine, kept_names
from search.engines.base import Engine

ALL = "all"


def add_engine_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        choices=[*NAMES, ALL],
        default=ALL,
        help="l’index dont il s’agit (par défaut\u00a0: tous ceux que cette machine tient à jour)",
    )


def chosen_engines(name: str) -> list[Engine]:
    """Raises CommandError, in French, when a setting lacks."""
    try:
        return [get_engine(one) for one in (kept_names() if name == ALL else (name,))]
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from error


@contextmanager
def ended_properly() -> Iterator[None]:
    """SIGTERM inside is like Ctrl+C: what is under way is given up in order. Only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*args: Any) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
