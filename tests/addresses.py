"""Every address that the URLconf answers to, with something real behind every id."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.urls import URLResolver, get_resolver
from django.utils import timezone
from django_q.models import Schedule, Task

from importing.models import ImportedItem, ImportRun, Suggestion, Timeline
from importing.reading.storing import store
from project.accounts.models import OutgoingMail
from project.api.models import ApiToken
from project.feeds.models import Feed
from project.jobs.models import DeadLetter, FailureNote, Heartbeat, PausedQueue
from project.webhooks.events import TEST, write
from project.webhooks.models import Webhook
from publishing.models import (
    BulkAct,
    ChannelGroup,
    Draft,
    DraftVersion,
    Notice,
    Post,
    PostingTime,
    Snippet,
    Tag,
)
from social.models import Channel, CircuitBreaker, Connection, Home
from social.networks.shapes import Item
from tests.pictures import drawn


def patterns(resolver: Any = None, before: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = before + str(entry.pattern).replace("<uuidstr:", "<uuid:")  # ninja's name for it
        if isinstance(entry, URLResolver):
            yield from patterns(entry, pattern)
        else:
            yield pattern


def things_of(user: Any) -> dict[str, Any]:
    """What hangs on a person without asking a network: a post to X and to a Page, queued."""
    connections = [connection_of(user, name) for name in ("x", "facebook")]
    channels = [channel_of(connection) for connection in connections]
    post = Post.objects.publish(user, f"From {user.username}", channels, media=[(drawn(), "Red")])
    draft = draft_of(user)
    return {
        "<uuid:public_id>": post.public_id,
        "<uuid:draft_id>": draft.public_id,
        "<int:number>": draft.versions.get().pk,
        "<uuid:media_id>": post.media.get().public_id,
        "<uuid:job_id>": post.deliveries.first().job_id,
        "<uuid:connection_id>": connections[1].pk,
        "<uuid:channel_id>": channels[0].pk,
        "^confirm-email/(?P<key>[-:\\w]+)/$": "confirm-email/gone/",
        "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-gone/",
        "<path:content_type_id>": ContentType.objects.get_for_model(Post).pk,
        "<id>": user.pk,
        "<int:notice_id>": notice_of(user, post).pk,
        "<uuid:suggestion_id>": suggestion_of(user).public_id,
        "<uuid:timeline_id>": timeline_of(channels[0]).pk,
        "<uuid:snippet_id>": Snippet.objects.create(user=user, name="Ours", text="#ours").public_id,
        "<uuid:tag_id>": Tag.objects.create(user=user, name="Ours").public_id,
        "<uuid:act_id>": BulkAct.objects.create(user=user, act="cancel").public_id,
        "<uuid:group_id>": group_of(user, channels).public_id,
        "<uuid:webhook_id>": (webhook := webhook_of(user)).public_id,
        "<uuid:event_id>": webhook.events.get().public_id,
        "<uuid:feed_id>": Feed.objects.create(user=user, url="https://news.example/").public_id,
        "<uuid:token_id>": ApiToken.objects.give(user, "CI", ["read"])[0].public_id,
        "<path:rest>": "no/such/thing",
        "^calendar/(?P<name>[0-9]{4}-[0-9]{2})/$": "calendar/2026-12/",
        "^calendar/(?P<name>[0-9]{4}-W[0-9]{2})/$": "calendar/2026-W49/",
        "^calendar/(?P<token>[-\\w]{20,64})[.]ics$": "calendar/nobodys-address-of-hers.ics",
        "<slug:queue>": "mail",
        "<slug:network>": "x",
        "<str:home>": "green.example",
        "<int:worker>": 0,
        "<int:pk>": 0,  # of no passkey: tests/browser/test_passkeys.py has real ones
    }


def draft_of(user: Any) -> Draft:
    draft = Draft(user=user, fields={"text": [f"{user.username} is writing"]})
    assert draft.create()
    DraftVersion.of(draft).keep()
    return draft


def notice_of(user: Any, post: Post) -> Notice:
    return Notice.objects.create(user=user, kind="failed", key=f"failed:{post.pk}", post=post)


def group_of(user: Any, channels: list[Channel]) -> ChannelGroup:
    group = ChannelGroup.objects.create(user=user, name="Both")
    group.channels.set(channels)
    return group


def webhook_of(user: Any) -> Webhook:
    webhook, _ = Webhook.objects.get_or_create(user=user, url="https://told.example/")
    write([webhook], TEST, "test:1", {})
    return webhook


def suggestion_of(user: Any, kind: str = "plain", key: str = "plain:1") -> Suggestion:
    return Suggestion.objects.create(user=user, kind=kind, key=key, prompt="What is new?")


def timeline_of(channel: Channel) -> Timeline:
    return Timeline.objects.of_owner(channel, "post")[0]


def connection_of(user: Any, network: str) -> Connection:
    return Connection.objects.create(
        user=user,
        network_name=network,
        remote_id=f"{user.pk}{network}",
        name=user.username.title(),
        handle=user.username,
        checked_at=timezone.now(),
    )


def channel_of(connection: Connection) -> Channel:
    return Channel.objects.create(
        connection=connection,
        network_name=connection.network_name,
        remote_id=connection.remote_id,
        name=connection.name,
        handle=connection.handle,
        chosen_at=timezone.now(),
    )


def fill_the_admin(user: Any) -> None:
    """One row at least behind every page of the admin."""
    now = timezone.now()
    for key, success in (("a" * 32, True), ("b" * 32, False)):
        Task.objects.create(
            id=key, name=key, func="publishing.tasks.sweep", started=now, stopped=now,
            success=success,
        )  # fmt: skip
    Schedule.objects.create(name="extra", func="publishing.tasks.sweep", next_run=now)
    Heartbeat.objects.create(kind="worker", host="here", pid=1, started_at=now, beat_at=now)
    FailureNote.objects.write({"id": "b" * 32, "func": "publishing.tasks.sweep", "args": []}, "E")
    PausedQueue.objects.pause("import")
    CircuitBreaker.objects.trip("x", "rate_limit", "rate_limit", account="x:1")
    Home.objects.create(network_name="x", address="x.example")
    DeadLetter.objects.create(reason="not a job", key="fanfare", payload="?")
    OutgoingMail.objects.create(to=user.email, subject="Hello", text="secret link")
    EmailAddress.objects.create(user=user, email=user.email)
    SocialAccount.objects.create(user=user, provider="facebook", uid=f"{user.pk}facebook")
    Group.objects.create(name="Editors")
    draft_of(user)
    webhook_of(user)
    PostingTime.objects.create(user=user, weekday=0, clock="09:00")
    fill_a_timeline(user)


def fill_a_timeline(user: Any) -> ImportedItem:
    channel = Channel.objects.filter(connection__user=user).first()
    timeline, _ = Timeline.objects.of_owner(channel, "post")
    ImportRun.objects.start(timeline)
    store(timeline, [Item("1", "Read back.", created_at=timezone.now())])
    return timeline.items.get()


def admin_ids() -> dict[str, Any]:
    """admin/<app>/<model>/ → the id of a row there."""
    found = {}
    for model, pages in admin.site._registry.items():
        rows = pages.model._default_manager.order_by("pk")
        row = rows.exclude(is_superuser=True).first() if model is User else rows.first()
        found[f"admin/{model._meta.app_label}/{model._meta.model_name}/"] = row.pk
    return found


def address(pattern: str, things: dict[str, Any], ids: dict[str, Any]) -> str:
    """The pattern with real ids put in."""
    here = next((pk for start, pk in ids.items() if pattern.startswith(start)), None)
    for part, thing in things.items():
        pattern = pattern.replace(part, str(thing))
    pattern = pattern.replace("<path:object_id>", str(here or things["<uuid:public_id>"]))
    if pattern.startswith("admin/^"):
        pattern = "admin/social/"
    return "/" + pattern.replace("(?P<url>.*)$", "no/such/page")
