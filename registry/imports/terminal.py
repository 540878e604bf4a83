"""The questions of a workbook, asked and answered in a terminal: the same ones as in the admin, through a JSON file.

The file names sheets and headings as they are written in the workbook; null = leave it out:

    {"sheets": {"Ress. 2026": {"target": "Organismes", "columns": {"Tél. 2": null, "Courr.": "Courriel"}}}}

« choix » is there for whoever fills the file in: it is not read.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from registry.text import key, squash
from registry.workbook.diff import check_names
from registry.workbook.headings import Ignored, SheetPlan
from registry.workbook.reader import Workbook
from registry.workbook.sheets import handler_named, handlers

from . import mapping
from .mapping import Answers, Doubt, Memory, Settled

# A file of answers is written by hand: more than this is something else.
MAX_BYTES = 1_000_000
_NOT_ASKED = "Feuille non demandée."
_EXAMPLE = '{"sheets": {"Ress. 2026": {"target": "Organismes", "columns": {"Courr.": "Courriel", "Tél. 2": null}}}}'


class BadMapping(ValueError):
    """The file of answers cannot be used. The message, in French, says where and what to write."""


def load(path: str | Path) -> Answers:
    """Read a file of answers; only its form is checked, the workbook is not known yet. Raises `BadMapping`."""
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadMapping(f"« {path.name} » est trop gros pour un fichier de réponses.")
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_each_once)
    except FileNotFoundError:
        raise BadMapping(f"Le fichier de réponses « {path.name} » est introuvable. Vérifiez le chemin.") from None
    except OSError:
        raise BadMapping(f"Le fichier de réponses « {path.name} » ne peut pas être lu.") from None
    except json.JSONDecodeError as error:
        raise BadMapping(
            f"« {path.name} » n’est pas du JSON valide : ligne {error.lineno}, colonne {error.colno}. Souvent, une "
            "virgule ou un guillemet manque juste avant."
        ) from None
    except (UnicodeDecodeError, RecursionError):
        raise BadMapping(f"« {path.name} » n’est pas du texte JSON en UTF-8.") from None
    return _checked_form(content, path.name)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _value in pairs]
    for name in names:
        if names.count(name) > 1:
            raise BadMapping(f"« {name} » revient deux fois au même endroit du fichier de réponses.")
    return dict(pairs)


def _checked_form(content: Any, name: str) -> Answers:
    sheets = content.get("sheets") if isinstance(content, dict) else None
    if not isinstance(sheets, dict) or set(content) != {"sheets"}:
        raise BadMapping(f"« {name} » doit avoir cette forme : {_EXAMPLE}")
    for sheet, said in sheets.items():
        if not isinstance(said, dict) or not set(said) <= {"target", "columns", "choix"}:
            raise BadMapping(f"Feuille « {sheet} » : seules « target » et « columns » y vont. Exemple : {_EXAMPLE}")
        columns = said.get("columns", {})
        if not isinstance(said.get("target", ""), str | None) or not isinstance(columns, dict):
            raise BadMapping(f"Feuille « {sheet} » : « target » est un nom ou null, « columns » une liste d’en-têtes.")
        for heading, column in columns.items():
            if not isinstance(column, str | None):
                raise BadMapping(f"Feuille « {sheet} », « {heading} » : écrivez un nom entre guillemets, ou null.")
    kept = ("target", "columns")
    return {"sheets": {sheet: {part: said[part] for part in kept if part in said} for sheet, said in sheets.items()}}


class Questions:
    """What somebody is asked about one workbook. `adjust` is given to `diff.compute`; the rest is known after it."""

    def __init__(self, answers: Answers | None = None, only: Iterable[str] | None = None) -> None:
        """`only`: canonical names of the sheets to read. Raises `diff.UnknownSheet`."""
        self.answers: Answers = answers or {"sheets": {}}
        self._only = {key(name) for name in check_names(only)} if only is not None else None
        self._memory: Memory | None = None
        self._settled: Settled | None = None

    def adjust(
        self, workbook: Workbook, plans: list[SheetPlan], ignored: list[Ignored]
    ) -> tuple[list[SheetPlan], list[Ignored]]:
        """Apply the answers, and those remembered. Raises `BadMapping`."""
        answers = _as_written(self.answers, workbook)
        self._memory = Memory.of(workbook, plans)
        settled = self._settled = mapping.settle(workbook, plans, ignored, answers, self._memory)
        _check_columns(answers, settled)
        kept, left = [], list(settled.ignored)
        for plan in settled.plans:
            if self._is_asked(plan.handler.name):
                kept.append(plan)
            else:
                left.append(Ignored(plan.sheet.name, _NOT_ASKED))
        return kept, left

    def _is_asked(self, name: str) -> bool:
        return self._only is None or key(name) in self._only

    @property
    def doubts(self) -> list[Doubt]:
        """What has no answer yet, among the sheets asked for."""
        found = self._settled.doubts if self._settled is not None else []
        return [doubt for doubt in found if not doubt.answered and self._is_asked(doubt.target or doubt.guess)]

    def remember(self) -> None:
        """Keep what each sheet turned out to be: the next file of this layout asks nothing."""
        if self._memory is not None and self._settled is not None and not self._settled.unanswered:
            self._memory.keep(self._settled)

    def as_report(self) -> list[dict[str, Any]]:
        """The questions as JSON keeps them."""
        return [asdict(doubt) for doubt in self.doubts]

    def template(self) -> str:
        """A file of answers ready to correct: every answer given, and for each question what it is taken for."""
        said = mapping.merged(self.answers, self.as_report(), [doubt.guess for doubt in self.doubts])
        for doubt in self.doubts:
            said["sheets"][doubt.sheet]["choix"] = doubt.choices
        for one in said["sheets"].values():
            if not one["columns"]:
                del one["columns"]
        return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


# --- Answers against the workbook -----------------------------------------------------------------------------------


def _as_written(answers: Answers, workbook: Workbook) -> Answers:
    """The same answers under the exact names of the sheets. Raises `BadMapping` for a sheet or a target unknown."""
    names = {squash(sheet.name).casefold(): sheet.name for sheet in workbook.sheets}
    hidden = {sheet.name for sheet in workbook.sheets if sheet.hidden}
    known = [handler.name for handler in handlers()]
    sheets: dict[str, Any] = {}
    for written, said in answers["sheets"].items():
        sheet = names.get(squash(written).casefold())
        if sheet is None:
            raise BadMapping(f"Le classeur n’a pas de feuille « {written} ».{_or_else(written, names.values())}")
        if sheet in hidden:
            raise BadMapping(f"La feuille « {written} » est masquée : affichez-la dans Excel pour qu’elle soit lue.")
        target = said.get("target")
        handler = handler_named(target) if target else None
        if target and handler is None:
            raise BadMapping(
                f"Feuille « {written} » : « {target} » n’est pas une feuille du répertoire.{_or_else(target, known)}"
            )
        sheets[sheet] = {**said, "target": handler.name} if handler is not None else said
    return {"sheets": sheets}


def _check_columns(answers: Answers, settled: Settled) -> None:
    """Raises `BadMapping` for a heading or a column unknown, or taken twice."""
    plans = {plan.sheet.name: plan for plan in settled.plans}
    for sheet, said in answers["sheets"].items():
        plan, columns = plans.get(sheet), said.get("columns", {})
        if plan is None:
            if said.get("target"):
                raise BadMapping(f"Feuille « {sheet} » : rien n’y ressemble à des en-têtes au-dessus de lignes.")
            if columns and "target" not in said:
                kinds = ", ".join(handler.name for handler in handlers())
                raise BadMapping(f"Feuille « {sheet} » : elle n’est pas reconnue. Ajoutez sa « target » : {kinds}.")
            continue
        held = {heading.written: heading.canonical for heading in plan.headings}
        for heading, column in columns.items():
            if heading not in held:
                raise BadMapping(f"La feuille « {sheet} » n’a pas d’en-tête « {heading} ».{_or_else(heading, held)}")
            if column is not None and column not in plan.handler.by_name:
                choices = list(plan.handler.by_name)
                raise BadMapping(
                    f"Feuille « {sheet} », « {heading} » : « {column} » n’est pas une colonne de "
                    f"{plan.handler.name}.{_or_else(column, choices)}"
                )
            holders = {**held, **columns}
            other = next((one for one in holders if one != heading and holders[one] == column), None)
            if column is not None and other is not None:
                raise BadMapping(
                    f"Feuille « {sheet} » : « {heading} » et « {other} » ne peuvent pas être toutes deux « {column} ». "
                    "Écrivez null à celle qui est de trop."
                )


def _or_else(written: str, names: Iterable[str]) -> str:
    choices = list(names)
    near = difflib.get_close_matches(written, choices, 1, 0.6)
    return f" Voulez-vous dire « {near[0]} »?" if near else f" Choix : {', '.join(choices)}."


# --- In words -------------------------------------------------------------------------------------------------------


def asked(doubts: Sequence[Doubt], applying: bool) -> str:
    """What is asked, in French, and how to answer. `applying`: nothing was written because of it."""
    lines = ["", f"{len(doubts)} question{'s' if len(doubts) > 1 else ''} sur ce classeur :"]
    for doubt in doubts:
        lines += _question(doubt)
    lines += [
        "",
        "Pour répondre : ajoutez --mapping-template REPONSES.json, corrigez ce fichier (null = laisser de côté), puis "
        "donnez-le avec --mapping REPONSES.json. Les réponses sont retenues pour les fichiers de même disposition.",
    ]
    if applying:
        lines.append("Pour prendre tel quel ce qui est proposé ci-dessus : --accept-guesses.")
    return "\n".join([*lines, ""])


def _question(doubt: Doubt) -> list[str]:
    about = f"  Feuille « {doubt.sheet} »"
    guess = f"proposé : {doubt.guess}" if doubt.guess else "proposé : laisser de côté"
    if not doubt.heading:
        seen = f" En-têtes : {', '.join(doubt.samples[:6])}." if doubt.samples else ""
        return [f"{about} : de quelle feuille s’agit-il? ({guess}){seen}", f"    Choix : {', '.join(doubt.choices)}."]
    if doubt.withheld:
        seen = " Valeurs non montrées : une adresse pourrait s’y trouver."
    else:
        seen = f" Exemples : {'; '.join(doubt.samples)}." if doubt.samples else ""
    return [
        f"{about}, colonne {doubt.letter} « {doubt.heading} » : de quoi s’agit-il? ({guess}){seen}",
        f"    Choix : {', '.join(doubt.choices)}.",
    ]
