"""What an import may not change of an entente whose text is signed in the system: reported cell by cell, not taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from weakref import WeakKeyDictionary

from corridors import sealed
from corridors.enums import AgreementStatus
from registry.workbook.lookup import Lookup
from registry.workbook.sheets import Column, SheetHandler, Stored, Values
from registry.workbook.values import UNREADABLE, Reading

# The sealed ententes, by number, as one comparison of a file finds them: kept as long as the comparison is.
_known: WeakKeyDictionary[Lookup, Mapping[str, AgreementStatus]] = WeakKeyDictionary()


def sealed_numbers(lookup: Lookup) -> Mapping[str, AgreementStatus]:
    """Number → the decision after which its text is no longer edited. Two SQL queries for a whole file."""
    found = _known.get(lookup)
    if found is None:
        found = _known[lookup] = sealed.sealing_numbers()
    return found


class SealedSheet(SheetHandler):
    """A sheet of which some columns are terms of an entente."""

    columns: ClassVar[tuple[Column, ...]] = ()
    # Columns that the parties sign.
    agreed: ClassVar[frozenset[str]] = frozenset()
    # The column that names the entente; empty where the row is the entente.
    of_entente: ClassVar[str] = ""

    def conflicts(self, values: Values, stored: Stored, reading: Reading, headings: Mapping[str, str]) -> None:
        numbers = sealed_numbers(reading.lookup)
        own = stored.values[self.of_entente] if self.of_entente else stored.code
        other = values.get(self.of_entente) if self.of_entente else None
        if own not in numbers and (other is UNREADABLE or other not in numbers):
            return
        # An open entente's corridor that the file gives to a signed one stays where it is; the rest may change.
        held = self.agreed if own in numbers else {self.of_entente}
        for name in held & values.keys():
            value = values.pop(name)
            if value is not UNREADABLE and not self.by_name[name].same(stored.values[name], value):
                reading.warn("texte_signe", self.by_name[name].show(value), column=headings[name])

    def refuse_addition(self, values: Values, reading: Reading) -> str:
        number = values.get(self.of_entente) if self.of_entente else None
        return "entente_signee" if isinstance(number, str) and number in sealed_numbers(reading.lookup) else ""
