"""A post: what a person wrote, and where they want it heard."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Prefetch
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.deliveries.delivery import Delivery
from publishing.deliveries.jobs import wake
from publishing.deliveries.returning import stay_canceled
from publishing.media.media import Media
from publishing.planning.free_times import (
    NextFree,
    hold_posting_times,
)
from publishing.reuse.tag import PostTag, Tag
from publishing.sql import Job, insert
from publishing.states import CANCELED, FAILED, QUEUED, status_of
from social.exporting import ExportPart
from social.jobs import enqueue
from social.models import Channel
from social.networks.base import Network
from social.networks.shapes import NO_EXTRAS
from social.reasons import Reason

from .changing import why_fixed
from .contents import Content, check_owner
from .editing import Changes, Editor
from .extras import Extras
from .names import first_names
from .new_post import NewPost
from .times import zone_of

GOES_AT = Coalesce("due_at", "created_at")  # what was to go at once, when it was written
STATUS_STYLES = {
    "sent": "sent",
    "sending": "sending",
    "unconfirmed": "unconfirmed",
    "failed": "failed",
    "partly sent": "failed",
    "canceled": "canceled",
    "queued": "queued",
    "scheduled": "queued",
}
STATUS_WORDS = {
    "draft": _("Draft"),
    "unconfirmed": _("Checking"),
    "sending": _("Sending"),
    "canceled": _("Canceled"),
    "sent": _("Sent"),
    "partly sent": _("Partly sent"),
    "failed": _("Failed"),
    "scheduled": _("Scheduled"),
    "waiting for you": _("Waiting for you"),
    "waiting for the operator": _("Waiting for the operator"),
    "queued": _("Queued"),
    "waiting": _("Waiting"),
}


class PostQuerySet(models.QuerySet["Post"]):
    """Posts by whose they are; and the one way to write one."""

    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def with_deliveries(self) -> Self:
        return self.prefetch_related("deliveries__channel__connection", "deliveries__replaced_by")

    def with_tags(self) -> Self:
        return self.prefetch_related(Prefetch("tags", Tag.objects.filter(deleted_at=None)))

    def publish(
        self,
        user: Any,
        text: str,
        channels: Iterable[Channel] | None = None,
        at: datetime | NextFree | Literal["next"] | None = None,
        *,
        texts: Mapping[str, str] | None = None,
        extras: Extras | None = None,
        time_zone: str | None = None,
        submit_key: uuid.UUID | None = None,
        media: Iterable[Any] = (),
        instead_of: "Post | None" = None,
        claim: "Callable[[Post], None] | None" = None,
        tags: Iterable[Tag] = (),
    ) -> "Post":
        """Write a post and queue it for `channels` (all of the user's), now or at `at`: an aware
        moment, "next" for the next of the user's posting times that is free, or a `NextFree`.
        `texts` holds other words for a network, by its name, and `extras` what more is chosen there
        (`Network.extras`); `media` up to four pictures: paths, or (path, alt text), or rows of
        `Media.objects.keep`. The same `submit_key` again answers with the post it made. What
        `instead_of`, an earlier post, has not brought to the same accounts goes there no more.
        `claim` is called with the new row before anything hangs on it: what it raises undoes all.
        Raises ValidationError with sentences for people when nothing was stored."""
        channels = list(all_of(user) if channels is None else channels)
        check_owner(user, channels)
        pictures = Media.objects.given(user, media) if media else []
        content = Content.tidied(text, texts, extras)
        content.check(channels, len(pictures))
        wish = NextFree() if at == "next" else at
        post = self.model(user=user, text=content.text, submit_key=submit_key)
        post.time_zone, post.picture_count = time_zone or zone_of(user), len(pictures)
        new = NewPost(post, content, channels, pictures, list(tags), instead_of, claim)
        return new.place(wish) if isinstance(wish, NextFree) else new.store_at(wish)


class Post(models.Model):
    """What a person wrote; its deliveries say where that goes."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts"
    )
    text = models.TextField()
    due_at = models.DateTimeField(null=True, blank=True)  # empty: at once
    time_zone = models.CharField(max_length=64, default="UTC")  # the one `due_at` was meant in
    submit_key = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    picture_count = models.PositiveSmallIntegerField(default=0)
    tags = models.ManyToManyField(Tag, through=PostTag, blank=True, related_name="posts")

    objects = PostQuerySet.as_manager()
    export = ExportPart(
        "posts", "public_id text due_at time_zone created_at published_at edited_at"
    )

    written: Sequence[Job] = ()  # of the deliveries that this very object wrote a moment ago
    is_at_posting_time = False  # what its deliveries say that it is about to write

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="post_of_user"),
            models.Index("user", GOES_AT, "id", name="post_goes_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "submit_key"], name="post_once_a_submit"),
        ]

    def __str__(self) -> str:
        return f"post {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/posts/{self.public_id}/"

    @property
    def status(self) -> str:
        return status_of((d.state, d.waiting_for, d.reason) for d in self.deliveries.all())

    @property
    def chip(self) -> tuple[str, str]:
        """(style, word)"""
        return chip_of(self.deliveries.all())

    @property
    def networks(self) -> list[Network]:
        """Where it goes, each once."""
        return list(dict.fromkeys(d.channel.network for d in self.deliveries.all()))

    @property
    def channel_names(self) -> SafeString:
        """Where it goes, for a list of posts: the first names, and how many more."""
        return first_names([delivery.channel.name for delivery in self.deliveries.all()])

    @property
    def tag_ids(self) -> list[str]:
        """The public ids of its tags, as a page has them."""
        return [str(tag.public_id) for tag in self.tags.all()]

    @property
    def is_done(self) -> bool:
        return all(delivery.is_done for delivery in self.deliveries.all())

    @property
    def is_editable(self) -> bool:
        deliveries = self.deliveries.all()
        return bool(deliveries) and not why_fixed(deliveries)

    @property
    def why_fixed(self) -> str:
        """Why it cannot be changed any more, in one sentence; empty when it can."""
        return why_fixed(self.deliveries.all())

    @property
    def revision(self) -> str:
        """Which of its versions this is."""
        return self.edited_at.isoformat() if self.edited_at else "first"

    @property
    def notes(self) -> list[tuple[str, str]]:
        """(words, address or nothing) of each of its channels where it does not go, or waits for
        its user: what one word for the whole post does not say."""
        notes, deliveries = [], self.deliveries.all()
        several = len({delivery.state for delivery in deliveries}) > 1
        for delivery in deliveries:
            name = delivery.channel.name
            if delivery.state == QUEUED and delivery.channel.paused_at:
                notes.append((gettext("waits on {name}: paused").format(name=name), ""))
            elif delivery.state == CANCELED and delivery.replaced_by:
                note = gettext("{name}: published anew").format(name=name)
                notes.append((note, delivery.replaced_by.get_absolute_url()))
            elif delivery.is_canceled_with_channel:
                notes.append((gettext("not on {name}: you stopped using it").format(name=name), ""))
            elif delivery.state == CANCELED and several:
                notes.append((gettext("not on {name}: canceled").format(name=name), ""))
        return notes

    @property
    def replaced(self) -> "Post | None":
        """The earlier post that this one says anew."""
        delivery = self.replaces.select_related("post").first()
        return delivery.post if delivery else None

    @property
    def failed(self) -> list[Delivery]:
        """Those of its deliveries that its user may change and publish anew."""
        return [delivery for delivery in self.deliveries.all() if delivery.state == FAILED]

    @property
    def may_be_canceled(self) -> bool:
        return any(delivery.state == QUEUED for delivery in self.deliveries.all())

    def publish(
        self, channels: Iterable[Channel], texts: Mapping[str, str], extras: Extras = NO_EXTRAS
    ) -> None:
        """One delivery a channel; saving the post then rings the bell that queues them."""
        now = timezone.now()
        due_at = self.due_at or now
        alike = Delivery(
            post=self,
            waiting_for="time" if due_at > now else "",
            due_at=due_at,
            next_attempt_at=due_at,
            woken_at=max(due_at, now),  # by the end of this transaction
            at_posting_time=self.is_at_posting_time,
        )
        jobs = [(uuid.uuid4(), channel) for channel in channels]
        differing = {
            "job_id": [job_id for job_id, _ in jobs],
            "channel_id": [channel.pk for _, channel in jobs],
            "network_name": [channel.network_name for _, channel in jobs],
            "account": [channel.account for _, channel in jobs],
            "text": [texts.get(channel.network_name, "") for _, channel in jobs],
        }
        if extras:
            differing["extras"] = [extras.get(channel.network_name, {}) for _, channel in jobs]
        insert(alike, list(differing), list(zip(*differing.values(), strict=True)))
        self.written = [(job_id, due_at, self.user_id, c.network_name) for job_id, c in jobs]
        self.published_at = now
        self.save(update_fields=["published_at"])

    def send_later(self) -> None:
        """Queue those of its deliveries that nobody was woken for yet."""
        written, self.written = self.written, ()
        if written:  # their rows say so already
            wake(written)
        else:
            self.deliveries.unwoken().send_later()

    def sync_notices_later(self) -> None:
        """One of its deliveries got into trouble, or out of it: its user's notices follow."""
        enqueue("publishing.tasks.note_post", self.pk, owner=self.user_id)

    def edit(
        self,
        text: str,
        at: datetime | NextFree | None,
        time_zone: str,
        texts: Mapping[str, str] | None = None,
        media: Sequence["Media"] | None = None,
        seen: str | None = None,
        extras: Extras | None = None,
        channels: Sequence[Channel] | None = None,
    ) -> bool:
        """Change text and time, and pictures, extras and where it goes unless None, while nothing
        was tried. Whether it could be changed; raises ValidationError when the content will not do,
        and when it is not as in `seen` any more, the revision that its writer looked at."""
        content = Content.tidied(text, texts, extras)
        changes = Changes(content, at, time_zone, media, channels, keeps_extras=extras is None)
        with transaction.atomic():
            if isinstance(at, NextFree):
                hold_posting_times(self.user)
            return Editor(self, changes).edit(seen)

    def held(self) -> "tuple[Post, list[Delivery]]":
        """It as it is now, and its deliveries, which nobody else moves until this transaction ends,
        nor adds any."""
        now = Post.objects.select_for_update(no_key=True).get(pk=self.pk)
        rows = Delivery.objects.select_related("channel__connection", "post").filter(post=self)
        return now, list(rows.select_for_update(of=("self",)).order_by("id"))

    def cancel(self, at: datetime | None = None) -> int:
        """Cancel what is not being sent yet, all noted as at `at`; how many were. What was canceled
        with its channel does not come back with that."""
        at = at or timezone.now()
        for delivery in self.deliveries.filter(state=CANCELED, reason=Reason.CHANNEL_GONE):
            stay_canceled(delivery)
        return sum(delivery.cancel(at=at) for delivery in self.deliveries.queued())


def chip_of(deliveries: Iterable[Delivery]) -> tuple[str, str]:
    """(style, word) of a post with these."""
    deliveries = list(deliveries)
    status = status_of((d.state, d.waiting_for, d.reason) for d in deliveries)
    is_asked = any(delivery.waiting_for == "person" for delivery in deliveries)
    is_question = status == "unconfirmed" and is_asked
    word = STATUS_WORDS["waiting for you" if is_question else status]
    return STATUS_STYLES.get(status, "waiting"), str(word)


def all_of(user: Any) -> models.QuerySet[Channel]:
    """A thousand Pages may share one connection: it is loaded once."""
    return Channel.objects.of(user).select_related(None).prefetch_related("connection")
