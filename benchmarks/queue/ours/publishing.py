"""One post that goes to very many channels: the real models, and the bare rows below them."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from benchmarks.queue.acts import timed
from benchmarks.queue.bench.models import Row
from publishing.models import Post
from social.models import Channel, Connection

from .queue import enqueue_many


def measure(channels: int, times: int) -> dict[str, list[float]]:
    """ms each: rows alone in bulk, rows and their jobs in bulk, and a post with its deliveries."""
    user = person_with(channels)
    kinds = {
        "rows": lambda: insert(channels, queued=False),
        "rows and jobs": lambda: insert(channels, queued=True),
        "a post": lambda: Post.objects.publish(user, "Hello, world!"),
    }
    for work in kinds.values():
        work()
    return {kind: [timed(work) for _ in range(times)] for kind, work in kinds.items()}


def insert(count: int, queued: bool) -> None:
    with transaction.atomic():
        rows = Row.objects.bulk_create(Row() for _ in range(count))
        if queued:
            enqueue_many([row.pk for row in rows])


def person_with(channels: int) -> object:
    user = get_user_model().objects.create_user("bench", "bench@example.org")
    connection = Connection.objects.create(
        user=user, network_name="facebook", remote_id="1", name="Bench"
    )
    Channel.objects.bulk_create(
        Channel(
            connection=connection,
            network_name="facebook",
            remote_id=str(number),
            name=f"Page {number}",
            chosen_at=timezone.now(),
        )
        for number in range(channels)
    )
    return user
