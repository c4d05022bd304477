"""Many rows of one person, quickly: as imports and sends would have left them."""

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from importing.models import ImportedItem, Interest, Statistics, Suggestion, Timeline
from importing.reading.storing import store
from publishing.models import Delivery, Post
from social.models import Channel, Connection
from social.networks.shapes import Item

WORDS = "bread oven flour morning salt water crust market seven warm rye neighbour".split()
POSTS_IN = 20  # items to one post of ours
AT_A_TIME = 1_000


def fill(name: str, many: int) -> None:
    user = get_user_model().objects.create_user(name, f"{name}@example.org")
    browser = Client()
    browser.force_login(user)
    channel = channel_of(user)
    kinds = [Timeline.objects.of_owner(channel, "post")[0]]
    kinds += [Timeline.objects.of_owner(channel.connection, "like")[0]]
    now = timezone.now()
    for timeline, share in zip(kinds, (0.8, 0.2), strict=True):
        for items in chunks(items_of(user, timeline.kind, int(many * share), now)):
            store(timeline, items)
        timeline.set(stored=int(many * share), read_at=now, next_import_at=now + timedelta(days=9))
    for posts in chunks(range(many // POSTS_IN)):
        publish(user, channel, posts, now)
    settle(user)
    middle = ImportedItem.objects.of(user).newest_first()[many // 2]
    print("session", browser.cookies["sessionid"].value, "middle", middle.pk)


def channel_of(user: Any) -> Channel:
    who = {"network_name": "x", "remote_id": f"9{user.pk}", "name": user.username}
    now = timezone.now()
    connection, _ = Connection.objects.get_or_create(user=user, **who, defaults={"checked_at": now})
    return Channel.objects.get_or_create(connection=connection, **who, chosen_at=now)[0]


def items_of(user: Any, kind: str, many: int, now: Any) -> Iterator[Item]:
    chance = random.Random(many)
    for number in range(many):
        yield Item(
            f"{user.pk}{kind[0]}{number}",
            text=" ".join(chance.choices(WORDS, k=14)) + f" {number}",
            url=f"https://x.com/a/status/{number}",
            created_at=now - timedelta(minutes=number),
            likes=chance.randint(0, 90),
            reposts=chance.randint(0, 9),
        )


def publish(user: Any, channel: Channel, numbers: Iterable[int], now: Any) -> None:
    posts = [
        Post(user=user, text=f"Bread number {n}", created_at=now - timedelta(hours=n))
        for n in numbers
    ]
    Post.objects.bulk_create(posts)
    rows = [
        Delivery(
            post=post,
            channel=channel,
            network_name="x",
            account=channel.account,
            state="sent",
            remote_id=f"s{post.pk}",
            due_at=post.created_at,
            finished_at=post.created_at + timedelta(seconds=2),
        )
        for post in posts
    ]
    Delivery.objects.bulk_create(rows)


def settle(user: Any) -> None:
    """What jobs would do afterwards, and what the database does by itself in a while."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    Statistics.objects.mark_stale(user.pk)
    Statistics.objects.get(pk=user.pk).calculate()
    Interest.objects.recompute(user.pk)
    Suggestion.objects.refill(user)
    Suggestion.objects.of(user).update(checked_at=timezone.now())


def chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_A_TIME:
            yield some
            some = []
    if some:
        yield some
