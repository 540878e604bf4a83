"""Writing a diff: one transaction for the whole file, all or nothing.

Inside it, every old value is looked at again: if the network has moved since the diff was made, nothing is written and
the message says where.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, reset_queries

from registry import bulk, importing, policies

from .diff import Added, Changed, Diff, SheetDiff
from .sheets import Refs, Secret, SheetHandler, Values, Vanished, in_dependency_order

BATCH = 400
# (sheet, records written, records to write) while applying.
Progress = Callable[[str, int, int], None]


class ApplyConflict(Exception):
    """The network has moved since the diff: nothing was written. The message, in French, names the row and field."""


@dataclass(frozen=True)
class Applied:
    """How many records were added and changed."""

    added: int = 0
    changed: int = 0


def apply(diff: Diff, user: Any = None, progress: Progress | None = None) -> Applied:
    """Write everything that the diff holds, or nothing. Raises `ApplyConflict` and PermissionDenied.

    `user`: who imports; None is the command line. What is written is let go of on the way: a diff serves once.
    """
    tell = progress or (lambda sheet, done, total: None)
    for sheet in diff.sheets:
        policies.require(user, policies.IMPORT, sheet.handler.model)
    try:
        with importing.announced():
            return _write(diff, user, tell)
    except importing.InProgress as error:
        raise ApplyConflict(str(error)) from error


def _write(diff: Diff, user: Any, tell: Progress) -> Applied:
    added = changed = 0
    operation = uuid.uuid4()
    refs = Refs()
    order = [handler.name for handler in in_dependency_order([sheet.handler for sheet in diff.sheets])]
    for sheet in sorted(diff.sheets, key=lambda sheet: order.index(sheet.handler.name)):
        if not sheet.added and not sheet.changed:
            continue
        if any(item.is_gone for item in sheet.added):
            raise ApplyConflict("Cette comparaison a déjà servi. Rien n’a été écrit. Relancez l’import.")
        try:
            _SheetWriter(sheet, user, refs, tell, diff.file, operation).write()
        except Vanished as gone:
            raise ApplyConflict(
                f"Feuille « {sheet.plan.sheet.name} » : {gone.kind} {gone.code} n’existe plus. Rien n’a été "
                "écrit. Relancez l’import."
            ) from gone
        except IntegrityError as error:
            raise ApplyConflict(
                f"Feuille « {sheet.plan.sheet.name} » : le réseau a changé pendant l’import, ou deux lignes se "
                "contredisent. Rien n’a été écrit. Relancez l’import."
            ) from error
        except ValidationError as refused:
            raise ApplyConflict(
                f"Feuille « {sheet.plan.sheet.name} » : {' '.join(refused.messages)} Rien n’a été écrit. Relancez "
                "l’import pour voir la différence à jour."
            ) from refused
        added += len(sheet.added)
        changed += len(sheet.changed)
    return Applied(added, changed)


class _SheetWriter:
    def __init__(
        self, sheet: SheetDiff, user: Any, refs: Refs, tell: Progress, file: str, operation: uuid.UUID
    ) -> None:
        self.sheet, self.handler, self.user, self.refs, self.tell = sheet, sheet.handler, user, refs, tell
        self.file, self.operation = file, operation
        self.done, self.total = 0, len(sheet.added) + len(sheet.changed)

    def write(self) -> None:
        self._check_added()
        keys = [item.pk for item in self.sheet.changed]
        data = {"import": self.file}
        with bulk.Batch(self.user, self.handler.model, keys, data, self.operation) as batch:
            # Additions first: a changed record may point to one.
            self._create(batch)
            for start in range(0, len(self.sheet.changed), BATCH):
                self._edit(batch, self.sheet.changed[start : start + BATCH])

    def _create(self, batch: bulk.Batch) -> None:
        within = [column.name for column in self.handler.columns if column.within]
        for some in _by_reference(self.sheet.added, within) if within else _in_batches(self.sheet.added):
            instances = [self.handler.build(item.values, item.code, self.refs) for item in some]
            batch.create(instances, self._linker(some, instances))
            self.handler.after_create(
                self.user, [(made, item.values) for made, item in zip(instances, some, strict=True)]
            )
            self._advance(len(some))
            for item in some:
                item.let_go()

    def _linker(self, added: Sequence[Added], instances: Sequence[Any]) -> Callable[[], set[str]]:
        def link() -> set[str]:
            self.refs.learn(instances)
            return {
                name
                for instance, item in zip(instances, added, strict=True)
                for name in self.handler.link(instance, item.values, self.refs)
            }

        return link

    def _edit(self, batch: bulk.Batch, changed: Sequence[Changed]) -> None:
        self._check_changed(changed)
        instances = bulk.load(self.handler.model, [item.pk for item in changed])
        updated: list[tuple[Any, Values]] = []
        outside: list[tuple[Any, Values]] = []
        action = ""
        for item in changed:
            action_outside = self.handler.outside(item.new)
            if action_outside:
                action = action_outside
                outside.append((instances[item.pk], item.new))
            else:
                self.handler.update(instances[item.pk], item.new, self.refs)
                updated.append((instances[item.pk], item.new))
        if updated:
            batch.edit([instance for instance, _changes in updated], self.handler.relations)
        if outside:
            batch.note([instance for instance, _changes in outside], action)
        self.handler.after_update(self.user, [*updated, *outside])
        self._advance(len(changed))

    def _advance(self, count: int) -> None:
        reset_queries()  # in development, Django would keep the text of every statement
        self.done += count
        self.tell(self.sheet.plan.sheet.name, self.done, self.total)

    # --- The network may have moved ---

    def _check_added(self) -> None:
        if not self.sheet.added:
            return
        known = list(self.handler.known())
        codes = {record.code.upper() for record in known if record.code}
        identities = Counter(record.identity for record in known)
        for item in self.sheet.added:
            now = identities[item.identity] if item.identity is not None else 0
            if (self.handler.code_column and item.code.upper() in codes) or now != item.namesakes:
                raise self._moved(item.row, item.label, "une fiche semblable a été ajoutée entre-temps")

    def _check_changed(self, changed: Sequence[Changed]) -> None:
        pks = [item.pk for item in changed]
        stored = {record.pk: record for record in self.handler.stored(pks)}
        state = self.handler.model.all_objects.filter(pk__in=pks).values_list("pk", "has_unpublished_changes", "locked")
        touchable = {pk for pk, has_draft, locked in state if not has_draft and not locked}
        for item in changed:
            if item.pk not in stored:
                raise self._moved(item.row, item.label, "la fiche a été supprimée entre-temps")
            if item.pk not in touchable:
                raise self._moved(item.row, item.label, "un brouillon y a été commencé entre-temps")
            for name, old in item.old.items():
                if not _stands(self.handler, name, old, stored[item.pk].values[name]):
                    raise self._moved(item.row, item.label, f"le champ « {name} » a été modifié entre-temps")

    def _moved(self, row: int, label: str, what: str) -> ApplyConflict:
        return ApplyConflict(
            f"Feuille « {self.sheet.plan.sheet.name} », ligne {row} ({label}) : {what}. Rien n’a été écrit. Relancez "
            "l’import pour voir la différence à jour."
        )


def _in_batches(added: Sequence[Added]) -> Iterator[Sequence[Added]]:
    for start in range(0, len(added), BATCH):
        yield added[start : start + BATCH]


def _by_reference(added: Sequence[Added], columns: Sequence[str]) -> Iterator[Sequence[Added]]:
    """Batches in which a record points only to records of the same batch, or of those before: one that points further
    down waits for its turn. Those that wait for each other come last, together."""
    to_come = {item.code for item in added}
    waiting = [
        (item, {values[name] for name in columns if values.get(name)}) for item in added for values in (item.values,)
    ]
    while waiting:
        postponed: list[tuple[Added, set[str]]] = []
        for start in range(0, len(waiting), BATCH):
            some, size = waiting[start : start + BATCH], -1
            while len(some) != size:  # one that waits may make others of the batch wait
                size, own = len(some), {item.code for item, _needed in some}
                ready = [pair for pair in some if not any(code in to_come and code not in own for code in pair[1])]
                postponed += [pair for pair in some if pair not in ready] if len(ready) < size else []
                some = ready
            if some:
                to_come -= {item.code for item, _needed in some}
                yield [item for item, _needed in some]
        if len(postponed) == len(waiting):
            yield [item for item, _needed in postponed]
            return
        waiting = sorted(postponed, key=lambda pair: pair[0].row)


def _stands(handler: SheetHandler, name: str, old: Any, now: Any) -> bool:
    old = old.content if isinstance(old, Secret) else old
    now = now.content if isinstance(now, Secret) else now
    return handler.by_name[name].same(old, now)
