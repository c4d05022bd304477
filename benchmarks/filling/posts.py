"""Many posts of one person: sent long ago, and scheduled for years; the first of these stand at
posting times."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max
from django.test import Client
from django.utils import timezone

from benchmarks.filling import channel_of
from publishing.models import Delivery, Post, PostingTime, PostTag, Tag
from publishing.sql import insert
from social.models import Channel

TAGGED_IN = 50  # posts to one with a tag
LISTED = 1_000  # of those that are scheduled: one in six at a posting time, which has one an hour
POSTS_AT_A_TIME = 10_000


def fill_posts(name: str, sent: int, scheduled: int) -> None:
    user = get_user_model().objects.create_user(name, f"{name}@example.org")
    browser = Client()
    browser.force_login(user)
    channel, now = channel_of(user), timezone.now()
    tag = Tag.objects.create(user=user, name="Bread")
    PostingTime.objects.bulk_create(
        PostingTime(user=user, weekday=day, clock=f"{hour:02}:00")
        for day in range(7)
        for hour in range(24)
    )
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    past = ((n, now - timedelta(minutes=10 * n + 10)) for n in range(sent))
    coming = ((n, hour + timedelta(minutes=10 * n + 5 * (n >= LISTED))) for n in range(scheduled))
    keep(user, channel, tag, "sent", past)
    keep(user, channel, tag, "queued", coming)
    keep(user, channel, tag, "failed", ((n, now - timedelta(days=3)) for n in (1, 2)))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Post, Delivery]):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    days = {"ahead": now + timedelta(days=5), "back": now - timedelta(days=5)}
    told = {name: f"{day:%Y-%m-%d}" for name, day in days.items()}
    told |= {"month": f"{now:%Y-%m}", "week": f"{now:%G-W%V}"}
    told |= {"session": browser.cookies["sessionid"].value, "tag": str(tag.public_id)}
    print(" ".join(f"{name}={value}" for name, value in told.items()))


def keep(
    user: Any, channel: Channel, tag: Tag, state: str, rows: Iterator[tuple[int, Any]]
) -> None:
    """Rows of posts whose one delivery is in this state: by their numbers and times."""
    is_queued, now = state == "queued", timezone.now()
    alike = Delivery(
        channel=channel,
        network_name="x",
        account=channel.account,
        state=state,
        waiting_for="time" if is_queued else "",
    )
    own = ["job_id", "post_id", "remote_id", "due_at", "at_posting_time"]
    own += ["next_attempt_at", "woken_at"] if is_queued else ["finished_at"]
    while some := list(islice(rows, POSTS_AT_A_TIME)):
        first = (Post.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        keys = [(first + number, *row) for number, row in enumerate(some)]
        posts = [(pk, uuid4(), f"Bread number {n}", at, min(at, now)) for pk, n, at in keys]
        deliveries = [
            (
                uuid4(),
                pk,
                f"s{pk}" if state == "sent" else "",
                at,
                is_queued and n < LISTED and n % 6 == 0,
                *([at, at] if is_queued else [at]),
            )
            for pk, n, at in keys
        ]
        with transaction.atomic():
            names = ["id", "public_id", "text", "due_at", "created_at"]
            insert(Post(user=user, published_at=now), names, posts)
            insert(alike, own, deliveries)
            tagged = (PostTag(tag=tag, post_id=pk) for pk, *_ in keys[::TAGGED_IN])
            PostTag.objects.bulk_create(tagged)
