"""Reading a feed: what is new there begins a draft, once. What stands there already when it is read
for the first time begins none."""

import uuid

from django.db import transaction

from publishing.models import Draft
from publishing.posts.composing import last_choice, shared_text
from social.networks.errors import NetworkError, Rejected
from social.networks.web_pages import PageKind, read_page

from .models import NO_FEED, NOT_THERE, Feed, FeedEntry
from .parsing import NoFeedError, ParsedEntry, parsed

DRAFTS_AT_A_TIME = 10  # of one reading; the rest is the next one's
FEED_PAGE = PageKind(
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/xml",
        "text/xml",
    ),
    user_agent="Fanfare (feed reader)",
)


def read_feed(feed: Feed) -> int:
    """Read it now: how many drafts that made. Whatever goes wrong is noted on its row."""
    try:
        read = parsed(read_page(feed.url, FEED_PAGE))
    except (Rejected, NoFeedError):
        feed.note_trouble(NO_FEED)
        return 0
    except NetworkError:
        feed.note_trouble(NOT_THERE)
        return 0
    new = unseen(feed, read.entries)
    if feed.read_at is None:
        see(feed, new)
        made = 0
    else:
        made = sum(begin_draft(feed, entry) for entry in list(reversed(new))[:DRAFTS_AT_A_TIME])
    feed.note_read(read.title, [entry.key for entry in read.entries])
    return made


def unseen(feed: Feed, entries: list[ParsedEntry]) -> list[ParsedEntry]:
    known = set(feed.entries.filter(key__in=[e.key for e in entries]).values_list("key", flat=True))
    return [entry for entry in entries if entry.key not in known]


def see(feed: Feed, entries: list[ParsedEntry]) -> None:
    rows = [FeedEntry(feed=feed, key=entry.key) for entry in entries]
    FeedEntry.objects.bulk_create(rows, ignore_conflicts=True)


def begin_draft(feed: Feed, entry: ParsedEntry) -> bool:
    """Whether this made one: of two that read at the same time one does, by the draft's id."""
    text = shared_text({"title": entry.title, "url": entry.link})
    choice = last_choice(feed.user)
    channels = [str(pk) for pk in choice["channels"]]
    fields = {"text": [text], "when": [choice["when"]], "channels": channels}
    draft = Draft(user=feed.user, public_id=uuid.uuid5(feed.public_id, entry.key), fields=fields)
    with transaction.atomic():
        see(feed, [entry])
        return draft.create()
