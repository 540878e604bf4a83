"""What a cell can refer to: records of the network, and those that an earlier sheet of the same file adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registry.text import key


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
        """The code of what `text` names: a code; a name (of that owner first); another name that one record has."""
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
