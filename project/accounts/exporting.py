"""Everything we hold of one person. Columns are named one by one, so that no secret slips in."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, QuerySet

from importing.models import ImportedItem, ImportRun, Interest, Timeline
from project.api.models import ApiCall, ApiToken
from project.feeds.models import Feed
from project.webhooks.models import Webhook, WebhookEvent
from publishing.models import (
    Attempt,
    CalendarFeed,
    ChannelGroup,
    Comment,
    Delivery,
    Draft,
    DraftVersion,
    Media,
    Notice,
    Post,
    PostingTime,
    Snippet,
    Tag,
    Verification,
)
from social.models import Channel, Connection

from .models import Profile

CONNECTION = (
    "id network_name remote_id name handle picture_url scopes missing_permissions blocked_reason "
    "created_at checked_at disconnected_at"
).split()
CHANNEL = (
    "id connection_id network_name remote_id name handle picture_url missing_permissions "
    "blocked_reason created_at chosen_at paused_at disconnected_at"
).split()
POST_COLUMNS = "public_id text due_at time_zone created_at published_at edited_at".split()
DELIVERY = (
    "job_id post__public_id channel_id text extras state waiting_for reason due_at "
    "at_posting_time next_attempt_at next_look_at claimed_id remote_id remote_url "
    "replaced_by__public_id created_at finished_at"
).split()
DRAFT = (
    "public_id fields revision post__public_id published_as__public_id planned_at created_at "
    "changed_at trashed_at"
).split()
DRAFT_VERSION = "draft__public_id revision fields saved_at".split()
MEDIA = (
    "public_id post__public_id draft__public_id number alt name mime width height size created_at"
).split()
ATTEMPT = (
    "delivery__job_id number text media_ids key extras started_at finished_at outcome reason "
    "remote_id remote_url"
).split()

LOOK = (
    "delivery__job_id attempt claimed_id looked_at their_time outcome reason items candidates"
).split()
COMMENT = (
    "delivery__job_id text state reason next_at attempt remote_id created_at finished_at"
).split()
NOTICE = (
    "kind post__public_id connection_id network_name reason count raised_at read_at dismissed_at "
    "resolved_at mailed_at"
).split()
TIMELINE = (
    "id kind network_name channel_id connection_id stored expected read_at next_import_at "
    "paused_at created_at"
).split()
RUN = (
    "timeline_id state reason asked items added updated cost created_at started_at finished_at"
).split()
ITEM = (
    "timeline_id kind network_name remote_id text url author_id author_name author_handle "
    "created_at likes reposts replies views entities delivery__job_id imported_at updated_at "
    "gone_at"
).split()
TAG = "public_id name colour created_at".split()
POSTING_TIME = "weekday clock is_on".split()
SNIPPET = "public_id name text network_name created_at".split()
WEBHOOK = "public_id url created_at failing_since succeeded_at disabled_at".split()
WEBHOOK_EVENT = (
    "public_id webhook__public_id kind data occurred_at state tries next_try_at status answer "
    "ended_at"
).split()
SESSION = "created_at ip user_agent".split()
FEED = "public_id url title created_at read_at trouble".split()
API_TOKEN = (
    "public_id name prefix scopes channel_ids created_at expires_at last_used_at last_address "
    "revoked_at"
).split()
API_CALL = "token__public_id key status post__public_id created_at".split()
CALENDAR_FEED = "shows_text created_at read_at".split()
INTEREST = "sort word weight count".split()
# What is called otherwise in the file: programs read it, and a column may get a better name.
EXPORTED_AS = {"missing_permissions": "missing", "blocked_reason": "trouble"}


def export_of(user: User) -> Iterator[str]:
    """The file, in pieces: pictures and what was read back are too much to hold together."""
    head = json.dumps(everything_of(user), cls=DjangoJSONEncoder, indent=2)
    yield head.removesuffix("}").rstrip()
    pictures = Media.objects.of(user).order_by("pk").iterator(chunk_size=100)
    yield from as_list("media", (picture_of(picture) for picture in pictures))
    yield from as_list("imported", imported_of(user))
    yield "\n}\n"


def as_list(name: str, items: Iterable[Any]) -> Iterator[str]:
    yield f',\n  "{name}": ['
    between = "\n    "
    for item in items:
        yield between + json.dumps(item, cls=DjangoJSONEncoder)
        between = ",\n    "
    yield "\n  ]"


def imported_of(user: User) -> Iterator[dict[str, Any]]:
    """What was read back, 500 items at a time, by id: no server-side cursor outlives a page."""
    last = 0
    while batch := list(
        ImportedItem.objects.of(user).filter(pk__gt=last).order_by("pk").values("pk", *ITEM)[:500]
    ):
        last = batch[-1]["pk"]
        for row in batch:
            del row["pk"]
            yield exported(row)


def picture_of(media: Media) -> dict[str, Any]:
    """One picture with its bytes: the original while it is kept, and then its thumbnail."""
    [row] = rows(Media.objects.filter(pk=media.pk), MEDIA)
    data, mime = media.original(), media.mime
    if data is None:
        data, mime, _ = media.shown()
    return row | {"data": base64.b64encode(data or b"").decode(), "data_mime": mime}


def everything_of(user: User) -> dict[str, Any]:
    return {
        "account": account_of(user),
        "sessions": rows(UserSession.objects.filter(user=user), SESSION),
        "connections": rows(Connection.objects.filter(user=user), CONNECTION),
        "channels": rows(Channel.objects.filter(connection__user=user), CHANNEL),
        "posts": rows(Post.objects.of(user), POST_COLUMNS),
        "deliveries": rows(
            Delivery.objects.of(user).annotate(next_look_at=F("next_verification_at")), DELIVERY
        ),
        "attempts": rows(
            Attempt.objects.filter(delivery__post__user=user).order_by("delivery_id", "number"),
            ATTEMPT,
        ),
        "looks": rows(
            Verification.objects.filter(delivery__post__user=user).annotate(
                looked_at=F("verified_at"), their_time=F("server_time")
            ),
            LOOK,
        ),
        "comments": rows(Comment.objects.of(user), COMMENT),
        "drafts": rows(Draft.objects.of(user).order_by("pk"), DRAFT),
        "draft_versions": rows(
            DraftVersion.objects.filter(draft__user=user).order_by("pk"), DRAFT_VERSION
        ),
        "notices": rows(Notice.objects.of(user), NOTICE),
        "tags": [
            row | {"posts": list(posts_of_tag(row["public_id"]))}
            for row in rows(Tag.objects.of(user), TAG)
        ],
        "calendar_feeds": rows(CalendarFeed.objects.of(user), CALENDAR_FEED),
        "posting_times": rows(PostingTime.objects.of(user), POSTING_TIME),
        "snippets": rows(Snippet.objects.of(user), SNIPPET),
        "channel_groups": [
            {"name": group.name, "channels": [channel.pk for channel in group.channels.all()]}
            for group in ChannelGroup.objects.of(user).prefetch_related("channels")
        ],
        "webhooks": rows(Webhook.objects.of(user), WEBHOOK),
        "webhook_events": rows(WebhookEvent.objects.of(user).order_by("pk"), WEBHOOK_EVENT),
        "feeds": rows(Feed.objects.of(user), FEED),
        "api_tokens": rows(ApiToken.objects.of(user), API_TOKEN),
        "api_calls": rows(ApiCall.objects.filter(token__user=user).order_by("pk"), API_CALL),
        "timelines": rows(Timeline.objects.of(user), TIMELINE),
        "imports": rows(ImportRun.objects.of(user).order_by("pk"), RUN),
        "interests": rows(Interest.objects.of(user), INTEREST),
    }


def posts_of_tag(public_id: Any) -> QuerySet:
    tagged = Post.objects.filter(tags__public_id=public_id)
    return tagged.order_by("pk").values_list("public_id", flat=True)


def account_of(user: User) -> dict[str, Any]:
    profile = Profile.objects.of(user)
    return {
        "username": user.get_username(),
        "email": user.email,
        "emails": rows(EmailAddress.objects.filter(user=user), ["email", "verified", "primary"]),
        "joined": user.date_joined,
        "last_signed_in": user.last_login,
        "time_zone": profile.time_zone,
        "time_zone_guessed": profile.time_zone_guessed,
        "notices_by_mail": profile.notice_mail,
        "letter_keys": profile.letter_keys,
        "first_weekday": profile.first_weekday,
        "runs_the_instance": user.is_superuser,
    }


def rows(queryset: QuerySet, columns: Iterable[str]) -> list[dict[str, Any]]:
    return [exported(row) for row in queryset.values(*columns)]


def exported(row: dict[str, Any]) -> dict[str, Any]:
    """The values of one row under the names that they have in the file."""
    return {EXPORTED_AS.get(name, name.replace("__", "_")): value for name, value in row.items()}
