"""The part of a timeline that asks its network, and remembers how far it came."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import inf
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Sum, When
from django.utils import timezone
from django.utils.functional import cached_property

from importing.cursor import Cursor, Stretch
from social.connections.tokens import channel_grant, fresh_grant
from social.networks.errors import AuthorizationLost, TemporaryError
from social.networks.shapes import Known, Page

FEW = 20  # in a page where nothing new is expected, of lists that begin with what is known


class Reading(models.Model):
    class Meta:
        abstract = True

    @property
    def is_by_id(self) -> bool:
        return self.kind in self.network.by_id

    @property
    def is_connected(self) -> bool:
        return type(self)._default_manager.connected().filter(pk=self.pk).exists()

    @property
    def blocked_reason(self) -> str:
        """Why it cannot be read at all: a key of messages.SENTENCES."""
        gone = self.channel and (self.channel.disconnected_at or not self.channel.chosen_at)
        if gone or not self.grantor.is_connected:
            return "channel_gone"
        return (self.channel and self.channel.blocked_reason) or self.grantor.blocked_reason

    # ── Asking ────────────────────────────────────────────────────────────────────────────────
    def ask_page(self, stretch: Stretch, left: int, since: datetime) -> Page:
        """The next page of `stretch`, of `left` items at most."""
        size = self.page_size(stretch, left)
        ends = {"after": stretch.after, "before": None if stretch.mark else stretch.before}
        if not self.is_by_id:
            ends = {"after": None, "before": None}
        whose = (self.kind, self._place_id, self.owner.handle)

        def page(token: str) -> Page:
            more = {"mark": stretch.mark, "size": size}
            return self.network.timeline(*whose, token, **ends, **more)

        return self._with_token(page, since)

    def page_size(self, stretch: Stretch, left: int) -> int:
        size = min(self.network.page_sizes[self.kind], left, stretch.size or left)
        return min(size, FEW) if stretch.stops else size

    def ask_extent(self, since: datetime) -> int | None:
        def extent(token: str) -> int | None:
            return self.network.extent(self.kind, self._place_id, token)

        return self._with_token(extent, since)

    def ask_there(self, remote_id: str) -> bool:
        """Whether this one item is still to be seen. Networks bill it like any other reading."""

        def is_there(token: str) -> bool:
            return self.network.is_there(remote_id, token)

        self._count_check()
        return self._with_token(is_there, timezone.now())

    def _count_check(self) -> None:
        today = timezone.now().astimezone(UTC).date()
        more = Case(When(checked_on=today, then=F("checks") + 1), default=1)
        type(self)._default_manager.filter(pk=self.pk).update(checks=more, checked_on=today)

    def _with_token(self, question: Callable[[str], Any], since: datetime) -> Any:
        """Ask with the token of now. A refused one may only have ended early: renewed once, unless
        somebody else did that meanwhile. What is really lost is remembered, but for the permission
        to read: posting may go on."""
        known = None
        try:
            token, known = self._token(), self._grant()
            return question(token)
        except AuthorizationLost as error:
            self._read_token_again()
            if self.channel and self.channel.awaits_its_token:
                raise TemporaryError(error.reason) from error
            is_new = known is not None and self._grant() != known
            if is_new or (error.reason == "token_dead" and self.grantor.may_be_renewed(since)):
                return question(self._token())
            if error.reason != "permission_missing":
                (self.channel if error.place_only and self.channel else self.grantor).mark_lost(
                    error.reason
                )
            raise

    def _read_token_again(self) -> None:
        self.grantor.refresh_from_db()
        if self.channel:
            self.channel.refresh_from_db(fields=["token_sealed"])

    def _grant(self) -> tuple[Any, ...]:
        return self.grantor.renewed_at, self.channel and self.channel.token_sealed

    def _token(self) -> str:
        return (
            channel_grant(self.channel).access
            if self.channel
            else fresh_grant(self.connection).access
        )

    @property
    def _place_id(self) -> str:
        return self.owner.remote_id

    # ── What it may cost ──────────────────────────────────────────────────────────────────────
    def left_today(self) -> int:
        """Items that its connection may still read this day, all its timelines together. A run
        that goes on after midnight counts as a whole: rather once too much than no limit."""
        midnight = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        rows, runs = type(self)._default_manager, self.runs.model.objects
        today = Q(finished_at=None) | Q(finished_at__gte=midnight)
        read = runs.filter(today, timeline__in=self.siblings)
        checked = rows.filter(pk__in=self.siblings, checked_on=midnight.date())
        used = [read.aggregate(sum=Sum("items")), checked.aggregate(sum=Sum("checks"))]
        return settings.IMPORT_DAILY_ITEMS - sum(it["sum"] or 0 for it in used)

    def billed(self, page: Page, added: int) -> int:
        """Of what a page gave. Networks bill an item once a day; what lies at the top was read by
        the reading before."""
        midnight = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        again = min(len(page.items) - added, settings.IMPORT_REREAD + 1)
        return page.read - (again if self.read_at and self.read_at >= midnight else 0)

    @cached_property
    def siblings(self) -> list[Any]:
        """The ids of all timelines of its connection: asked for once a run, used for each page."""
        others = type(self)._default_manager.of_connection(self.grantor)
        return list(others.values_list("pk", flat=True))

    @property
    def first_items(self) -> int:
        """What the first reading takes at most on its first day."""
        return min([settings.IMPORT_DAILY_ITEMS, *self._known_extents])

    @property
    def takes_days(self) -> bool:
        """Whether there may be more than is read on one day."""
        return settings.IMPORT_DAILY_ITEMS < min(self._known_extents, default=inf)

    @property
    def _known_extents(self) -> list[int]:
        known = [self.network.reach.get(self.kind), self.expected]
        return [number for number in known if number is not None]

    @property
    def first_cost(self) -> float:
        """US dollars that it may cost at most on such a day; an item is billed once a day."""
        return self.first_items * self.network.price(self.kind)

    # ── Remembering ───────────────────────────────────────────────────────────────────────────
    def overlap(self) -> Known | None:
        """Where reading ends when all above is known: a little further down, for the newest posts
        are edited, counted, and not always there at once."""
        newest = self.where.newest
        if newest is None or not self.is_by_id:
            return newest
        rows = self.items.order_by("-created_at", "-id").values_list("remote_id", "created_at")
        again = [newest, *(Known(*row) for row in rows[: settings.IMPORT_REREAD + 1])]
        # Networks are asked by the one or the other; of an edited post the id is newer than it is.
        return Known(min((it.remote_id for it in again), key=by_number), min(it.at for it in again))

    def keep(self, cursor: Cursor, page: Page | None = None, added: int = 0) -> None:
        """Write down how far it was read. The caller holds the run. How many are stored is counted
        by the database alone: this may be tried twice."""
        said: dict[str, Any] = {"cursor": cursor.dump()}
        if page is not None:
            if page.total is not None:
                said["expected"] = page.total
            if page.visibility_note or page.total is not None:
                said["withheld"] = page.visibility_note
        more = {"stored": F("stored") + added} if added else {}
        type(self)._default_manager.filter(pk=self.pk).update(**said, **more)
        for name, value in said.items():
            setattr(self, name, value)

    def expect(self, count: int | None) -> None:
        """So many there are, by the network's own count; it may not show all of them."""
        reach = self.network.reach.get(self.kind)
        if count is not None and reach is not None and count > reach:
            self.set(expected=reach, withheld="history_ends")
        elif count is not None:
            self.set(expected=count)

    def set(self, **fields: Any) -> None:
        type(self)._default_manager.filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)


def by_number(remote_id: str) -> tuple[int, str]:
    return len(remote_id), remote_id
