"""`manage.py orient`: ask the orientation from the command line, one question or a file of them, in text or JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from registry.policies import INTERVENANT, Scope, scope_for
from search import outbox
from search.batch import DEFAULT_MOMENT, BatchError, answer_of, read_moment, read_questions
from search.engines import get_engine
from search.engines.base import Engine, EngineError
from search.parsing import make_question
from search.request import MAX_LIMIT, OrientationRequest
from search.understanding import understand
from search.vocabulary import Vocabulary, get_vocabulary, outbox_head


class Command(BaseCommand):
    help = (
        "Pose une question à l’orientation, ou chaque question d’un fichier JSONL, et affiche les ressources trouvées."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("texte", nargs="?", default=None, help="ce que dit la personne")
        parser.add_argument(
            "--queries", metavar="FICHIER.jsonl", help="une question par ligne : id, q, territory, context"
        )
        parser.add_argument("--territory", metavar="CODE", help="code du territoire de la personne")
        parser.add_argument("--postal", metavar="G1K1A1", help="son code postal")
        parser.add_argument("--age", metavar="N", help="son âge, en années")
        parser.add_argument("--gender", metavar="f|m", help="son sexe")
        parser.add_argument("--language", metavar="en", help="sa langue : code ISO ou nom")
        parser.add_argument(
            "--at", metavar="2026-11-21T20:00", help="le moment de la question (par défaut : maintenant)"
        )
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
            outbox.freshen(engine, head)
            vocabulary = get_vocabulary(head)
            if options["queries"] is not None:
                self._file(options, engine, vocabulary, scope, limit)
            else:
                self._one(options, engine, vocabulary, scope, limit)
        except BatchError as error:
            raise Refused(str(error)) from error
        except EngineError as error:
            raise Refused(f"La recherche ne répond pas : {error}. Lancez « manage.py rebuild_index ».") from error

    def _one(self, options: dict[str, Any], engine: Engine, vocabulary: Vocabulary, scope: Scope, limit: int) -> None:
        now = _moment(options["at"]) if options["at"] else timezone.now()
        if options["territory"] and options["territory"] not in vocabulary.tree.rows:
            raise Refused(
                f"Territoire inconnu : « {options['territory']} ». Les codes sont ceux du classeur (RLS-QS, LIM…)."
            )
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
        answer = answer_of(request, engine, scope)
        self._print(answer, options["as_json"], request)

    def _file(self, options: dict[str, Any], engine: Engine, vocabulary: Vocabulary, scope: Scope, limit: int) -> None:
        default = _moment(options["at"] or DEFAULT_MOMENT)
        for asked in read_questions(Path(options["queries"]), default, limit):
            request = understand(asked.question, vocabulary, scope)
            answer = {"id": asked.id, **answer_of(request, engine, scope)}
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
            self.stdout.write(f"{number:3}. {hit['code']}  {hit['name']} – {hit['organization']}")
            self.stdout.write(f"     {states[hit['reachable']]}; {', '.join(hit['why'])}")


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
        return read_moment(text)
    except BatchError as error:
        raise Refused(str(error)) from error


def _in_territory(request: OrientationRequest, code: str, vocabulary: Vocabulary) -> OrientationRequest:
    place, here = vocabulary.gazetteer.place_of((code,)), request.place
    if here is None or here.latitude is None:
        return request.but(place=place)
    return request.but(place=replace(place, latitude=here.latitude, longitude=here.longitude))
