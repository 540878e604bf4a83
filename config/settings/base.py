"""Settings shared by every environment; what changes between machines comes from the environment.

Every variable read here is documented in docs/exploitation.md (a test holds the two together).
"""

from datetime import date
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.tiles import tile_sources

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

# Everything that the program writes lives under this one folder.
PASSERELLES_DATA_DIR = Path(env.str("PASSERELLES_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
PASSERELLES_DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = False
SECRET_KEY = env.str("PASSERELLES_SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("PASSERELLES_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("PASSERELLES_TRUSTED_ORIGINS", default=[])
WAGTAILADMIN_BASE_URL = env.str("PASSERELLES_BASE_URL", default="http://127.0.0.1:8000")
WAGTAIL_SITE_NAME = "Passerelles"

# The establishment's own name in the page header.
PASSERELLES_ESTABLISHMENT = env.str("PASSERELLES_ESTABLISHMENT", default="CIUSSS de la Haute-Rivière")
# True: visitors without an account may search the public listings.
PASSERELLES_PUBLIC_SEARCH = env.bool("PASSERELLES_PUBLIC_SEARCH", default=False)
# True: `manage.py import_worker` reads and writes imported workbooks; False: each import starts a process of its own.
PASSERELLES_IMPORT_WORKER = env.bool("PASSERELLES_IMPORT_WORKER", default=False)
# Largest workbook accepted from the admin, in megabytes.
PASSERELLES_IMPORT_MAX_MB = env.int("PASSERELLES_IMPORT_MAX_MB", default=100)
# Background of the map: the address of its tiles (https://…/{z}/{x}/{y}.png), and the credit that they ask for. Without
# one, no other machine is asked for anything: the map shows points over the names of the territories.
PASSERELLES_MAP_TILES = env.str("PASSERELLES_MAP_TILES", default="")
PASSERELLES_MAP_ATTRIBUTION = env.str("PASSERELLES_MAP_ATTRIBUTION", default="")
_tile_sources = tile_sources(PASSERELLES_MAP_TILES)
# Days during which a personal link, to accept or to sign an entente, can be used.
PASSERELLES_LINK_DAYS = env.int("PASSERELLES_LINK_DAYS", default=14)
# How many front-end servers stand between people and this one: their network address is then read in X-Forwarded-For,
# that many places from its end. 0: the header is not believed.
PASSERELLES_PROXIES = env.int("PASSERELLES_PROXIES", default=0)
# ISO dates on which the centre closes, on top of Québec's public holidays.
PASSERELLES_CLOSED_DAYS = env.list("PASSERELLES_CLOSED_DAYS", default=[])
for _day in PASSERELLES_CLOSED_DAYS:
    try:
        date.fromisoformat(_day)
    except ValueError as _error:
        raise ImproperlyConfigured(
            f"PASSERELLES_CLOSED_DAYS : « {_day} » n’est pas une date. Écrivez chaque jour comme 2026-12-24."
        ) from _error
# « embedded » (tantivy, one host) or « elasticsearch » (one index for several hosts).
SEARCH_ENGINE = env.str("SEARCH_ENGINE", default="embedded")
SEARCH_INDEX_DIR = PASSERELLES_DATA_DIR / "index"
# Addresses of one cluster, and how to be let in: an API key, or a user and a password; who signed its certificate.
ELASTICSEARCH_URL = env.list("ELASTICSEARCH_URL", default=[])
ELASTICSEARCH_API_KEY = env.str("ELASTICSEARCH_API_KEY", default="")
ELASTICSEARCH_USER = env.str("ELASTICSEARCH_USER", default="")
ELASTICSEARCH_PASSWORD = env.str("ELASTICSEARCH_PASSWORD", default="")
ELASTICSEARCH_CA_CERTS = env.str("ELASTICSEARCH_CA_CERTS", default="")
# The names of our indexes begin with this: two installations may share a cluster.
ELASTICSEARCH_INDEX = env.str("ELASTICSEARCH_INDEX", default="passerelles")
# Parts that the next rebuild cuts the index into; they are searched at the same time.
ELASTICSEARCH_SHARDS = env.int("ELASTICSEARCH_SHARDS", default=1)
# What a question may spend on Elasticsearch, in milliseconds, before the local copy answers it (« mode secours »).
SEARCH_BUDGET_MS = env.int("SEARCH_BUDGET_MS", default=800)
# Who may read /mesures without an account: whoever sends this token (Authorization: Bearer …). Empty: nobody.
PASSERELLES_METRICS_TOKEN = env.str("PASSERELLES_METRICS_TOKEN", default="")
# Longest wait for the answer to a question when there is no local copy, and from the command line; in seconds.
ELASTICSEARCH_TIMEOUT = env.float("ELASTICSEARCH_TIMEOUT", default=10.0)

INSTALLED_APPS = [
    "registry",
    "corridors",
    "search",
    "wagtail.contrib.forms",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "registry.admin.users_app.UsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_htmx",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "registry.importing.ImportNotice",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "registry.auth.AdminGate",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    # Our own pages, and the error pages that share their frame; Wagtail's admin is in Django's language.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "pages",
        "DIRS": [BASE_DIR / "templates" / "pages"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "search.jinja.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{PASSERELLES_DATA_DIR / 'passerelles.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue instead of failing; readers never wait for a writer (WAL).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    # Signing in must not wait for whoever writes: SQLite has one writer at a time, and an import writes for minutes.
    SESSION_ENGINE = "django.contrib.sessions.backends.file"
    SESSION_FILE_PATH = PASSERELLES_DATA_DIR / "sessions"
    SESSION_FILE_PATH.mkdir(mode=0o700, exist_ok=True)
# A connection serves many pages (`?conn_max_age=` in DATABASE_URL says how many seconds): to open one costs more than
# all that a page asks of the database. PostgreSQL is asked whether it is still there before each page.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "registry.User"
# Alone: rights come from the roles of memberships, never from Django's groups and permission rows.
AUTHENTICATION_BACKENDS = ["registry.auth.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = WAGTAILADMIN_LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "orientation"
LOGOUT_REDIRECT_URL = "sign_in"

LANGUAGE_CODE = "fr-ca"
TIME_ZONE = "America/Toronto"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]  # over Wagtail's own French
USE_TZ = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [("fr-ca", "Français (Canada)")]
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]  # everybody works by the same clock: nothing to choose
WAGTAILADMIN_PERMITTED_LANGUAGES = [("fr", "Français")]

STATIC_URL = "/static/"
STATIC_ROOT = PASSERELLES_DATA_DIR / "static"
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [BASE_DIR / "static"]
_NODE_MODULES = BASE_DIR / "node_modules"
for _prefix, _folder in (
    ("sdg/css", "qc-trousse-sdg/dist/css"),
    ("sdg/fonts", "qc-trousse-sdg/dist/fonts"),
    ("htmx", "htmx.org/dist"),
    ("leaflet", "leaflet/dist"),
):
    if (_NODE_MODULES / _folder).is_dir():
        STATICFILES_DIRS.append((_prefix, _NODE_MODULES / _folder))
MEDIA_ROOT = PASSERELLES_DATA_DIR / "media"
MEDIA_URL = "/media/"
# Files on their way in stay in our own folder (a workbook may hold confidential addresses), closed to other accounts.
FILE_UPLOAD_TEMP_DIR = PASSERELLES_DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)

# Wagtail: publishing at the end of a workflow goes through our own actions, like every other write.
WAGTAIL_FINISH_WORKFLOW_ACTION = "registry.workflow.publish_workflow_state"
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_AUTOSAVE_INTERVAL = 0
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# Messages leave by a queue kept in the database: `manage.py db_worker` sends them (the web process never waits for a
# mail server), and what cannot leave is tried again.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# The mail server: smtp://, smtp+tls:// (STARTTLS) or smtp+ssl://, with user:password@ when it asks for them.
_mail = env.email_url("PASSERELLES_EMAIL_URL", default="smtp://localhost:25")
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 30  # seconds; below the time after which a message is taken again (corridors.mails.LEASE)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("PASSERELLES_FROM_EMAIL", default="Passerelles <passerelles@localhost>")

# What the caller says must not leave by the address of the page: pages that hold a question send « no-referrer »
# (search.views). It cannot be the rule everywhere: browsers then send « Origin: null » with a form, which the CSRF
# check refuses; forms live on pages without a question.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY = {
    # Wagtail's own admin needs inline styles and scripts; our pages do not get them.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "img-src": ["'self'", "data:", *_tile_sources],
        "font-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    # What the caller says stands in the address of a page: no log may hold a query string (gunicorn: gunicorn.conf.py).
    "filters": {"without_query_strings": {"()": "config.privacy.WithoutQueryStrings"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["without_query_strings"]}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # These two have handlers of their own in Django's defaults.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # A traceback for each attempt: what fails is told once, in our own words, by whoever asked.
        "elastic_transport": {"handlers": [], "level": "ERROR"},
    },
}
