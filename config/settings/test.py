"""Settings of the test suite: a data folder of its own, fast hashing, warnings as errors."""

import os
import tempfile

from jinja2 import StrictUndefined

os.environ["PASSERELLES_DATA_DIR"] = tempfile.mkdtemp(prefix="passerelles-test-")

from .base import *  # noqa: F403
from .base import PASSERELLES_DATA_DIR, TEMPLATES

SECRET_KEY = "tests only"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = PASSERELLES_DATA_DIR / "media"
# A name that a template asks for and nobody gave: an error in our pages, a word that tests look for in the admin's.
_PAGES, _ADMIN = (engine["OPTIONS"] for engine in TEMPLATES)
_PAGES["undefined"] = StrictUndefined
_ADMIN["string_if_invalid"] = "UNDEFINED TEMPLATE VARIABLE %s"
# WhiteNoise warns about a missing folder, and warnings are errors here.
(PASSERELLES_DATA_DIR / "static").mkdir(exist_ok=True)
