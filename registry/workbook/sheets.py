"""A handler per sheet: what its columns are, which record a row is, how a record reads and writes.

Each app registers its own handlers; the reader, the diff, the apply and the writer know only this interface.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from registry.models import Record
from registry.text import key

from .choices import join_list, resolve_list
from .lookup import Lookup
from .values import CONFIDENTIAL, TEXT_LIMIT, UNREADABLE, Reader, Reading, clean_text, read_cell

Values = dict[str, Any]

# In the identity of a row: a part that the file does not tell, which any record may have.
ANY = "*"


def as_cell(value: Any) -> Any:
    """A typed value as it is written in a cell (and shown in a diff)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, tuple):
        return join_list(value)
    if isinstance(value, Decimal):
        return float(value)
    return CONFIDENTIAL if isinstance(value, Secret) else value


def as_shown(cell: Any) -> Any:
    """A cell as JSON shows it."""
    return cell.isoformat() if isinstance(cell, dt.date) else cell


@dataclass(frozen=True)
class Secret:
    """A value that nobody but the database may see. Compares by content; never shows it."""

    content: Any = field(repr=False)

    def __str__(self) -> str:
        return CONFIDENTIAL

    def __repr__(self) -> str:
        return CONFIDENTIAL


@dataclass(frozen=True, kw_only=True)
class Column:
    """A canonical column: its heading, and how its cells read and show."""

    name: str
    read: Reader
    # Attribute of the model that holds the value as it is; empty = the handler deals with it.
    attribute: str = ""
    # What a blank cell means; what a new record has where the column is absent.
    blank: Any = ""
    show: Callable[[Any], Any] = as_cell
    # False: two lists of the same items are the same value.
    ordered: bool = True
    # True: points to records of the same sheet, some of them further down: read once all rows are known.
    within: bool = False
    # True: a leading + or - is ordinary there.
    plain: bool = False
    limit: int | None = TEXT_LIMIT
    # Other usual headings (from the handler's `synonyms`), and what its content looks like: `headings` uses both.
    aliases: tuple[str, ...] = ()
    shape: str = ""
    width: int = 20

    def same(self, old: Any, new: Any) -> bool:
        if not self.ordered and isinstance(old, tuple) and isinstance(new, tuple):
            return sorted(map(str, old)) == sorted(map(str, new))
        if isinstance(old, str) and isinstance(new, str):
            return _comparable(old) == _comparable(new)
        return bool(old == new)


_COMPARABLE = str.maketrans({"’": "'", "‘": "'", "\xa0": " ", "\u202f": " ", "\u2011": "-", "\r": None})


def _comparable(text: str) -> str:
    """Typography that spreadsheets change by themselves is not a change."""
    return " ".join(text.translate(_COMPARABLE).split())


