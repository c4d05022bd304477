"""A person's posts as events, for programs that show calendars: from thirty days ago until more
than a year ahead. Never a draft: nobody knows yet whether that is to be said."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Max, Min
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext

from publishing.models import CalendarFeed, Delivery, Post
from publishing.states import CANCELED

from .entries import LETTERS_READ, Calendar, alike_deliveries, of
from .icalendar import Event, calendar_file

SHOWN_SINCE, SHOWN_UNTIL = timedelta(days=30), timedelta(days=400)
FEED_EVENTS = 500
SUMMARY_CHARACTERS = 60


def file_of(feed: CalendarFeed) -> bytes:
    return calendar_file("Fanfare", events_of(feed))


def events_of(feed: CalendarFeed) -> list[Event]:
    """What is to come first, of more than are shown."""
    now = timezone.now()
    rows = Delivery.objects.filter(channel__in=list(Calendar(feed.user).channels))
    posts = rows.values("post").annotate(at=Min("due_at"), ended_at=Max("finished_at"))
    coming = posts.filter(due_at__gte=now, due_at__lt=now + SHOWN_UNTIL).order_by("at", "post")
    past = posts.filter(due_at__gte=now - SHOWN_SINCE, due_at__lt=now).order_by("-at", "-post")
    times: dict[int, tuple[datetime, datetime | None]] = {}
    for row in chain(coming[:FEED_EVENTS], past[:FEED_EVENTS]):
        if len(times) < FEED_EVENTS:
            times.setdefault(row["post"], (row["at"], row["ended_at"]))
    deliveries = defaultdict(list)
    for delivery in alike_deliveries(times):
        deliveries[delivery.post_id].append(delivery)
    found = Post.objects.filter(pk__in=times).annotate(begin=Left("text", LETTERS_READ))
    found = found.only("public_id", "created_at", "edited_at")
    events = [event_of(feed, post, *times[post.pk], deliveries[post.pk]) for post in found]
    return sorted(events, key=lambda event: (event.at, event.uid))


def event_of(
    feed: CalendarFeed, post: Any, at: datetime, ended_at: datetime | None, rows: list[Delivery]
) -> Event:
    """One post, once, at the first of its times. `post` has how its text begins."""
    is_canceled = all(row.state == CANCELED for row in rows)
    names = [row.network_name for row in rows if is_canceled or row.state != CANCELED]
    summary = ", ".join(network.label for network in of(names)) or "Fanfare"
    if feed.shows_text:
        own = next((row.text for row in rows if row.text), "")
        words = " ".join((post.begin or own).split()) or gettext("Pictures")
        summary = f"{summary}: {Truncator(words).chars(SUMMARY_CHARACTERS)}"
    changed_at = max(filter(None, (post.created_at, post.edited_at, ended_at)))
    return Event(
        uid=f"{post.public_id}@{urlsplit(settings.PUBLIC_URL).hostname}",
        at=at,
        changed_at=changed_at,
        sequence=int((changed_at - post.created_at).total_seconds()),
        summary=summary,
        address=f"{settings.PUBLIC_URL}{post.get_absolute_url()}",
        is_canceled=is_canceled,
    )
