"""Settings: from the environment, each with a line in .env.example."""

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from gospult.lib.embedded import find_home
from gospult.lib.logs import LOGGING  # noqa: F401  (Django reads it by name)

BASE = Path(__file__).resolve().parent
env = os.environ.get


def _flag(name: str) -> bool:
    return env(name, "").lower() in {"1", "true", "yes", "да"}


def _words(name: str) -> list[str]:
    return [word.strip() for word in env(name, "").split(",") if word.strip()]


def _figures(name: str) -> dict[str, float]:
    """`name=figure` by commas."""
    try:
        return {key.strip(): float(figure) for key, _, figure in (word.partition("=") for word in _words(name))}
    except ValueError:
        raise ImproperlyConfigured(f"{name}: нужно «имя=число» через запятую.") from None


def _kept_secret(home: Path) -> str:
    """The home's own key, made once; an exclusive link decides between two processes that make it at once."""
    path = home / "secret_key"
    with contextlib.suppress(FileNotFoundError):
        return path.read_text()
    home.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret_key.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text()


# Where this installation stands
HOME = find_home()
URL = env("GOSPULT_URL", "http://127.0.0.1:8000").rstrip("/")
STATUS_URL = f"{URL}/status/"  # where a resident sees by his number how it goes
HTTPS = URL.startswith("https://")
PROXIES = int(env("GOSPULT_PROXIES", "0"))
REGIONS_DIR = Path(env("GOSPULT_REGIONS_DIR") or next((p for p in (BASE / "regions", BASE.parent / "regions") if p.is_dir()), BASE / "regions"))
REGION = env("GOSPULT_REGION", "chelyabinsk")
MAP = env("GOSPULT_MAP", "")  # GeoJSON of the region's municipalities; unset: map.geojson among the region's files
DEMO = _flag("GOSPULT_DEMO")

# Safety
DEBUG = _flag("GOSPULT_DEBUG")
SECRET_KEY = env("SECRET_KEY") or _kept_secret(HOME)
TOKEN_KEYS = _words("GOSPULT_TOKEN_KEYS") or [SECRET_KEY]
ALLOWED_HOSTS = _words("ALLOWED_HOSTS") or ["127.0.0.1", "localhost", "[::1]", urlsplit(URL).hostname or ""]
CSRF_TRUSTED_ORIGINS = [URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_SSL_REDIRECT = HTTPS and bool(PROXIES)
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# What it is made of
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "gospult.accounts",
    "gospult.registry",
    "gospult.exchange",
    "gospult.alerts",
    "gospult.desk",
    "gospult.monitoring",
    "gospult.audience",
    "gospult.informing",
    "gospult.scores",
    "gospult.directory",
    "gospult.services",
    "gospult.reports",
    "gospult.office",
]
MIDDLEWARE = [
    "gospult.exchange.middleware.hooks_first",  # the calls of networks pass by all the others
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "gospult.registry.middleware.grants_read_once",
]
ROOT_URLCONF = "gospult.urls"
WSGI_APPLICATION = "gospult.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gospult.accounts.marks.installation",
            ],
            "builtins": ["gospult.lib.icons"],
        },
    }
]

