"""Questions from a file, answers for machines: what `manage.py orient` and the relevance benchmark share."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from registry.policies import Scope

from .engines.base import Engine
from .parsing import Question, make_question
from .request import OrientationRequest
from .understanding_time import as_toronto

# The moment of a file of questions that states none: judged questions are judged at this one.
DEFAULT_MOMENT = "2026-11-21T14:00"
FIRST_YEAR, LAST_YEAR = 2000, 2100


class BatchError(ValueError):
    """A file, or a moment, that cannot be read; the message is in French and says what to write."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a file: its identifier, as it is written there, and the question."""

    id: Any
    question: Question


def read_moment(text: str) -> datetime:
    """An ISO moment, Toronto time where it states no zone. Raises BatchError."""
    try:
        moment = as_toronto(datetime.fromisoformat(str(text)))
    except (ValueError, OverflowError) as error:
        raise BatchError(f"Moment illisible : « {text} ». Écrivez-le comme 2026-11-21T20:00.") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BatchError(f"Moment hors du calendrier : « {text} ».")
    return moment


def read_questions(path: Path, default: datetime, limit: int) -> Iterator[Asked]:
    """The questions of a JSONL file, in order. Only id, q, territory and context are read; any other field is ignored.

    `context`: age, genre (f or m), langue (ISO code or French name), now (else `default`), urgent. Raises BatchError.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BatchError(f"Fichier illisible : {path} ({error.__class__.__name__}).") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            context = row.get("context") or {}
            question = make_question(
                str(row["q"]),
                now=read_moment(context["now"]) if context.get("now") else default,
                place=str(row.get("territory") or ""),
                age=context.get("age"),
                sex=context.get("genre"),
                language=context.get("langue"),
                urgent=bool(context.get("urgent")),
                limit=limit,
            )
        except BatchError as error:
            raise BatchError(f"{path}, ligne {number} : {error}") from error
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise BatchError(f"{path}, ligne {number} : il faut un objet JSON avec « id » et « q ».") from error
        yield Asked(row.get("id"), question)


def answer_of(request: OrientationRequest, engine: Engine, scope: Scope) -> dict[str, Any]:
    """The answer to one question as plain values: chips, total, facets and hits, each with its reasons."""
    started = time.perf_counter()
    result = engine.search(request, scope)
    took = (time.perf_counter() - started) * 1000
    return {
        "query": request.q,
        "chips": [{"kind": chip.kind, "value": chip.value, "label": chip.label} for chip in request.chips],
        "messages": list(request.messages),
        "total": result.total,
        "took_ms": round(took, 2),
        "facets": {
            name: [{"value": value.value, "count": value.count, "selected": value.selected} for value in values]
            for name, values in result.facets.items()
        },
        "hits": [
            {
                "code": hit.code,
                "name": hit.document["name"],
                "organization": hit.document["organization"]["name"],
                "score": hit.score,
                "tier": hit.tier,
                "why": list(hit.why),
                "reachable": hit.reachable,
                "distance_km": hit.distance_km,
            }
            for hit in result.hits
        ],
    }
