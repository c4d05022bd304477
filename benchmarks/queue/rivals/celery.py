import redis
from celery import Celery
from django.conf import settings

from benchmarks.queue.bench import jobs

OUTSIDE = True

app = Celery("bench")
app.config_from_object("django.conf:settings", namespace="CELERY")
if settings.DB_REUSE_MAX:
    app.conf["CELERY_DB_REUSE_MAX"] = settings.DB_REUSE_MAX


@app.task
def send(pk: int) -> None:
    jobs.send(pk)


@app.task
def wait(pk: int) -> None:
    jobs.wait(pk)


def enqueue(pk: int) -> None:
    send.delay(pk)


def enqueue_waiting(pk: int) -> None:
    wait.delay(pk)


def left() -> bool:
    server = redis.Redis.from_url(settings.REDIS_URL)
    return bool(server.llen("celery") or server.hlen("unacked"))