# Where rows and files are kept
DATABASES = {
    # The address without a password stands for "none given": the command line starts the embedded server and names it here.
    "default": dj_database_url.parse(env("DATABASE_URL") or "postgres://gospult@127.0.0.1/gospult", conn_max_age=60, conn_health_checks=True)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database and not in memory: the counts of login attempts hold for all processes together.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache", "OPTIONS": {"MAX_ENTRIES": 20_000}}}
MEDIA_ROOT = HOME / "media"
_FILES = {"location": MEDIA_ROOT, "base_url": None, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": _FILES},
    "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": _FILES},  # no URL: views check who may see a file
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static"]
STATIC_ROOT = None  # nothing is collected: whitenoise serves the package's own files
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024  # an XLSX export of a region; the webhook has its own, smaller limit

# Language and time
LANGUAGE_CODE = "ru"
LOCALE_PATHS = [BASE / "locale"]
TIME_ZONE = env("GOSPULT_TIME_ZONE", "Asia/Yekaterinburg")
USE_TZ = True

# Who logs in
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGIN_LINK_HOURS = float(env("GOSPULT_LOGIN_LINK_HOURS", "24"))  # how long the link of an alert lets its person in
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

# The networks. Empty base_url is the network's own address.
_CA_FILE = env("GOSPULT_CA_FILE", "")
NETWORKS = {name: {"base_url": env(f"GOSPULT_{name.upper()}_URL", ""), "ca_file": _CA_FILE} for name in ("vk", "ok", "telegram", "max")}
NETWORK_TIMEOUT = float(env("GOSPULT_NETWORK_TIMEOUT", "10"))  # seconds
LIMITS = _figures("GOSPULT_LIMITS")  # changes to exchange/limits.py
CHECK_EVERY = float(env("GOSPULT_CHECK_EVERY", "86400"))  # seconds between checks of one token's rights
EXPIRY_DAYS = int(env("GOSPULT_EXPIRY_DAYS", "14"))  # how long before its end a token is an alarm
HOOK_MAX_BYTES = int(env("GOSPULT_HOOK_MAX_BYTES", str(1024 * 1024)))
DOOR_SECONDS = float(env("GOSPULT_DOOR_SECONDS", "15"))  # how long a process trusts its copy of a page's webhook secret
MEDIA_DAYS = int(env("GOSPULT_MEDIA_DAYS", "180"))
MESSAGE_DAYS = int(env("GOSPULT_MESSAGE_DAYS", "1095"))  # how long residents' words and names are kept after their case is over
DM_DAYS = int(env("GOSPULT_DM_DAYS", "365"))  # the same for direct messages
MEDIA_MAX_BYTES = int(env("GOSPULT_MEDIA_MAX_BYTES", str(20 * 1024 * 1024)))
POLL_EVERY = float(env("GOSPULT_POLL_EVERY", "300"))  # seconds between readings of one page
POLL_DAYS = int(env("GOSPULT_POLL_DAYS", "3"))  # how far back a reading looks
POLL_GAPS_EVERY = float(env("GOSPULT_POLL_GAPS_EVERY", "86400"))  # seconds between readings of what a living webhook brings anyway
WATCH_EVERY = float(env("GOSPULT_WATCH_EVERY", "3600"))  # seconds between looks at one page's rights and webhook
SILENT_AFTER = float(env("GOSPULT_SILENT_AFTER", "10800"))  # seconds without a proof of life after which a page counts as silent
LINK_DAYS = int(env("GOSPULT_LINK_DAYS", "14"))  # how long a steward's link opens
CLAIM_TIMEOUT = float(env("GOSPULT_CLAIM_TIMEOUT", "120"))  # seconds after which claimed work is taken to be abandoned
READ_BACK_AFTER = float(env("GOSPULT_READ_BACK_AFTER", "5"))  # seconds before an unknown outcome is looked up
RETRY_BASE = float(env("GOSPULT_RETRY_BASE", "2"))  # seconds, doubled with every try

# How the staff is told
ALERT_GATHER_SECONDS = float(env("GOSPULT_ALERT_GATHER_SECONDS", "60"))  # what comes together within this time may become one digest
ALERTS_AN_HOUR = int(env("GOSPULT_ALERTS_AN_HOUR", "5"))  # letters to one person that are not urgent; more of them are one digest
_MAIL = urlsplit(env("GOSPULT_MAIL_URL", ""))  # smtp://name:password@host:587, smtps:// for TLS from the first byte
MAILS = bool(_MAIL.hostname)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAILS else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _MAIL.hostname or "", _MAIL.port or (465 if _MAIL.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_MAIL.username or ""), unquote(_MAIL.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS, EMAIL_TIMEOUT = _MAIL.scheme == "smtps", _MAIL.scheme == "smtp" and EMAIL_PORT == 587, 10
DEFAULT_FROM_EMAIL = env("GOSPULT_MAIL_FROM", f"gospult@{urlsplit(URL).hostname}")

# The desk
ARBITERS = _words("GOSPULT_ARBITERS")  # logins of those who decide disputes; none: any operator or head of the region
UNDO_SECONDS = float(env("GOSPULT_UNDO_SECONDS", "10"))  # an approved answer waits so long for «Отменить»
AUTOREPLY_SECONDS = float(env("GOSPULT_AUTOREPLY_SECONDS", "3"))  # a page that replies to a direct message sooner did not do it by hand
REOPEN_FROM_LETTERS = int(env("GOSPULT_REOPEN_FROM_LETTERS", "3"))  # «ок» after an answer does not reopen a case
MARK_DAYS = int(env("GOSPULT_MARK_DAYS", "14"))  # so long after an answer «5» or «не решено» is a mark of it
REMEMBER_SECONDS = float(env("GOSPULT_REMEMBER_SECONDS", "5"))  # how old the classifier, rules and calendars in a process may be

# The audience: what is smaller is not shown, so that nobody is named by a count
AUDIENCE_PEOPLE = int(env("GOSPULT_AUDIENCE_PEOPLE", "100"))
AUDIENCE_PAGES = int(env("GOSPULT_AUDIENCE_PAGES", "2"))
AUDIENCE_SKETCH = int(env("GOSPULT_AUDIENCE_SKETCH", "1024"))  # subscribers from which a page has a sketch

# The processes
WEB_WORKERS = int(env("GOSPULT_WEB_WORKERS", "2"))  # processes
WEB_THREADS = int(env("GOSPULT_WEB_THREADS", "4"))  # threads of each; every thread keeps one connection to the database
JOBS = _words("GOSPULT_JOBS")  # rooms whose jobs this worker does; empty: all rooms
# More slots than jobs that wait for the networks (readings, watch, sweep): those must not keep people's messages waiting.
WORKER_SLOTS = int(env("GOSPULT_WORKER_SLOTS", "10"))  # jobs at the same time in one worker
STALLED_SECONDS = float(env("GOSPULT_STALLED_SECONDS", "30"))  # a worker silent for so long is dead, its jobs go to others
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None  # all jobs are listed in one place
PROCRASTINATE_IMPORT_PATHS = ["gospult.clock"]
