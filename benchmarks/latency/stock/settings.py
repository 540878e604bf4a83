"""Settings of the process that searches with what comes with Wagtail and PostgreSQL. Wagtail's search is the application
« modelsearch », which wagtail.search passes on. Everything is left as delivered, but that PostgreSQL reads French."""

import os
from typing import Any

import environ

env = environ.Env()

SECRET_KEY = "measures only"
DATABASES = {"default": env.db("STOCK_DATABASE")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "taggit", "modelsearch", "benchmarks.latency.stock"]
USE_TZ = True
MODELSEARCH_BACKENDS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "modelsearch.backends.database"},
    "elasticsearch": {
        "BACKEND": f"modelsearch.backends.elasticsearch{os.environ['STOCK_MAJOR']}",
        "URLS": [os.environ["ELASTICSEARCH_URL"]],
        "INDEX_PREFIX": os.environ["STOCK_PREFIX"],
        "TIMEOUT": 120,
    },
}
if not DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    MODELSEARCH_BACKENDS["default"]["SEARCH_CONFIG"] = "french"
