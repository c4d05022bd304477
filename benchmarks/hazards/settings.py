"""A fresh project with django-q2 in it, as its documentation says, on SQLite."""

import json
import os

SECRET_KEY = os.environ["SECRET_KEY"]
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django_q"]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["HAZARDS_DATABASE"]}
}
if not os.environ.get("HAZARDS_PLAIN"):  # as ours, so that only the queues differ
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
    }
Q_CLUSTER = {"name": "stock", "orm": "default", "workers": 2, "timeout": 60, "retry": 120}
Q_CLUSTER |= json.loads(os.environ.get("HAZARDS_Q", "{}"))
