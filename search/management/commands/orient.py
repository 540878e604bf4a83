"""`manage.py orient`: ask the orientation from the command line, one question or a file of them, in text or JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from registry.policies import INTERVENANT, Scope, scope_for
from search import outbox
from search.engines import get_engine
from search.engines.base import Engine, EngineError, SearchResult
from search.parsing import Question, make_question
from search.request import MAX_LIMIT, OrientationRequest
from search.understanding import understand
from search.understanding_time import as_toronto
from search.vocabulary import Vocabulary, get_vocabulary, outbox_head

# The moment of a file of questions that states none: judged questions are judged at this one.
DEFAULT_MOMENT = "2026-11-21T14:00"


class Command(BaseCommand):
    help = "Pose une question à l’orientation, ou chaque question d’un fichier JSONL, et affiche les ressources trouvées."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("texte", nargs="?", default=None, help="ce que dit la personne")
        parser.add_argument("--queries", metavar="FICHIER.jsonl", help="une question par ligne : id, q, territory, context")
        parser.add_argument("--territory", metavar="CODE", help="code du territoire de la personne")
        parser.add_argument("--postal", metavar="G1K1A1", help="son code postal")
        parser.add_argument("--age", metavar="N", help="son âge, en années")
        parser.add_argument("--gender", metavar="f|m", help="son sexe")
        parser.add_argument("--language", metavar="en", help="sa langue : code ISO ou nom")
        parser.add_argument("--at", metavar="2026-11-21T20:00", help="le moment de la question (par défaut : maintenant)")
        parser.add_argument("--urgent", action="store_true", help="c’est urgent")
        parser.add_argument("--as", dest="username", metavar="COMPTE", help="voir ce que voit ce compte")
        parser.add_argument("--limit", metavar="10", default="10", help=f"nombre de ressources, au plus {MAX_LIMIT}")
        parser.add_argument("--json", action="store_true", dest="as_json", help="réponse en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["texte"] is None) == (options["queries"] is None):
            raise Refused("Donnez une question, ou un fichier avec --queries (pas les deux).")
        scope = _scope(options["username"])
        limit = _limit(options["limit"])
        try:
            engine = get_engine()
            head = outbox_head()
            if engine.mark() < head:
                outbox.drain(engine)
            vocabulary = get_vocabulary(head)
            if options["queries"] is not None:
                self._file(options, engine, vocabulary, scope, limit)
            else:
                self._one(options, engine, vocabulary, scope, limit)
        except EngineError as error:
            raise Refused(f"La recherche ne répond pas : {error}. Lancez « manage.py rebuild_index ».") from error

    def _one(self, options: dict[str, Any], engine: Engine, vocabulary: Vocabulary, scope: Scope, limit: int) -> None:
        now = _moment(options["at"]) if options["at"] else timezone.now()
        if options["territory"] and options["territory"] not in vocabulary.tree.rows:
            raise Refused(f"Territoire inconnu : « {options['territory']} ». Les codes sont ceux du classeur (RLS-QS, LIM…).")
        question = make_question(
            options["texte"],
            now=now,
            place=options["postal"] or options["territory"] or "",
            age=options["age"],
            sex=options["gender"],
            language=options["language"],
            urgent=options["urgent"],
            limit=limit,
        )
        request = understand(question, vocabulary, scope)
        if question.messages or (options["postal"] and request.place is None):
            raise Refused(" ".join(question.messages or request.messages))
        if options["postal"] and options["territory"]:
            # The postal code gives the point; the territory was said outright.
            request = _in_territory(request, options["territory"], vocabulary)
        answer = _answer(request, engine, scope)
        self._print(answer, options["as_json"], request)

    def _file(self, options: dict[str, Any], engine: Engine, vocabulary: Vocabulary, scope: Scope, limit: int) -> None:
        default = _moment(options["at"] or DEFAULT_MOMENT)
        for line_id, question in _questions(Path(options["queries"]), default, limit):
            request = understand(question, vocabulary, scope)
            answer = {"id": line_id, **_answer(request, engine, scope)}
            self._print(answer, options["as_json"], request)

    def _print(self, answer: dict[str, Any], as_json: bool, request: OrientationRequest) -> None:
        if as_json:
            self.stdout.write(orjson.dumps(answer).decode())
            return
        self.stdout.write(f"« {answer['query']} »")
        for message in request.messages:
            self.stdout.write(f"  {message}")
        if answer["chips"]:
            self.stdout.write("  Compris : " + " · ".join(chip["label"] for chip in answer["chips"]))
        self.stdout.write(f"  {answer['total']} ressource{'s' if answer['total'] > 1 else ''} ({answer['took_ms']} ms)")
        states = {True: "joignable", False: "fermé", None: "horaire à vérifier"}
        for number, hit in enumerate(answer["hits"], start=1):
            distance = f", {hit['distance_km']:.1f} km".replace(".", ",") if hit["distance_km"] is not None else ""
            self.stdout.write(f"{number:3}. {hit['code']}  {hit['name']} – {hit['organization']}")
            self.stdout.write(f"     {states[hit['reachable']]}{distance}; {', '.join(hit['why'])}")


class Refused(CommandError):
    """A command that cannot be carried out: its message goes to stderr, in French, with exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=2)


Refused.__name__ = "Erreur"  # Django writes the name of the class before the message


def _scope(username: str | None) -> Scope:
    """The scope of an account; without one, that of an intervenant."""
    if username is None:
        return INTERVENANT
    from registry.models import User

    user = User.objects.filter(username=username).first()
    if user is None:
        raise Refused(f"Aucun compte ne porte le nom « {username} ».")
    return scope_for(user)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_LIMIT):
        raise Refused(f"--limit : écrivez un nombre de 1 à {MAX_LIMIT}.")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        moment = as_toronto(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise Refused(f"Moment illisible : « {text} ». Écrivez-le comme 2026-11-21T20:00.") from error
    if not 2000 <= moment.year <= 2100:
        raise Refused(f"Moment hors du calendrier : « {text} ».")
    return moment


def _in_territory(request: OrientationRequest, code: str, vocabulary: Vocabulary) -> OrientationRequest:
    place, here = vocabulary.gazetteer.place_of((code,)), request.place
    if here is None or here.latitude is None:
        return request.but(place=place)
    from dataclasses import replace

    return request.but(place=replace(place, latitude=here.latitude, longitude=here.longitude))


def _questions(path: Path, default: datetime, limit: int) -> Iterator[tuple[Any, Question]]:
    """The questions of a JSONL file, in order. Only id, q, territory and context are read; any other field is ignored."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"Fichier illisible : {path} ({error.__class__.__name__}).") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            context = row.get("context") or {}
            now = _moment(context["now"]) if context.get("now") else default
            question = make_question(
                str(row["q"]),
                now=now,
                place=str(row.get("territory") or ""),
                age=context.get("age"),
                sex=context.get("genre"),
                language=context.get("langue"),
                urgent=bool(context.get("urgent")),
                limit=limit,
            )
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise Refused(f"{path}, ligne {number} : il faut un objet JSON avec « id » et « q ».") from error
        yield row.get("id"), question


def _answer(request: OrientationRequest, engine: Engine, scope: Scope) -> dict[str, Any]:
    """What the command prints for one question."""
    started = time.perf_counter()
    result: SearchResult = engine.search(request, scope)
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


