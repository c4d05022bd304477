"""What workers do for this room."""

from . import reading
from .models import Feed


def read_feed(feed_id: int) -> None:
    feed = Feed.objects.filter(pk=feed_id, user__is_active=True).select_related("user").first()
    if feed is not None:
        reading.read_feed(feed)


def start_due_feeds() -> None:
    Feed.objects.start_due()
