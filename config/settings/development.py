"""One machine, one user, nothing to configure: what `make run` serves."""

from .base import *  # noqa: F403
from .base import PASSERELLES_DATA_DIR

DEBUG = True
SECRET_KEY = "development only: production refuses to start without PASSERELLES_SECRET_KEY"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = PASSERELLES_DATA_DIR / "courriels"
