"""What the caller says must never reach a log: the query string of every address is cut before a record is written.

Nor must what opens a door by itself: the secret part of a personal link, or of a private calendar, is cut too.
"""

from __future__ import annotations

import copy
import logging
import re
from typing import Any

# From « ? » to the end of the address, wherever an address stands in a line of log.
_QUERY = re.compile(r"(?<=[^\s\"'<>?])\?[^\s\"'<>]+")
CUT = "?…"
_SECRET = re.compile(r"(/ententes/(?:lien|calendrier)/)[^\s\"'<>/?]+")


def without_query(text: str) -> str:
    """The text with the query string of every address in it replaced: « GET /?q=peur » → « GET /?… », and the secret of
    a personal address: « /ententes/lien/…/ »."""
    return _SECRET.sub(r"\1…", _QUERY.sub(CUT, text))


class WithoutQueryStrings(logging.Filter):
    """A logging filter for handlers: rewrites the message and its arguments. Lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            record.msg = without_query(record.msg)
        record.args = self._clean(record.args)
        # What the technical server attaches to its records, and formatters may print.
        if isinstance(getattr(record, "request", None), str):
            record.request = without_query(record.request)
        return True

    def _clean(self, args: Any) -> Any:
        if isinstance(args, dict):
            cleaned = copy.copy(args)  # gunicorn's own kind of dict answers for names that it does not hold
            cleaned.update({name: self._value(value) for name, value in args.items()})
            return cleaned
        if isinstance(args, tuple):
            return tuple(self._value(value) for value in args)
        return args

    @staticmethod
    def _value(value: Any) -> Any:
        return without_query(value) if isinstance(value, str) else value
