"""Asking a network for what a timeline shows."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone

from social.connections.tokens import channel_grant, fresh_grant
from social.networks.errors import AuthorizationLost, TemporaryError
from social.networks.shapes import Grant, Known, Page
from social.reasons import Reason

from .cursor import Gap
from .timeline import Timeline

FEW_ITEMS = 20  # in a page where nothing new is expected, of lists that begin with what is known


class TimelineReader:
    """Asks the network of one timeline, with the tokens of its connection or channel.

    Whatever asks raises the five errors of `social.networks.errors`.
    """

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.begun_at = timezone.now()

    # ── what is asked ─────────────────────────────────────────────────────────────────────────
    def page(self, gap: Gap, items_left: int) -> Page:
        """Return the next page of `gap`, of `items_left` items at most."""
        timeline = self.timeline
        after = before = None
        if timeline.is_by_id:
            after, before = gap.after, None if gap.page_token else gap.before

        def ask(grant: Grant) -> Page:
            return timeline.network.timeline(
                timeline.kind,
                timeline.owner.remote_id,
                timeline.owner.handle,
                grant,
                after=after,
                before=before,
                mark=gap.page_token,
                size=self.page_size(gap, items_left),
            )

        return self._with_token(ask)

    def page_size(self, gap: Gap, items_left: int) -> int:
        """Return how many items the next page of `gap` has at most."""
        timeline = self.timeline
        size = min(timeline.network.page_sizes[timeline.kind], items_left)
        size = min(size, gap.page_size or items_left)
        return min(size, FEW_ITEMS) if gap.stops else size

    def extent(self) -> int | None:
        """Return how many items there are; None where the network does not say."""
        timeline = self.timeline
        place_id = timeline.owner.remote_id
        return self._with_token(
            lambda grant: timeline.network.extent(timeline.kind, place_id, grant)
        )

    def is_there(self, remote_id: str) -> bool:
        """Return whether this one post is still to be seen; it counts as a check."""
        self.timeline.count_check()
        return self._with_token(lambda grant: self.timeline.network.is_there(remote_id, grant))

    def overlap(self) -> Known | None:
        """Return where reading ends when all above is known: a little further down, for the newest
        posts are edited, counted, and not always there at once."""
        newest = self.timeline.position.newest
        if newest is None or not self.timeline.is_by_id:
            return newest
        rows = self.timeline.items.newest_first().values_list("remote_id", "created_at")
        again = [newest, *(Known(*row) for row in rows[: settings.IMPORT_REREAD + 1])]
        # Networks are asked by the one or the other; of an edited post the id is newer than it is.
        lowest_id = min((known.remote_id for known in again), key=as_number)
        return Known(lowest_id, min(known.at for known in again))

    # ── by which token ────────────────────────────────────────────────────────────────────────
    def _with_token(self, question: Callable[[Grant], Any]) -> Any:
        """Ask with the token of now. A refused one may only have ended early: it is renewed once,
        unless somebody else did that meanwhile. What is really lost is remembered, but for the
        permission to read: posting may go on."""
        grantor, channel = self.timeline.grantor, self.timeline.channel
        version = None
        try:
            grant, version = self._fresh_grant(), self._token_version()
            return question(grant)
        except AuthorizationLost as error:
            grantor.refresh_from_db()
            if channel:
                channel.refresh_from_db(fields=["token_sealed"])
                if channel.awaits_its_token:
                    raise TemporaryError(error.reason) from error
            is_new = version is not None and self._token_version() != version
            if is_new or (
                error.reason == Reason.TOKEN_DEAD and grantor.may_be_renewed(self.begun_at)
            ):
                return question(self._fresh_grant())
            if error.reason != Reason.PERMISSION_MISSING:
                (channel if error.place_only and channel else grantor).mark_lost(error.reason)
            raise

    def _fresh_grant(self) -> Grant:
        channel = self.timeline.channel
        return channel_grant(channel) if channel else fresh_grant(self.timeline.grantor)

    def _token_version(self) -> tuple[Any, ...]:
        channel = self.timeline.channel
        return self.timeline.grantor.renewed_at, channel and channel.token_sealed


def as_number(remote_id: str) -> tuple[int, str]:
    """Return a key that sorts ids of digits as numbers."""
    return len(remote_id), remote_id
