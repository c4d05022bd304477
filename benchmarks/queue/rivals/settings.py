"""A fresh project with one queue in it. Nothing of this project's own settings but the database's:
SQLite and PostgreSQL are set up for all alike, as project/settings.py does."""

import json
import os

KIND = os.environ["BENCH_KIND"]
REDIS_URL = os.environ.get("BENCH_REDIS", "")
WORKERS = int(os.environ.get("BENCH_WORKERS", "2"))

SECRET_KEY = "only-for-benchmarks-" * 3
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
BENCH_QUEUE = f"benchmarks.queue.rivals.{KIND}"
BENCH_STATEMENTS = os.environ.get("BENCH_STATEMENTS")
APPS = {
    "q2": ["django_q"],
    "tasks_db": ["django_tasks", "django_tasks_db"],
    "procrastinate": ["procrastinate.contrib.django"],
    "huey": ["huey.contrib.djhuey"],
    "dramatiq": ["django_dramatiq"],
}
INSTALLED_APPS = ["benchmarks.queue.bench", "django.contrib.contenttypes", *APPS.get(KIND, [])]

DATABASES = {"default": json.loads(os.environ["BENCH_DATABASE"])}
DATABASES["default"]["CONN_MAX_AGE"] = int(os.environ.get("BENCH_CONN_MAX_AGE", "600"))
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
    }

# ── One block a rival: what its own documentation says to set, and two workers ───────────────
Q_CLUSTER = {"orm": "default", "workers": WORKERS, "timeout": 60, "retry": 120}
if os.environ.get("BENCH_TUNED"):  # the fastest found when stock django-q2 was measured
    Q_CLUSTER |= {"bulk": 20, "queue_limit": 40, "poll": 0.05, "save_limit": -1}
    Q_CLUSTER |= {"recycle": 100_000, "log_level": "WARNING"}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = bool(os.environ.get("BENCH_ACKS_LATE"))
DB_REUSE_MAX = int(os.environ.get("BENCH_REUSE", "0"))

HUEY = {
    "name": "bench",
    "immediate": False,
    "consumer": {"workers": WORKERS, "worker_type": "process"},
    "huey_class": "huey.RedisHuey" if REDIS_URL else "huey.SqliteHuey",
    "connection": {"url": REDIS_URL} if REDIS_URL else {"filename": os.environ.get("BENCH_FILE")},
}

DRAMATIQ_BROKER = {
    "BROKER": "dramatiq.brokers.redis.RedisBroker",
    "OPTIONS": {"url": REDIS_URL},
    "MIDDLEWARE": [
        *(f"dramatiq.middleware.{name}" for name in ("AgeLimit", "TimeLimit", "Callbacks")),
        "dramatiq.middleware.Retries",
        "django_dramatiq.middleware.DbConnectionsMiddleware",
    ],
}
