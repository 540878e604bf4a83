"""The question as the page shows it: its fields, and chips for what was understood, each removable by a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry import languages

from ..links import State
from ..request import MAX_QUESTION, Chip, OrientationRequest
from .pieces import joined

KIND_LABELS = {
    "need": "Besoin", "age": "Âge", "sex": "Sexe", "place": "Lieu", "language": "Langue", "moment": "Moment",
    "urgent": "Urgence", "name": "Nom",
}  # fmt: skip
LANGUAGES = ("fr", "en", "es", "ar", "fcs", "atj", "moe", "abe", "cr", "iu", "ht", "pt", "zh", "uk", "ne", "prs", "sw")
MOMENTS = ("ce soir", "cette nuit", "demain matin", "fin de semaine")


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class ChipView:
    kind_label: str
    label: str
    url: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What was understood for a field, shown as its placeholder: never sent back, so never stale."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Fields:
    q: str
    place: str
    place_hint: str
    age: str
    age_hint: str
    moments: tuple[Option, ...]
    when: str
    languages: tuple[Option, ...]
    urgent: bool
    summary: str
    max_question: int = MAX_QUESTION


def chip_views(chips: Sequence[Chip], state: State) -> tuple[ChipView, ...]:
    """Chips in the order of the digits that remove them; each link is the same question without that part."""
    views = []
    for chip in chips:
        css = "urgent" if chip.kind == "urgent" else "guess" if chip.guess else ""
        views.append(ChipView(KIND_LABELS.get(chip.kind, ""), chip.label, removal(chip, state).url(), css))
    return tuple(views)


_FIELD_OF = {
    "age": ("age",),
    "sex": ("sexe",),
    "place": ("lieu",),
    "language": ("langue",),
    "moment": ("moment", "le"),
    "urgent": ("urgent",),
}


def removal(chip: Chip, state: State) -> State:
    """The state without this chip: what came from a field empties the field; what came from the words is set aside."""
    without = state.but(suite=None)
    fields = _FIELD_OF.get(chip.kind, ())
    if any(state.get(name) for name in fields):
        without = without.but(**dict.fromkeys(fields))
    if chip.source == "field":
        return without
    return without.with_value("sans", f"{chip.kind}:{chip.value}")


def set_aside_views(state: State, labels: Mapping[str, str]) -> tuple[ChipView, ...]:
    """What one removed, to put back. `labels`: names of territories and organizations by code, where they are known."""
    views = []
    for value in state.all("sans"):
        kind, _, text = value.partition(":")
        if kind in KIND_LABELS:
            views.append(
                ChipView(KIND_LABELS[kind], _value_label(kind, text, labels), state.without_value("sans", value).url())
            )
    return tuple(views)


def _value_label(kind: str, value: str, labels: Mapping[str, str]) -> str:
    if kind == "age":
        return f"{value} ans"
    if kind == "language":
        return languages.label_lower(value)
    if kind == "sex":
        return {"f": "femme", "m": "homme"}.get(value, value)
    return "urgent" if kind == "urgent" else labels.get(value, value)[:80]


def fields_of(state: State, request: OrientationRequest) -> tuple[Fields, tuple[Hint, ...]]:
    """The fields as typed, and as hints what was understood from the words."""
    understood = {chip.kind: chip.label for chip in request.chips if chip.source != "field"}
    place, age = state.get("lieu"), state.get("age")
    moment, language = state.get("moment"), state.get("langue")
    given = {"place": place or understood.get("place", ""), "age": f"{age} ans" if age else understood.get("age", "")}
    chosen = [chip.label for chip in request.chips if chip.kind == "moment"]
    when = chosen[0] if chosen else understood.get("moment", "maintenant")
    summary = joined([given["place"], given["age"], when], ", ")
    fields = Fields(
        q=state.get("q"),
        place=place,
        place_hint="" if place else understood.get("place", ""),
        age=age,
        age_hint="" if age else figures(understood.get("age", "")),
        moments=moment_options(moment, understood.get("moment", "")),
        when=state.get("le"),
        languages=language_options(language, understood.get("language", "")),
        urgent=bool(state.get("urgent")),
        summary=f"Préciser : {summary}" if given["place"] or given["age"] else "Préciser lieu, âge, moment, langue",
    )
    hints = (
        Hint("lieu", fields.place_hint),
        Hint("age", fields.age_hint),
        Hint("moment", fields.moments[0].label),
        Hint("langue", fields.languages[0].label),
    )
    return fields, hints


def figures(age: str) -> str:
    """« 15 » of « 15 ans », « 12-17 » of « 12-17 ans »; nothing of « adolescent », which its narrow field would cut."""
    number = age.removesuffix(" ans").removesuffix("\u00a0ans")
    return number if number[:1].isdigit() and len(number) <= 5 else ""


def moment_options(chosen: str, understood: str) -> tuple[Option, ...]:
    """« maintenant », or the moment understood; common moments; « autre moment… », which shows a date field."""
    options = [Option("", understood or "maintenant", not chosen)]
    if understood:
        options.append(Option("maintenant", "maintenant", chosen == "maintenant"))
    options += [Option(value, value, chosen == value) for value in MOMENTS]
    options.append(Option("autre", "autre moment…", chosen == "autre"))
    if chosen and not any(option.selected for option in options):
        options.insert(1, Option(chosen, chosen[:40], True))
    return tuple(options)


def language_options(chosen: str, understood: str) -> tuple[Option, ...]:
    options = [Option("", understood[:1].upper() + understood[1:] if understood else "Peu importe", not chosen)]
    options += [Option(code, languages.label(code), chosen == code) for code in LANGUAGES]
    if chosen and not any(option.selected for option in options):
        options.insert(1, Option(chosen[:40], languages.label(chosen[:40]), True))
    return tuple(options)
