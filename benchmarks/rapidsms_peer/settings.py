"""Django settings of the peer: RapidSMS 2.2.0 as its documentation sets it up, without what the job does not need."""

import os

BASE_DIR = os.environ["PEER_DIR"]
SECRET_KEY = "only for a benchmark on the loopback interface"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
MIDDLEWARE: list[str] = []
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(BASE_DIR, "peer.sqlite3"),  # noqa: PTH118
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # Lighter than the FULL that Phlov runs with: the peer gets the easier promise.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rapidsms",
    "rapidsms.contrib.handlers",
    "rapidsms.contrib.messagelog",
    "hotline",
]
INSTALLED_BACKENDS = {"twilio": {"ENGINE": "hotline.backend.InlineBackend"}}
RAPIDSMS_ROUTER = "rapidsms.router.blocking.BlockingRouter"
RAPIDSMS_HANDLERS = ["hotline.handlers.HelpHandler"]
PROJECT_NAME = "peer"
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
