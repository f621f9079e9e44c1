"""Settings: from the environment, each with a line in .env.example."""

import os
from pathlib import Path

import dj_database_url

BASE = Path(__file__).resolve().parent
SECRET_KEY = os.environ.get("SECRET_KEY", "dev")
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
    "procrastinate.contrib.django",
    "gospult.accounts",
    "gospult.registry",
    "gospult.exchange",
    "gospult.desk",
]
DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL", "postgres://gospult@127.0.0.1:5432/gospult"))}
AUTH_USER_MODEL = "accounts.Person"
LANGUAGE_CODE = "ru"
TIME_ZONE = "Asia/Yekaterinburg"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "gospult.urls"
STATIC_URL = "/static/"
