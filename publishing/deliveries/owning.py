"""Whose post is it? A matter of one account: what others say, and have, is nothing to it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import models

from publishing.states import SENDING, UNCONFIRMED
from social.networks.shapes import Recent

from .attempt import Attempt

NEARBY = 100_000  # attempts before ours among which one may have made a post of that time


class Owning(models.Model):
    """The part of a delivery that knows what its account wrote, and what of that others have."""

    class Meta:
        abstract = True

    def _own(self, recent: Recent) -> Recent:
        """Without what the network says that somebody else wrote."""
        its = ("", self.channel.remote_id)
        return replace(recent, posts=tuple(it for it in recent.posts if it.author_id in its))

    def _rivals(self, states: Sequence[str] = (SENDING, UNCONFIRMED)) -> list[str]:
        """What others in doubt at this account may have posted. Asked after the timeline was read:
        each was written down before it was sent."""
        others = Attempt.objects.in_doubt().exclude(delivery=self.pk)
        others = others.filter(delivery__account=self.account, delivery__state__in=states)
        return list(dict(others.values_list("delivery", "text")).values())

    def _taken(self, names: Iterable[str]) -> set[str]:
        """The ids among these that other deliveries to the same account have: what is said of
        another account's posts, by whomever, is nothing to this one."""
        ids, others = set(names), type(self)._default_manager.exclude(pk=self.pk)
        theirs = others.filter(account=self.account, remote_id__in=ids)
        taken = set(theirs.values_list("remote_id", flat=True))
        # A second one of theirs, by a try that landed as well, stands at the attempt only.
        first = self.attempts.order_by("pk").first() or Attempt.objects.order_by("pk").last()
        start = first.pk - NEARBY if first else 0
        nearby = Attempt.objects.filter(pk__gt=start, remote_id__in=ids - taken)
        second = nearby.filter(delivery__account=self.account).exclude(delivery=self)
        return taken | set(second.values_list("remote_id", flat=True))


def names_of(recent: Recent) -> set[str]:
    return {name for post in recent.posts for name in (post.remote_id, *post.former_ids)}
