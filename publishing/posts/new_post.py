"""A post that is about to be written, with all that hangs on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from publishing.media.media import Media
from publishing.planning.free_times import PLACING_TRIES, NextFree, next_free
from publishing.reuse.tag import Tag
from social.models import Channel

from .changing import replace_earlier
from .contents import Content, check_time


@dataclass(frozen=True)
class NewPost:
    """`post` is a Post without a row; `claim` is called with that row before anything hangs on it.
    What is stored is stored as a whole, or not at all."""

    post: Any
    content: Content
    channels: Sequence[Channel]
    media: Sequence[Media]
    tags: Sequence[Tag]
    instead_of: Any
    claim: Callable[[Any], None] | None

    def place(self, wish: NextFree) -> Any:
        """Store it at the posting time that `wish` means: the post. Who places posts of a user does
        so one after the other; the index is for whoever forgets that."""
        post = self.post
        post.is_at_posting_time = True
        for tries_left in reversed(range(PLACING_TRIES)):
            try:
                with transaction.atomic():
                    return self.store_at(next_free(post.user, self.channels, wish))
            except IntegrityError:
                if not tries_left:
                    raise
                post.pk, post._state.adding = None, True
        raise AssertionError("no try was made")

    def store_at(self, moment: datetime | None) -> Any:
        """Store it: the post, or the one that the same submit made before. Raises ValidationError
        for a moment that will not do."""
        check_time(moment)
        post = self.post
        post.due_at = moment
        try:
            with transaction.atomic():
                self._store()
        except IntegrityError:
            known = {"user": post.user, "submit_key": post.submit_key}
            earlier = post.submit_key and type(post).objects.filter(**known).first()
            if not earlier:
                raise
            return earlier
        return post

    def _store(self) -> None:
        post, content = self.post, self.content
        post.save()
        if self.claim is not None:
            self.claim(post)
        Media.objects.attach(post, self.media)
        post.publish(self.channels, content.texts, content.extras)
        if self.tags:
            post.tags.add(*self.tags)
        if self.instead_of is not None:
            replace_earlier(self.instead_of, post, self.channels)
