"""Changing a post that waits: its words, its time, its pictures and where it goes."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from publishing.deliveries.jobs import wake
from publishing.media.media import Media
from publishing.planning.free_times import NextFree, next_free
from publishing.states import CANCELED
from social.models import Channel

from .changing import CHANGED_MEANWHILE, says, why_fixed
from .contents import Content, check_time
from .rerouting import is_going_to, reroute


@dataclass(frozen=True)
class Changes:
    """What somebody wants of a post. Of pictures and channels None is whatever it has."""

    content: Content
    at: datetime | NextFree | None
    time_zone: str
    media: Sequence[Media] | None
    channels: Sequence[Channel] | None
    keeps_extras: bool  # whatever `content` has


class Editor:
    """Makes changes to one post, which it holds until the transaction ends that it is made in."""

    def __init__(self, post: Any, changes: Changes) -> None:
        self.post, self.changes = post, changes
        self.stored, self.deliveries = post.held()
        self.going = [delivery for delivery in self.deliveries if not delivery.is_done]
        is_listed = any(delivery.at_posting_time for delivery in self.going)
        self.places_anew = isinstance(changes.at, NextFree)
        self.keeps_time = is_listed if self.places_anew else self.stored.due_at == changes.at
        self.at_posting_time = self.places_anew or (is_listed and self.keeps_time)

    def edit(self, seen: str | None) -> bool:
        """Whether it could be changed: nothing was tried. Raises ValidationError when the content
        will not do, and when it is not as in `seen` any more, the revision that was looked at."""
        if why_fixed(self.deliveries):
            return False
        if seen is None or seen == self.stored.revision:
            self._change()
        elif not self._is_changed_already():
            raise ValidationError(CHANGED_MEANWHILE, code="changed")
        return True

    def _is_changed_already(self) -> bool:
        """It was a second click."""
        changes, content = self.changes, self.changes.content
        extras = None if changes.keeps_extras else content.extras
        is_same = says(self.stored, content.text, content.texts, changes.media, extras)
        is_same_place = is_going_to(self.deliveries, changes.channels)
        return self.keeps_time and is_same and is_same_place

    def _change(self) -> None:
        post, changes, content = self.post, self.changes, self.changes.content
        if changes.keeps_extras:
            content = replace(content, extras={d.network_name: d.extras for d in self.going})
        going_to = [delivery.channel for delivery in self.going]
        channels = going_to if changes.channels is None else list(changes.channels)
        content.check(channels, post.picture_count if changes.media is None else len(changes.media))
        at = changes.at
        at = next_free(post.user, channels, at, [post.pk]) if isinstance(at, NextFree) else at
        check_time(at)
        if changes.media is not None:
            self._change_pictures(changes.media)
        if changes.channels is not None:
            reroute(post, self.deliveries, channels, at or timezone.now())
        self._change_own({channel.network_name for channel in channels}, content)
        self._move_deliveries(at or timezone.now(), self.at_posting_time)
        self._change_row(content.text, at)
        for delivery in self.going:  # those that let it go first need not any more
            wake(delivery.next_job())

    def _change_pictures(self, media: Sequence[Media]) -> None:
        self.post.media.exclude(pk__in=[row.pk for row in media]).update(post=None)
        Media.objects.attach(self.post, media)
        self.post.picture_count = len(media)

    def _change_own(self, networks: set[str], content: Content) -> None:
        """What is said and chosen for each of `networks`."""
        for name in networks:
            own = {"text": content.texts.get(name, ""), "extras": content.extras.get(name, {})}
            self.post.deliveries.filter(network_name=name).update(**own)

    def _move_deliveries(self, at: datetime, at_posting_time: bool) -> None:
        """A person moved it: also what was paused or held goes out at the new time, and what was
        canceled would, if it were brought back. At a channel where another has that posting time it
        goes out then all the same, as if its user had chosen the time."""
        waiting_for = "time" if at > timezone.now() else ""
        waits = {"next_attempt_at": at, "woken_at": None, "waiting_for": waiting_for, "reason": ""}
        deliveries = self.post.deliveries
        try:
            with transaction.atomic() if at_posting_time else nullcontext():
                time: dict[str, Any] = {"due_at": at, "at_posting_time": at_posting_time}
                deliveries.filter(state=CANCELED).update(**time)
                deliveries.queued().update(**time, **waits)
        except IntegrityError:
            if not at_posting_time:
                raise
            self._move_deliveries(at, at_posting_time=False)

    def _change_row(self, text: str, at: datetime | None) -> None:
        """Words and time; saving it wakes somebody for what moved."""
        post = self.post
        post.text, post.due_at, post.time_zone = text, at, self.changes.time_zone
        post.edited_at = timezone.now()
        changed = ["text", "due_at", "time_zone", "edited_at", "picture_count"]
        post.save(update_fields=changed)
