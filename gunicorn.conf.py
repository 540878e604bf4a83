"""Gunicorn reads this file by itself. Its access log, when turned on, never holds a query string nor a referrer."""

import threading
from typing import Any

# « %(r)s » would hold the whole address, « %(f)s » the page one comes from: both hold what the caller says.
access_log_format = '%(h)s %(u)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(L)s'


def on_starting(server: Any) -> None:
    """Cut query strings from every line of gunicorn's, whatever format the command line asks for."""
    from config.privacy import WithoutQueryStrings

    for log in (server.log.error_log, server.log.access_log):
        for handler in log.handlers:
            handler.addFilter(WithoutQueryStrings())


def post_worker_init(worker: Any) -> None:
    """A worker reads the vocabulary (seconds, in a large network) before anybody asks. Beside: one that is silent for
    long while it starts is taken for dead."""
    threading.Thread(target=_read_vocabulary, args=(worker,), name="vocabulary", daemon=True).start()


def _read_vocabulary(worker: Any) -> None:
    from django.db import connection

    from search.vocabulary import get_vocabulary

    try:
        get_vocabulary()
    except Exception as error:  # the database is away, or not migrated yet: the first request reads it
        worker.log.warning("The vocabulary was not read yet (%s)", type(error).__name__)
    finally:
        connection.close()
