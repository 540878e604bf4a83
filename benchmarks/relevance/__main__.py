"""Ask every judged question of a file and print nDCG@10 (gain 2^grade − 1), MRR, recall@50 and the zero-result rate.

It reads the network and the index of PASSERELLES_DATA_DIR (of ELASTICSEARCH_URL with `--engine elasticsearch`): import a
workbook and build the index first. The judgments are read here only; the orientation is given the same four fields as
`manage.py orient --queries`. With two engines (`--engine embedded --engine elasticsearch`), what separates them is
printed, and a difference of 0.02 or more in nDCG@10 is a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from pathlib import Path
from statistics import fmean

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
DEVELOPMENT = Path(__file__).resolve().parent.parent / "data" / "queries_dev.jsonl"
DEPTH = 50  # answers asked of the engine
WIDEST = 0.02  # nDCG@10 by which two engines may differ
GOOD = 2  # grade from which an answer is the right one


def ask_all(path: Path, engine_name: str = "") -> dict[str, list[str]]:
    """Question id → codes of the services found, in order."""
    from registry.policies import INTERVENANT
    from search.batch import DEFAULT_MOMENT, read_moment, read_questions
    from search.engines import get_engine
    from search.understanding import understand
    from search.vocabulary import get_vocabulary

    engine, vocabulary = get_engine(engine_name), get_vocabulary()
    found = {}
    for asked in read_questions(path, read_moment(DEFAULT_MOMENT), DEPTH):
        result = engine.search(understand(asked.question, vocabulary, INTERVENANT), INTERVENANT)
        found[str(asked.id)] = [hit.code for hit in result.hits]
    return found


def measure(judged: dict[str, dict[str, int]], found: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """Question id → its figures: « ndcg », « mrr », « recall » and « zero » (1.0 where nothing was found)."""
    warnings.simplefilter("ignore")  # numba, compiling ranx's measures
    from ranx import Qrels, Run, evaluate

    run = {
        # Rank is all that counts: equal scores must not be shuffled. A question without an answer gets a stranger.
        key: {code: float(DEPTH - rank) for rank, code in enumerate(found.get(key, []))} or {"-": 1.0}
        for key in judged
    }
    names = {"ndcg": "ndcg_burges@10", "mrr": f"mrr-l{GOOD}", "recall": f"recall@{DEPTH}-l{GOOD}"}
    qrels = Qrels(judged)
    figures = evaluate(qrels, Run(run), list(names.values()), return_mean=False, make_comparable=True)
    return {
        key: {ours: float(figures[theirs][place]) for ours, theirs in names.items()}
        | {"zero": float(not found.get(key))}
        for place, key in enumerate(qrels.qrels.keys())
    }


def read_judgments(path: Path) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """Question id → service → grade, and kind of question → ids."""
    judged: dict[str, dict[str, int]] = {}
    kinds: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            judged[str(row["id"])] = row["judgments"]
            kinds.setdefault(row.get("kind", ""), []).append(str(row["id"]))
    return judged, kinds


def report(judged: dict[str, dict[str, int]], kinds: dict[str, list[str]], found: dict[str, list[str]]) -> float:
    """Print the figures by kind of question and for all of them; returns nDCG@10 over all."""
    print(f"{'':14} {'n':>4} {'nDCG@10':>8} {'MRR':>6} {'rappel@50':>10} {'zéro':>6}")
    figures_of = measure(judged, found)
    figures: dict[str, float] = {}
    for kind, ids in [*sorted(kinds.items()), ("ensemble", list(judged))]:
        figures = {name: fmean(figures_of[key][name] for key in ids) for name in ("ndcg", "mrr", "recall", "zero")}
        print(
            f"{kind:14} {len(ids):4} {figures['ndcg']:8.3f} {figures['mrr']:6.3f} {figures['recall']:10.3f}"
            f" {figures['zero']:6.1%}"
        )
    return figures["ndcg"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relevance", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEVELOPMENT)
    parser.add_argument("--engine", action="append", help="embedded ou elasticsearch (défaut\u00a0: SEARCH_ENGINE)")
    options = parser.parse_args()
    if not options.file.is_file():
        sys.exit(f"Fichier introuvable : {options.file}")
    import django

    django.setup()
    judged, kinds = read_judgments(options.file)
    ndcg: dict[str, float] = {}
    answers: dict[str, dict[str, list[str]]] = {}
    for name in options.engine or [""]:
        if name:
            print(f"moteur\u00a0: {name}")
        answers[name] = ask_all(options.file, name)
        ndcg[name] = report(judged, kinds, answers[name])
    if len(ndcg) > 1:
        gap = max(ndcg.values()) - min(ndcg.values())
        first, *others = answers.values()
        same = sum(all(first[key] == other[key] for other in others) for key in first)
        print(
            f"écart de nDCG@10\u00a0: {gap:.4f}; mêmes réponses, dans le même ordre\u00a0: {same} questions sur {len(first)}"
        )
        if gap >= WIDEST:
            sys.exit("Les moteurs ne répondent pas assez également.")


if __name__ == "__main__":
    main()
