import dramatiq
import redis
from django.conf import settings

from benchmarks.queue.bench import jobs

OUTSIDE = True


@dramatiq.actor
def send(pk: int) -> None:
    jobs.send(pk)


def enqueue(pk: int) -> None:
    send.send(pk)


def left() -> bool:
    return bool(redis.Redis.from_url(settings.REDIS_URL).hlen("dramatiq:default.msgs"))
