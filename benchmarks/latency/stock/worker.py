"""A process that holds the services of one file behind the stock searches: `python -m benchmarks.latency.stock.worker`.

First it loads and indexes them, and says which searches it has; then it reads « search<tab>question » and answers with the
milliseconds that the first PAGE services took. Neither facets, nor total, nor exclusions, nor HTML: less than a page asks.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

PAGE = 20  # services
CHUNK = 1_000
WORDS = "to_tsvector('french', name || ' ' || needs || ' ' || organization || ' ' || keywords || ' ' || description || ' ' || about)"
FULL_TEXT = (
    "SELECT code, name, needs, organization, keywords, description FROM stock_stockservice, "
    "websearch_to_tsquery('french', %s) asked WHERE words @@ asked ORDER BY ts_rank(words, asked) DESC, code LIMIT %s"
)

Searches = dict[str, Callable[[str], int]]


def load(path: Path) -> None:
    """Tables, and one row per service."""
    from django.core.management import call_command
    from django.db import transaction

    from .models import StockService

    call_command("migrate", run_syncdb=True, verbosity=0)
    StockService.objects.all().delete()
    with path.open(encoding="utf-8") as lines, transaction.atomic():
        rows = (StockService(**json.loads(line)) for line in lines)
        while chunk := list(islice(rows, CHUNK)):
            StockService.objects.bulk_create(chunk)


def prepare(server: bool) -> Searches:
    """Index what was loaded in each way that this database and this server have; the searches, by name."""
    from django.db import connection

    found: Searches = {}
    if server:
        index_with("elasticsearch")
        found["Wagtail, Elasticsearch"] = lambda question: stock(question, "elasticsearch")
    index_with("default")
    database = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    found[f"Wagtail, {database}"] = lambda question: stock(question, "default")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE stock_stockservice ADD words tsvector GENERATED ALWAYS AS ({WORDS}) STORED")
            cursor.execute("CREATE INDEX ON stock_stockservice USING gin (words)")
            cursor.execute("VACUUM ANALYZE")
        found["PostgreSQL, texte français"] = full_text
    return found


def index_with(backend: str) -> None:
    """What `manage.py update_index` does in Wagtail."""
    from django.core.management import call_command

    call_command("rebuild_modelsearch_index", backend_name=backend, chunk_size=CHUNK, verbosity=0, stdout=sys.stderr)


def stock(question: str, backend: str) -> int:
    """How many services the first page of Wagtail's search holds."""
    from modelsearch.backends import get_search_backend

    from .models import StockService

    return len(list(get_search_backend(backend).search(question, StockService)[:PAGE]))


def full_text(question: str) -> int:
    """How many services the first page of PostgreSQL's own French search holds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(FULL_TEXT, [question, PAGE])
        return len(cursor.fetchall())


def asked(lines: Iterator[str], searches: Searches) -> Iterator[dict[str, Any]]:
    """The answer to each line: milliseconds, services found."""
    for line in lines:
        name, _tab, question = line.rstrip("\n").partition("\t")
        started = time.perf_counter()
        found = searches[name](question)
        yield {"ms": (time.perf_counter() - started) * 1000, "found": found}


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.latency.stock.settings"
    django.setup()
    load(Path(sys.argv[1]))
    searches = prepare(server=True)
    print(json.dumps({"searches": list(searches)}), flush=True)
    for answer in asked(sys.stdin, searches):
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
