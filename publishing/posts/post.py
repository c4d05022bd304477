"""A post: what a person wrote, and where they want it heard."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import Any, Literal, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Prefetch
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.deliveries.delivery import Delivery
from publishing.deliveries.jobs import wake
from publishing.media.media import Media
from publishing.planning.free_times import (
    PLACING_TRIES,
    NextFree,
    hold_posting_times,
    next_free,
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

from .changing import CHANGED_MEANWHILE, replace_earlier, says, why_fixed
from .contents import check_content, check_owner, check_time, tidy, tidy_texts
from .extras import Extras, tidy_extras
from .names import first_names
from .rerouting import is_going_to, reroute
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
        Raises ValidationError with sentences for people when nothing was stored.
        """
        text, texts, extras = tidy(text), tidy_texts(texts), tidy_extras(extras)
        channels = list(all_of(user) if channels is None else channels)
        check_owner(user, channels)
        media = Media.objects.given(user, media) if media else []
        check_content(text, channels, texts, len(media), extras)
        wish = NextFree() if at == "next" else at
        moment = wish if isinstance(wish, datetime) else None
        check_time(moment)
        post = self.model(
            user=user,
            text=text,
            due_at=moment,
            time_zone=time_zone or zone_of(user),
            submit_key=submit_key,
            picture_count=len(media),
        )
        store = partial(
            self._store, post, channels, texts, extras, media, instead_of, claim, list(tags)
        )
        if isinstance(wish, NextFree):
            return self._place(post, wish, channels, store)
        return store()

    def _place(
        self, post: "Post", wish: NextFree, channels: Sequence[Channel], store: "Callable[[], Post]"
    ) -> "Post":
        """Store it at the posting time that `wish` means. Who places posts of a user does so one
        after the other; the index is for whoever forgets that."""
        post.is_at_posting_time = True
        for tries_left in reversed(range(PLACING_TRIES)):
            try:
                with transaction.atomic():
                    post.due_at = next_free(post.user, channels, wish)
                    return store()
            except IntegrityError:
                if not tries_left:
                    raise
                post.pk, post._state.adding = None, True
        raise AssertionError("no try was made")

    def _store(
        self,
        post: "Post",
        channels: Sequence[Channel],
        texts: Mapping[str, str],
        extras: Extras,
        media: Sequence[Media],
        instead_of: "Post | None",
        claim: "Callable[[Post], None] | None",
        tags: Sequence[Tag],
    ) -> "Post":
        """All of it or nothing; what the same submit made before, if it did."""
        try:
            with transaction.atomic():
                post.save()
                if claim is not None:
                    claim(post)
                Media.objects.attach(post, media)
                post.publish(channels, texts, extras)
                if tags:
                    post.tags.add(*tags)
                if instead_of is not None:
                    replace_earlier(instead_of, post, channels)
        except IntegrityError:
            known = {"user": post.user, "submit_key": post.submit_key}
            earlier = post.submit_key and self.filter(**known).first()
            if not earlier:
                raise
            return earlier
        return post


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
        text, texts = tidy(text), tidy_texts(texts)
        extras = None if extras is None else tidy_extras(extras)
        with transaction.atomic():
            if isinstance(at, NextFree):
                hold_posting_times(self.user)
            now, deliveries = self.held()
            if why_fixed(deliveries):
                return False
            going = [delivery for delivery in deliveries if not delivery.is_done]
            is_listed = any(delivery.at_posting_time for delivery in going)
            stays = is_listed if isinstance(at, NextFree) else now.due_at == at
            if seen is not None and seen != now.revision:
                is_same = stays and says(now, text, texts, media, extras)
                if is_same and is_going_to(deliveries, channels):
                    return True  # a second click
                raise ValidationError(CHANGED_MEANWHILE, code="changed")
            places = [d.channel for d in going] if channels is None else channels
            count = self.picture_count if media is None else len(media)
            chosen = {d.network_name: d.extras for d in going} if extras is None else extras
            check_content(text, list(places), texts, count, chosen)
            is_listed = isinstance(at, NextFree) or (is_listed and stays)
            at = next_free(self.user, places, at, [self.pk]) if isinstance(at, NextFree) else at
            check_time(at)
            if media is not None:
                self._change_pictures(media)
            if channels is not None:
                reroute(self, deliveries, channels, at or timezone.now())
            self._change_own({channel.network_name for channel in places}, texts, chosen)
            self._note_change(text, at, time_zone, is_listed)
            for delivery in going:  # those that let it go first need not any more
                wake(delivery.next_job())
        return True

    def held(self) -> "tuple[Post, list[Delivery]]":
        """It as it is now, and its deliveries, which nobody else moves until this transaction ends,
        nor adds any."""
        now = Post.objects.select_for_update(no_key=True).get(pk=self.pk)
        rows = Delivery.objects.select_related("channel__connection", "post").filter(post=self)
        return now, list(rows.select_for_update(of=("self",)).order_by("id"))

    def _note_change(
        self, text: str, at: datetime | None, time_zone: str, at_posting_time: bool
    ) -> None:
        """Words and time; saving it wakes somebody for what moved."""
        self._move_deliveries(at or timezone.now(), at_posting_time)
        self.text, self.due_at, self.time_zone = text, at, time_zone
        self.edited_at = timezone.now()
        changed = ["text", "due_at", "time_zone", "edited_at", "picture_count"]
        self.save(update_fields=changed)

    def _change_own(self, networks: set[str], texts: Mapping[str, str], extras: Extras) -> None:
        """What is said and chosen for each of `networks`."""
        for name in networks:
            own = {"text": texts.get(name, ""), "extras": extras.get(name, {})}
            self.deliveries.filter(network_name=name).update(**own)

    def _change_pictures(self, media: Sequence["Media"]) -> None:
        self.media.exclude(pk__in=[row.pk for row in media]).update(post=None)
        Media.objects.attach(self, media)
        self.picture_count = len(media)

    def _move_deliveries(self, at: datetime, at_posting_time: bool) -> None:
        """A person moved it: also what was paused or held goes out at the new time, and what was
        canceled would, if it were brought back. At a channel where another has that posting time it
        goes out then all the same, as if its user had chosen the time."""
        waiting_for = "time" if at > timezone.now() else ""
        waits = {"next_attempt_at": at, "woken_at": None, "waiting_for": waiting_for, "reason": ""}
        try:
            with transaction.atomic() if at_posting_time else nullcontext():
                time: dict[str, Any] = {"due_at": at, "at_posting_time": at_posting_time}
                self.deliveries.filter(state=CANCELED).update(**time)
                self.deliveries.queued().update(**time, **waits)
        except IntegrityError:
            if not at_posting_time:
                raise
            self._move_deliveries(at, at_posting_time=False)

    def cancel(self, at: datetime | None = None) -> int:
        """Cancel what is not being sent yet, all noted as at `at`; how many were. What was canceled
        with its channel does not come back with that."""
        at = at or timezone.now()
        for delivery in self.deliveries.filter(state=CANCELED, reason=Reason.CHANNEL_GONE):
            delivery.stay_canceled()
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
