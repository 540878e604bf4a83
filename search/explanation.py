"""Why a service is among the answers, in French, a few words at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from registry import languages
from registry.enums import Sex

from . import analysis
from .request import OrientationRequest

NBSP = "\u00a0"
Why = Callable[[Mapping[str, Any]], str]

# The heading of a tier, by what it gave up.
TIER_LABELS = {
    "need": "Besoin voisin",
    "words": "Une partie des mots",
    "question": "Rien ne répond aux mots de la question : qui reçoit toute demande",
    "language": "Sans la langue demandée",
    "territory": "Autre territoire",
}


def tier_label(dropped: Iterable[str], request: OrientationRequest) -> str:
    """The French heading of a tier: what was given up (« » for the first one)."""
    parts = []
    for name in dropped:
        label = TIER_LABELS[name]
        if name == "language" and request.language:
            label = f"Sans «{NBSP}en {languages.label_lower(request.language)}{NBSP}»"
        parts.append(label)
    return ", ".join([parts[0], *(part[0].lower() + part[1:] for part in parts[1:])]) if parts else ""


def word(asked: str) -> Why:
    """The word of the name that answers the word asked."""

    def why(document: Mapping[str, Any]) -> str:
        return f"«{NBSP}{asked}{NBSP}» dans le nom" if asked in analysis.words(document["name"]) else ""

    return why


def named(document: Mapping[str, Any]) -> str:
    return "nom exact"


def acronym(short: str) -> Why:
    return lambda document: f"sigle {short.upper()}"


def need(term: str) -> Why:
    return lambda document: term


def narrower_need(term: str) -> Why:
    """The service's own, narrower term."""
    return lambda document: next((item["term"] for item in document["needs"] if item["parent"] == term), "")


def related_need(term: str) -> Why:
    return lambda document: f"besoin voisin{NBSP}: {term}"


def territory(asked: Sequence[str], around: Sequence[str] = ()) -> Why:
    """« sert Limoilou »: the territory of the listing that answers. `asked`: the one asked (and its candidates);
    `around`: those that hold it, nearest first."""

    def why(document: Mapping[str, Any]) -> str:
        served = {item["code"]: item for item in document["territories"]}
        found = next((served[code] for code in (*asked, *around) if code in served), None)
        if found is None:
            found = next((item for item in document["territories"] if not set(asked).isdisjoint(item["above"])), None)
        if found is None:
            return ""
        return "partout au Québec" if found["province"] else f"sert {found['name']}"

    return why


def ages(document: Mapping[str, Any]) -> str:
    """« 12-17 ans », « 18 ans et plus », « jusqu'à 12 ans »."""
    low, high = document["age_min"], document["age_max"]
    if low is None and high is None:
        return ""
    if high is None:
        return f"{low}{NBSP}ans et plus"
    if not low:
        return f"jusqu’à {high}{NBSP}ans"
    return f"{low}-{high}{NBSP}ans"


def clientele(labels: tuple[str, ...]) -> Why:
    return lambda document: next((item.lower() for item in document["clientele"] if item in labels), "")


def sex(asked: str) -> Why:
    return lambda document: "pour femmes" if asked == Sex.FEMALE else "pour hommes"


def language(code: str) -> Why:
    return lambda document: f"en {languages.label_lower(code)}"


def distance(kilometres: float) -> str:
    """« à 2,8 km », « à 340 m », « à 120 km »."""
    if kilometres < 1:
        return f"à {max(round(kilometres * 1000, -1), 10):.0f}{NBSP}m"
    figure = f"{kilometres:.1f}".replace(".", ",") if kilometres < 20 else f"{kilometres:.0f}"
    return f"à {figure.removesuffix(',0')}{NBSP}km"
