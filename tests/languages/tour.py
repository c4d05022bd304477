"""A walk past everything that a page can say: rows are brought into each state, and then it is
looked at."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import available_timezones

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from importing.models import ImportedItem, ImportRun, Interest, Statistics, Suggestion, Timeline
from project.jobs.models import PausedQueue
from publishing.models import (
    BulkAct,
    Delivery,
    Draft,
    DraftVersion,
    Media,
    Notice,
    Post,
    Tag,
    Verification,
)
from publishing.planning.free_times import NextFree, free_instants
from publishing.tables.reading import known_columns
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.messages import VISIBILITY_NOTES
from tests.browser import scenes
from tests.project.test_accounts_pages import ANONYMOUS, SIGNED_IN
from tests.publishing.factories import posting_times
from tests.sandbox import Sandbox

# Names, and what is the same in every language.
NAMES = ["Fanfare", "UTC", "manage.py qcluster", "p50", "p95", "example.org"]
NAMES += ["https://example.org/feed.xml"]
WRITTEN = {  # by people, or by networks
    get_user_model(): ("username", "email"),
    Post: ("text",),
    Delivery: ("text",),
    Channel: ("name", "handle", "network_name"),
    Connection: ("name",),
    Media: ("name", "alt"),
    Tag: ("name",),
    ImportedItem: ("text", "author_name", "author_handle"),
    Interest: ("word",),
}


def data() -> set[str]:
    """What is no sentence of ours, as the rows are now."""
    known = {*NAMES, *available_timezones(), *known_columns()}
    known |= {part.replace("_", " ") for zone in known for part in (zone, *zone.split("/"))}
    known |= {network.label for network in NETWORKS.values()}
    for network in NETWORKS.values():
        known |= set(network.examples)
    for model, fields in WRITTEN.items():
        for row in model._default_manager.values_list(*fields):
            known |= {str(value) for value in row}
    known |= {channel.label for channel in Channel.objects.all()}
    known |= {f"{name[:1]}".upper() for name in known} | {c.initials for c in Channel.objects.all()}
    for candidates in Verification.objects.values_list("candidates", flat=True):
        known |= {candidate["text"] for candidate in candidates}
    return known


def strangers() -> Iterator[str]:
    """The pages for who is not signed in."""
    yield from ANONYMOUS
    yield "/nothing/here/"


def empty(user: Any) -> Iterator[str]:
    """The pages of who has just signed up."""
    yield from SIGNED_IN
    for name in ("posts:compose", "posts:list", "drafts:list", "channels:list", "notices:list"):
        yield reverse(name)
    for name in ("calendar:agenda", "calendar:feed"):
        yield reverse(name)
    for name in ("2026-W49", "2026-12"):
        yield f"/calendar/{name}/"
    for query in ("?trash=1", "?q=1"):
        yield reverse("drafts:list") + query


def writing(user: Any, sandbox: Sandbox) -> Iterator[str]:
    """The composer, posts in every state, and the editor."""
    channels = scenes.connect_all(user, sandbox)
    x = channels["Alice Example"]
    yield reverse("posts:compose")
    scenes.forty_pages(channels["Alice's Bakery"].connection)
    everything = scenes.post_in_every_state(user, list(Channel.objects.of(user)))
    yield everything.get_absolute_url()
    yield reverse("calendar:agenda")
    yield reverse("calendar:post_times", args=[everything.public_id])
    PausedQueue.objects.create(queue="publish")
    yield everything.get_absolute_url()
    PausedQueue.objects.all().delete()
    scenes.worker_is_there()
    yield everything.get_absolute_url()
    for name in scenes.every_state():
        yield scenes.post_in(user, x, name).get_absolute_url()
    yield from asked_about(user, x)
    x.pause()
    later = timezone.now() + timedelta(days=2)
    scheduled = Post.objects.publish(user, "Later", [x, channels["Alice's Bakery"]], later)
    yield scheduled.get_absolute_url()
    yield reverse("posts:edit", args=[scheduled.public_id])
    yield from drafts(user, scheduled)
    yield from queue(user, channels["Alice's Bakery"])
    Post.objects.filter(pk=scheduled.pk).update(edited_at=timezone.now())
    yield scheduled.get_absolute_url()
    yield reverse("posts:list")
    yield f"{reverse('posts:list')}?before=1"
    yield from finding(user)
    yield reverse("posts:compose")
    failed = Delivery.objects.filter(state="failed").first()
    yield f"{reverse('posts:compose')}?again={failed.job_id}"


def asked_about(user: Any, channel: Channel) -> Iterator[str]:
    """A post whose person is asked, and that is looked for at several times."""
    asked = scenes.post_in(user, channel, "unconfirmed").deliveries.get()
    candidate = {"id": "1", "url": "https://x.com/1", "text": "Maybe this", "at": "2026-01-01"}
    asked.verifications.create(attempt=1, outcome="ask", candidates=[candidate])
    yield asked.post.get_absolute_url()
    for outcome in ("found", "absent", "again", "ask", "not read"):
        asked.verifications.create(attempt=1, outcome=outcome)
    for minutes in (-3, 3):
        at = timezone.now() + timedelta(minutes=minutes)
        Delivery.objects.filter(pk=asked.pk).update(waiting_for="", next_verification_at=at)
        yield asked.post.get_absolute_url()


def queue(user: Any, channel: Channel) -> Iterator[str]:
    """Posting times, posts that stand at them, with a gap, and a time of its own."""
    yield reverse("queue:queue")
    posting_times(user, "06:00", "18:00")
    free = free_instants(user, [channel], count=3)
    for at in (NextFree(free[1]), NextFree(free[2]), free[2] + timedelta(minutes=1)):
        Post.objects.publish(user, "Later", [channel], at)
    for name in ("queue", "times", "close_gaps", "shuffle"):
        yield reverse(f"queue:{name}")
    yield reverse("posts:compose")


def finding(user: Any) -> Iterator[str]:
    """Tags, an act on many posts, and where a file is brought."""
    tag = Tag.objects.create(user=user, name="Later", colour="teal")
    yield reverse("reuse:tags")
    yield reverse("reuse:tag", args=[tag.public_id])
    for post in Post.objects.of(user)[:3]:
        post.tags.add(tag)
    yield f"{reverse('posts:list')}?state=queued&q=later"
    posts = list(Post.objects.of(user).values_list("pk", flat=True))
    act = BulkAct.objects.create(user=user, act="move", days=2, post_ids=posts, is_partial=True)
    yield act.get_absolute_url()
    BulkAct.objects.update(begun_at=timezone.now(), position=2)
    yield act.get_absolute_url()
    BulkAct.objects.update(finished_at=timezone.now())
    yield act.get_absolute_url()
    yield reverse("posts:tables")


def drafts(user: Any, scheduled: Post) -> Iterator[str]:
    """What is being written, its list, and what it said before."""
    one, discarded = (Draft(user=user, fields={"text": ["Later"]}) for _ in range(2))
    copy = Draft(user=user, fields={"text": ["Later"]}, post=scheduled, post_revision="first")
    for draft in (one, discarded, copy):
        draft.create()
    yield reverse("drafts:versions", args=[one.public_id])
    other = {"text": ["Later"], "media": ["1"], "channels": ["1"], "when": ["now"]}
    DraftVersion(draft=one, revision=0, fields=other, saved_at=timezone.now()).keep()
    discarded.discard()
    yield reverse("drafts:list")
    yield f"{reverse('drafts:list')}?trash=1"
    yield reverse("drafts:versions", args=[one.public_id])
    yield one.get_absolute_url()
    yield reverse("posts:edit", args=[scheduled.public_id])
    Draft.objects.filter(pk=copy.pk).update(trashed_at=timezone.now())


def channels_in_trouble(user: Any, sandbox: Sandbox) -> Iterator[str]:
    """The page of channels, and that of notices."""
    scenes.worker_is_there()
    yield reverse("channels:list")
    yield from (f"/channels/connect/{it.name}/" for it in NETWORKS.values() if it.has_form)
    scenes.trouble(user, sandbox)
    Notice.objects.create(user=user, kind="webhook", key=f"webhook:{uuid4()}")
    yield reverse("notices:list")
    yield reverse("notices:list")
    yield reverse("posts:compose")
    yield reverse("channels:list")
    x = Connection.objects.get(user=user, network_name="x")
    facebook = Connection.objects.get(user=user, network_name="facebook")
    facebook.channels.filter(chosen_at__isnull=False).first().disconnect()
    Connection.objects.filter(pk=x.pk).update(
        blocked_reason="", missing_permissions=["tweet.write"]
    )
    yield reverse("channels:list")
    Channel.objects.filter(connection=facebook).update(chosen_at=None)
    Connection.objects.filter(pk=facebook.pk).update(missing_permissions=["pages_manage_posts"])
    yield reverse("channels:list")
    Connection.objects.filter(pk__in=[x.pk, facebook.pk]).update(
        checked_at=None, missing_permissions=[], last_error=""
    )
    yield reverse("channels:list")
    Connection.objects.filter(pk=x.pk).update(last_error="unreachable")
    yield reverse("channels:list")


def read_back(user: Any, sandbox: Sandbox) -> Iterator[str]:
    """Imports, items, numbers and ideas."""
    scenes.worker_is_there()
    channels, now = scenes.connect_all(user, sandbox), timezone.now()
    x, page = channels["Alice Example"], channels["Alice's Bakery"]
    yield reverse("importing:imports")
    yield reverse("importing:numbers")
    yield from imports_in_every_state(x, page)
    yield reverse("importing:items")
    items_of(user, Timeline.objects.of_owner(x, "post")[0])
    scenes.forty_pages(page.connection)
    scenes.post_in_every_state(user, list(Channel.objects.of(user)))
    Delivery.objects.filter(state__in=("sent", "failed", "canceled")).update(finished_at=now)
    Statistics.objects.mark_stale(user.pk)
    Statistics.objects.get(pk=user.pk).calculate()
    yield reverse("importing:items")
    yield f"{reverse('importing:items')}?q=nothing"
    yield f"{reverse('importing:items')}?kind=like"
    yield reverse("importing:numbers")
    yield f"{reverse('importing:numbers')}?days=90"
    Suggestion.objects.refill(user)
    Suggestion.objects.of(user).update(checked_at=now)
    yield reverse("importing:suggestions")
    yield reverse("posts:compose")
    yield reverse("importing:another")


def imports_in_every_state(x: Channel, page: Channel) -> Iterator[str]:
    """The page of imports, again and again."""
    now = timezone.now()
    timelines = [
        Timeline.objects.of_owner(owner, kind)[0]
        for owner, kind in ((x, "post"), (page, "post"), (x.connection, "like"))
    ]
    yield reverse("importing:imports")
    first, second, third = timelines
    ImportRun.objects.create(timeline=first, state="running", started_at=now)
    Timeline.objects.filter(pk=first.pk).update(expected=3200, stored=1)
    yield reverse("importing:imports")
    ended = {"finished_at": now, "started_at": now}
    ImportRun.objects.filter(timeline=first).update(state="finished", added=3, pages=1, **ended)
    ImportRun.objects.create(timeline=first, state="finished", cost=1, pages=1, **ended)
    ImportRun.objects.create(timeline=second, state="failed", reason="may_not_read", **ended)
    ImportRun.objects.create(timeline=third, state="waiting", reason="import_limit", **ended)
    Timeline.objects.filter(pk=first.pk).update(read_at=now, next_import_at=now)
    for note in VISIBILITY_NOTES:
        Timeline.objects.filter(pk=second.pk).update(visibility_note=note[:40])
        yield reverse("importing:imports")
    Timeline.objects.filter(pk=third.pk).update(paused_at=now)
    x.connection.mark_lost("token_dead")
    yield reverse("importing:imports")


def items_of(user: Any, timeline: Timeline) -> None:
    """Two pages of what was read back, one without words and one that is gone."""
    now = timezone.now()
    for number in range(45):
        ImportedItem.objects.create(
            timeline=timeline,
            user=user,
            kind="post",
            network_name="x",
            first_id=str(number),
            remote_id=str(number),
            text=f"Loaf {number} #bread" if number else "",
            url="https://x.com/1",
            author_handle="alice_bakes",
            created_at=now - timedelta(days=8 * number + 1),
            likes=number,
            reposts=number,
            reactions=2 * number,
            gone_at=now if number == 1 else None,
        )
