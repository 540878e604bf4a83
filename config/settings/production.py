"""Production: refuses to start when a secret or an address is missing, and says which."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, SECRET_KEY, env

_missing = [
    name for name, value in (("PASSERELLES_SECRET_KEY", SECRET_KEY), ("PASSERELLES_HOSTS", ALLOWED_HOSTS)) if not value
]
if not env.str("DATABASE_URL", default=""):
    _missing.append("DATABASE_URL")
if _missing:
    raise ImproperlyConfigured(
        "Passerelles ne démarre pas en production sans : "
        + ", ".join(_missing)
        + ". Définissez ces variables d’environnement (voir docs/exploitation.md), puis relancez."
    )
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("PASSERELLES_SECRET_KEY doit compter au moins 50 caractères tirés au hasard.")

SECURE_SSL_REDIRECT = env.bool("PASSERELLES_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("PASSERELLES_HSTS_SECONDS", default=31_536_000)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# The template loader keeps compiled templates (Django's default when DEBUG is off).
