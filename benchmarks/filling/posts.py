"""Many posts of one person: sent long ago, and scheduled for years."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.filling import channel_of, chunks
from publishing.models import Delivery, Post, PostTag, Tag
from social.models import Channel

TAGGED_IN = 50  # posts to one with a tag


def fill_posts(name: str, sent: int, scheduled: int) -> None:
    user = get_user_model().objects.create_user(name, f"{name}@example.org")
    browser = Client()
    browser.force_login(user)
    channel, now = channel_of(user), timezone.now()
    tag = Tag.objects.create(user=user, name="Bread")
    for numbers in chunks(range(sent)):
        times = [now - timedelta(minutes=10 * number + 10) for number in numbers]
        keep(user, channel, tag, "sent", list(numbers), times)
    for numbers in chunks(range(scheduled)):
        times = [now + timedelta(minutes=10 * number + 60) for number in numbers]
        keep(user, channel, tag, "queued", list(numbers), times)
    keep(user, channel, tag, "failed", [1, 2], [now - timedelta(days=3)] * 2)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    days = {"ahead": now + timedelta(days=5), "back": now - timedelta(days=5)}
    told = {name: f"{day:%Y-%m-%d}" for name, day in days.items()}
    told |= {"session": browser.cookies["sessionid"].value, "tag": str(tag.public_id)}
    print(" ".join(f"{name}={value}" for name, value in told.items()))


def keep(
    user: Any, channel: Channel, tag: Tag, state: str, numbers: list[int], times: list[Any]
) -> None:
    """Rows of posts whose one delivery is in this state."""
    posts = [
        Post(
            user=user, text=f"Bread number {number}", due_at=at, created_at=min(at, timezone.now())
        )
        for number, at in zip(numbers, times, strict=True)
    ]
    Post.objects.bulk_create(posts)
    rows = [
        Delivery(
            post=post,
            channel=channel,
            network_name="x",
            account=channel.account,
            state=state,
            remote_id=f"s{post.pk}" if state == "sent" else "",
            due_at=at,
            next_attempt_at=at if state == "queued" else None,
            waiting_for="time" if state == "queued" else "",
            woken_at=at,
            finished_at=None if state == "queued" else at,
        )
        for post, at in zip(posts, times, strict=True)
    ]
    Delivery.objects.bulk_create(rows)
    PostTag.objects.bulk_create(PostTag(tag=tag, post=post) for post in posts[::TAGGED_IN])
