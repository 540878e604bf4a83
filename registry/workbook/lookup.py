"""What a cell can refer to: records of the network, and those that an earlier sheet of the same file adds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz import fuzz

from registry.text import key

# « CLSC de la Rive (CLSC-R) »
_IN_BRACKETS = re.compile(r"(.+?)\s*[(\[]([^()\[\]]+)[)\]]", re.DOTALL)
_AROUND = " \t\n-–—:;,|/()[]"
# From this resemblance on, the name beside a code is that of the record.
_ALIKE = 88


class Table:
    """Everything of one kind that can be named, by code, by name, by other name; within an owner where there is one."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        self._others: dict[str, set[str]] = {}
        self._owned: dict[tuple[str, str], str] = {}
        self._name_of: dict[str, str] = {}

    def add(self, code: str, name: str = "", others: Iterable[str] = (), owner: str = "") -> None:
        """Make a record known. The first of two records with one name keeps it: a later one is a probable duplicate."""
        self._codes[code.upper()] = code
        folded = key(name)
        previous = self._name_of.get(code)
        if previous is not None and previous != folded:  # the file renames it: its former name still finds it
            self._others.setdefault(previous, set()).add(code)
        if folded:
            holders = self._names.setdefault(folded, [])
            if code not in holders:
                holders.append(code)
            self._name_of[code] = folded
            if owner:
                self._owned.setdefault((owner, folded), code)
        for other in others:
            if folded_other := key(other):
                self._others.setdefault(folded_other, set()).add(code)

    def __contains__(self, code: str) -> bool:
        return code.upper() in self._codes

    def find(self, text: str, owner: str = "") -> str | None:
        """The code of what `text` names: a code; a name (of that owner first); another name that one record has; two
        of these side by side that agree (« ORG001 - CLSC de la Rive », « CLSC de la Rive (ORG001) »)."""
        whole = self._find(text, owner)
        if whole is not None or " " not in text.strip():
            return whole
        for code, name in self._code_and_name(text):
            if self._may_be(code, name):
                return code
        both = _IN_BRACKETS.fullmatch(text.strip())
        if both is None:
            return None
        one, other = self._find(both[1], owner), self._find(both[2], owner)
        return one if one is not None and one == other else None

    def _code_and_name(self, text: str) -> Iterator[tuple[str, str]]:
        words = text.split()
        for place, rest in ((0, words[1:]), (-1, words[:-1])):
            code = self._codes.get(words[place].strip(_AROUND).upper())
            if code is not None:
                yield code, " ".join(rest).strip(_AROUND)

    def _may_be(self, code: str, text: str) -> bool:
        """True where `text` is a name of that record, near enough: beside its code, a short or misspelt one will do."""
        folded = key(text)
        if not folded or folded == key(code) or code in self._others.get(folded, ()):
            return True
        spoken = {self._codes.get(word.strip(_AROUND).upper(), code) for word in text.split()}
        if spoken != {code}:  # a second code: two records, or a doubt
            return False
        name = self._name_of.get(code, "")
        words = [word for word in folded.split() if len(word) > 2]
        return bool(words and set(words) <= set(name.split())) or fuzz.ratio(folded, name) >= _ALIKE

    def _find(self, text: str, owner: str) -> str | None:
        exact = self._codes.get(" ".join(text.split()).upper())
        if exact is not None:
            return exact
        folded = key(text)
        if not folded:
            return None
        if owner:
            owned = self._owned.get((owner, folded))
            if owned is not None:
                return owned
        named = self._names.get(folded)
        if named:
            # Within an owner, a common name (« Bureau principal ») of somebody else's is no answer.
            return named[0] if not owner or len(named) == 1 else None
        others = self._others.get(folded, set())
        return next(iter(others)) if len(others) == 1 else None


class Lookup:
    """The tables, by canonical sheet name; `reserved` codes are spoken of in the file and must not be given away."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}
        self.reserved: set[str] = set()

    def __getitem__(self, sheet: str) -> Table:
        return self._tables.setdefault(sheet, Table())

    @property
    def tables(self) -> Mapping[str, Table]:
        return self._tables
