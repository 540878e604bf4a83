"""One machine, one user, nothing to configure: what `make run` serves."""

from .base import *  # noqa: F403
from .base import PASSERELLES_DATA_DIR, env

# False: errors show the pages that people see in production.
DEBUG = env.bool("PASSERELLES_DEBUG", default=True)
WHITENOISE_USE_FINDERS = True  # static files are served from where they are, whether debugging or not
WHITENOISE_AUTOREFRESH = True
SECRET_KEY = "development only: production refuses to start without PASSERELLES_SECRET_KEY"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = PASSERELLES_DATA_DIR / "courriels"