@dataclass(frozen=True, slots=True)
class Known:
    """A record of the database, as the matching sees it."""

    pk: int
    code: str
    identity: tuple[str, ...]
    name: str = ""
    others: tuple[str, ...] = ()
    owner: str = ""
    # Reason why an import may not touch it, or empty.
    untouchable: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record of the database with its typed values by canonical column."""

    pk: int
    code: str
    values: Values


class Rejection(Exception):
    """The row cannot be imported; `reason` is one of `messages.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SheetHandler:
    """Base of all handlers."""

    name: ClassVar[str]
    model: ClassVar[type[Record]]
    columns: ClassVar[tuple[Column, ...]]
    # Columns that others depend on when they are read.
    read_first: ClassVar[tuple[str, ...]] = ()
    # Sheets that this one refers to: they are read and applied first.
    after: ClassVar[tuple[str, ...]] = ()
    code_column: ClassVar[str] = ""
    # Shape of the codes given to rows without one: prefix and number of digits.
    code_prefix: ClassVar[str] = ""
    code_digits: ClassVar[int] = 3
    # Columns that tell which record a row is; read before all others.
    identity_columns: ClassVar[tuple[str, ...]] = ()
    # How many of these, at the end, a record can do without.
    optional_identity: ClassVar[int] = 0
    # Where two rows with the same identity are two records (contacts): first with first, second with second.
    repeats: ClassVar[bool] = False
    # Other usual headings of each column, separated by « | ».
    synonyms: ClassVar[Mapping[str, str]] = {}
    # Pairs of columns of which the first is never above the second: their contents tell which is which.
    in_order: ClassVar[tuple[tuple[str, str], ...]] = ()
    # Other usual names of the sheet (`headings`).
    sheet_aliases: ClassVar[tuple[str, ...]] = ()
    # Column that names the record, for people.
    title_column: ClassVar[str] = ""
    # Column whose near matches with another record are worth a warning.
    name_column: ClassVar[str] = ""
    detects_duplicates: ClassVar[bool] = False
    # Model fields that bulk edits write; children and lists that go with them.
    relations: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        named = {name: tuple(word.strip() for word in words.split("|")) for name, words in cls.synonyms.items()}
        cls.columns = tuple(replace(column, aliases=named.get(column.name, ())) for column in cls.columns)

    def __init__(self) -> None:
        self.by_name: dict[str, Column] = {column.name: self._with_limit(column) for column in self.columns}

    def _with_limit(self, column: Column) -> Column:
        if not column.attribute:
            return column
        found = self.model._meta.get_field(column.attribute)
        longest = getattr(found, "max_length", None)
        if not longest or not isinstance(found, models.CharField) or found.choices:
            return column
        return replace(column, limit=longest)

    # --- Reading a row ---

    def read(self, column: Column, raw: Any, reading: Reading) -> Any:
        """The typed value of one cell, or UNREADABLE."""
        return read_cell(raw, reading, column.read, column.blank, limit=column.limit, plain=column.plain)

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        """The identity of a row, from its identity columns read so far. None where a column that it needs is absent
        from the file and the code is enough. Raises `Rejection`."""
        raise NotImplementedError

    @staticmethod
    def needed(row: Mapping[str, Any], column: str, reason: str, code_known: bool) -> Any:
        """The value of a column that a record cannot do without; None where the file does not have the column and
        the code already tells which record it is. Raises `Rejection`."""
        if column not in row:
            if code_known:
                return None
            raise Rejection(reason)
        value = row[column]
        if value is UNREADABLE or value in ("", (), None):
            raise Rejection(reason)
        return value

    def check(self, values: Values, reading: Reading, headings: Mapping[str, str]) -> None:
        """Relations between columns: warn, and correct `values` in place. `headings`: canonical → as written."""

    def names(self, row: Mapping[str, Any], identity: tuple[str, ...] | None) -> tuple[str, tuple[str, ...], str]:
        """How other cells may refer to a row: its name, its other names, and whose it is."""
        return "", (), ""

    def new_codes(self, used: Iterable[str], reserved: Container[str]) -> Iterator[str]:
        """Codes for records that have none: those after the highest in use, skipping any that the file speaks of."""
        pattern = re.compile(rf"{re.escape(self.code_prefix)}(\d+)")
        numbers = (int(match[1]) for code in used if (match := pattern.fullmatch(code)))
        for number in itertools.count(max(numbers, default=0) + 1):
            code = f"{self.code_prefix}{number:0{self.code_digits}d}"
            if code not in reserved:
                yield code

    def label(self, code: str, identity: tuple[str, ...] | None) -> str:
        """What the report shows for a record: its code, or the parts of its key."""
        return code or " / ".join(part for part in identity or () if part and part != ANY)

    def conflicts(self, values: Values, stored: Stored, reading: Reading, headings: Mapping[str, str]) -> None:
        """Differences that an import must not settle: warn and remove them from `values`."""

    def refuse_addition(self, values: Values, reading: Reading) -> str:
        """Why a new record with these values may not be added (one of `messages.REASONS`); empty when it may."""
        return ""

    # --- The database ---

    def known(self) -> Iterator[Known]:
        """Every record, drafts included, in a constant number of queries."""
        raise NotImplementedError

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        """Typed values of these records (all published ones, in export order, for None): constant queries."""
        raise NotImplementedError

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        """A new record, unsaved, with its children in memory. Columns with `within` are left out: see `link`."""
        raise NotImplementedError

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        """Put new values in a record loaded with its children."""
        raise NotImplementedError

    def outside(self, changes: Values) -> str:
        """The log action of an edit that touches nothing of the record itself; empty for an ordinary edit."""
        return ""

    def link(self, instance: Any, values: Values, refs: Refs) -> list[str]:
        """Set what points to records of the same sheet; the names of the fields set."""
        return []

    def after_create(self, user: Any, created: Sequence[tuple[Record, Values]]) -> None:
        """What a creation brings outside of the record itself."""

    def after_update(self, user: Any, updated: Sequence[tuple[Record, Values]]) -> None:
        """What an edit brings outside of the record itself."""

    # --- Shared ---

    def plain_values(self, row: Mapping[str, Any]) -> Values:
        """Typed values of the columns that are a field of the model, from a `values()` row."""
        return {column.name: _typed(row[column.attribute], column.blank) for column in self.columns if column.attribute}

    def set_plain(self, instance: Any, values: Values) -> None:
        for column in self.columns:
            if column.attribute and column.name in values:
                value = values[column.name]
                setattr(instance, column.attribute, list(value) if isinstance(value, tuple) else value)

    @property
    def plain_attributes(self) -> list[str]:
        return [column.attribute for column in self.columns if column.attribute]


def _typed(value: Any, blank: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return blank if value is None else value


class Refs:
    """Codes → primary keys of what rows refer to, while a diff is applied."""

    def __init__(self) -> None:
        self._maps: dict[tuple[type[models.Model], str], dict[str, int]] = {}
        self._lean: dict[tuple[type[models.Model], int], models.Model] = {}

    def pk(self, model: type[Record], code: str, attribute: str = "code") -> int | None:
        """Primary key of the record with this code; None for an empty one. Raises `Vanished` where it is gone."""
        if not code:
            return None
        found = self._map(model, attribute).get(code)
        if found is None:
            raise Vanished(model, code)
        return found

    def lean(self, model: type[Record], code: str, attribute: str = "code") -> Any:
        """A record with its key only: enough to fill a many-to-many relation."""
        pk = self.pk(model, code, attribute)
        if pk is None:
            raise Vanished(model, code)
        return self._lean.setdefault((model, pk), model(pk=pk))

    def learn(self, instances: Sequence[models.Model]) -> None:
        """Make records that were just added known (all of one model)."""
        for model, attribute in self._maps:
            if instances and isinstance(instances[0], model):
                self._maps[model, attribute].update({getattr(one, attribute): one.pk for one in instances})

    def _map(self, model: type[Record], attribute: str) -> dict[str, int]:
        if (model, attribute) not in self._maps:
            rows = model.all_objects.order_by().values_list(attribute, "pk")
            self._maps[model, attribute] = dict(rows.iterator(chunk_size=5000))
        return self._maps[model, attribute]


class Vanished(Exception):
    """A record that a row refers to was there when the diff was made and is gone."""

    def __init__(self, model: type[models.Model], code: str) -> None:
        super().__init__(f"{model._meta.verbose_name} {code}")
        self.code = code
        self.kind = str(model._meta.verbose_name)


def read_reference(sheet: str, missing: str, owner: str = "") -> Reader:
    """A reader of a code or a name of another sheet, or of the network; `owner` is the column that tells whose."""

    def read(raw: Any, reading: Reading) -> Any:
        held = reading.values.get(owner, "") if owner else ""
        found = reading.lookup[sheet].find(clean_text(raw), held if isinstance(held, str) else "")
        if found is None:
            reading.warn(missing, raw)
            return UNREADABLE
        return found

    return read


def read_references(sheet: str, missing: str, owner: str = "") -> Reader:
    """The same for several values in one cell."""

    def read(raw: Any, reading: Reading) -> Any:
        held = reading.values.get(owner, "") if owner else ""
        table, whose = reading.lookup[sheet], held if isinstance(held, str) else ""
        return resolve_list(raw, reading, lambda item: table.find(item, whose), missing)

    return read


# --- The registry of handlers --------------------------------------------------------------------------------------

_handlers: dict[str, SheetHandler] = {}


def register(handler: type[SheetHandler]) -> type[SheetHandler]:
    """Class decorator: make a sheet known. The order of registration is the order of the exported sheets."""
    _handlers[handler.name] = handler()
    return handler


def handlers() -> list[SheetHandler]:
    """All handlers, in the order of the exported workbook."""
    order = {name: position for position, name in enumerate(EXPORT_ORDER)}
    return sorted(_handlers.values(), key=lambda handler: order.get(handler.name, len(order)))


EXPORT_ORDER = (
    "Organismes", "Lieux", "Services", "Contacts", "Ententes", "Corridors", "Obligations", "Vocabulaire", "Territoires",
)  # fmt: skip


def handler_named(name: str) -> SheetHandler | None:
    """The handler of a canonical sheet, whatever its capitals and accents."""
    return next((handler for handler in _handlers.values() if key(handler.name) == key(name)), None)


def in_dependency_order(chosen: Sequence[SheetHandler]) -> list[SheetHandler]:
    """Referred to first: a sheet comes after those that it points to."""
    ordered: list[SheetHandler] = []

    def visit(handler: SheetHandler) -> None:
        for name in handler.after:
            needed = _handlers.get(name)
            if needed is not None:
                visit(needed)
        if handler not in ordered:
            ordered.append(handler)

    for handler in chosen:
        visit(handler)
    return [handler for handler in ordered if handler in chosen]


__all__ = [
    "ANY",
    "UNREADABLE",
    "Column",
    "Known",
    "Lookup",
    "Refs",
    "Rejection",
    "Secret",
    "SheetHandler",
    "Stored",
    "Values",
]
