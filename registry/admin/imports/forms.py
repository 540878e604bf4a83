from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from registry.workbook import guard
from registry.workbook.sheets import handlers

_SAVE_AS = "Ouvrez-le dans Excel et enregistrez-le au format « Classeur Excel (.xlsx) »."
_ADVICE = {
    ".xls": f"Ce fichier est au vieux format .xls. {_SAVE_AS}",
    ".csv": f"Un fichier CSV n’est pas un classeur. {_SAVE_AS}",
    ".ods": "Ce fichier vient de LibreOffice. Enregistrez-le au format « Excel 2007-365 (.xlsx) ».",
    ".xlsb": "Le format .xlsb n’est pas lu. Enregistrez au format « Classeur Excel (.xlsx) ».",
    ".numbers": "Ce fichier vient de Numbers. Exportez-le au format Excel (.xlsx).",
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Classeur Excel",
        error_messages={
            "required": "Choisissez un fichier.",
            "invalid": "Choisissez un fichier.",
            "missing": "Choisissez un fichier.",
            "empty": "Le fichier est vide.",
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm"}),
    )
    sheets = forms.MultipleChoiceField(label="Feuilles à lire", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheets"].choices = [(handler.name, handler.name) for handler in handlers()]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        suffix = PurePath(file.name).suffix.lower()
        if suffix not in {".xlsx", ".xlsm"}:
            raise ValidationError(_ADVICE.get(suffix, "Ce n’est pas un classeur Excel : choisissez un fichier .xlsx."))
        if file.size > settings.PASSERELLES_IMPORT_MAX_MB * 1_000_000:
            raise ValidationError(
                f"Ce fichier pèse {file.size / 1_000_000:.0f}\xa0Mo; la limite est de "
                f"{settings.PASSERELLES_IMPORT_MAX_MB}\xa0Mo. Retirez les images et les feuilles inutiles, ou "
                "coupez-le en plusieurs fichiers."
            )
        try:
            guard.check_upload(file)
        except guard.UnreadableWorkbook as error:
            raise ValidationError(str(error)) from error
        return file


@dataclass
class Question:
    """One doubt as the page asks it."""

    name: str
    doubt: Mapping[str, Any]
    value: str
    error: str = ""

    @property
    def is_sheet(self) -> bool:
        return not self.doubt["heading"]

    @property
    def choices(self) -> list[str]:
        return list(self.doubt["choices"])


@dataclass
class SheetQuestions:
    sheet: str
    target: str = ""
    questions: list[Question] = field(default_factory=list)

    @property
    def about_sheet(self) -> Question | None:
        return next((question for question in self.questions if question.is_sheet), None)

    @property
    def about_columns(self) -> list[Question]:
        return [question for question in self.questions if not question.is_sheet]


class AnswersForm:
    """The questions of a workbook, sheet by sheet; blank = leave it out."""

    def __init__(self, doubts: Sequence[Mapping[str, Any]], data: Mapping[str, Any] | None = None) -> None:
        self.doubts = doubts
        self.questions = [
            Question(name, doubt, doubt["guess"] if data is None else str(data.get(name, "")))
            for name, doubt in ((f"reponse-{number}", doubt) for number, doubt in enumerate(doubts))
        ]

    def is_valid(self) -> bool:
        taken: dict[tuple[str, str], Question] = {}
        for question in self.questions:
            if question.value and question.value not in question.choices:
                question.error = "Choisissez dans la liste."
            elif question.value and not question.is_sheet:
                place = question.doubt["sheet"], question.value
                other = taken.setdefault(place, question)
                if other is not question:
                    question.error = f"« {other.doubt['heading']} » est déjà cette colonne : choisissez-en une seule."
        return not any(question.error for question in self.questions)

    @property
    def answers(self) -> list[str]:
        return [question.value for question in self.questions]

    @property
    def sheets(self) -> list[SheetQuestions]:
        grouped: dict[str, SheetQuestions] = {}
        for question in self.questions:
            kept = grouped.setdefault(question.doubt["sheet"], SheetQuestions(question.doubt["sheet"]))
            kept.target = kept.target or question.doubt["target"]
            kept.questions.append(question)
        return list(grouped.values())
