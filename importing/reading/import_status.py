"""The page of imports: for every connection what is read of it, when it was and when it will be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from math import log10
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from importing.charts import CHART_WIDTH, Bar
from importing.states import CHANNEL_KINDS, KIND_LABELS, RUN_FAILED
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.people import AnyUser
from social.reasons import Reason

from .run import ImportRun
from .timeline import Timeline

PAST_SPAN, COMING_SPAN = timedelta(hours=24), timedelta(hours=12)  # that are drawn
STRIP_HEIGHT, TICK_WIDTH = 44.0, 5.0
LEAST_TICK_HEIGHT, HEIGHT_PER_TENFOLD = 12.0, 10.0  # of a run that found something
SHORTEST_STEP_SECONDS = 300  # between two runs to come
RUNS_DRAWN = 2_000  # of all timelines of a page
RUNS_LISTED = 20  # of a timeline, in words


@dataclass(frozen=True)
class TimelineStatus:
    """One timeline, its runs of the past day, latest first, and its next ones. `latest_runs`
    are its open one and the latest that has ended, whatever their age."""

    timeline: Timeline
    now: datetime
    runs: Sequence[ImportRun] = ()
    latest_runs: Sequence[ImportRun] = ()

    @property
    def word(self) -> str:
        return str(KIND_LABELS[self.timeline.kind])

    @property
    def open_run(self) -> ImportRun | None:
        return next((run for run in self.latest_runs if run.is_open), None)

    @property
    def latest(self) -> ImportRun | None:
        """The latest run that has ended."""
        return next((run for run in self.latest_runs if not run.is_open), None)

    @property
    def is_moving(self) -> bool:
        return bool(self.open_run) or self.is_awaited

    @property
    def is_interrupted(self) -> bool:
        """Whether the latest run ended before its end."""
        return bool(self.latest and self.latest.went_wrong)

    @property
    def chip(self) -> tuple[str, str]:
        """Its state as (style, word)."""
        is_begun = self.open_run and self.open_run.started_at
        if self.timeline.is_paused:
            return "waiting", gettext("Paused")
        if is_begun:
            return "sending", gettext("Reading")
        if self.open_run or self.is_awaited:
            return "sending", gettext("About to be read")
        if self.timeline.blocked_reason:
            return "failed", gettext("Cut off")
        if self.latest and self.is_interrupted and self.latest.state == RUN_FAILED:
            return "failed", gettext("Not read")
        if self.latest and self.is_interrupted:
            return "waiting", gettext("Waiting")
        if self.timeline.is_first:
            return "queued", gettext("Not read yet")
        return "sent", gettext("Up to date")

    @property
    def sentence(self) -> str:
        """Why it is not up to date, if it is not."""
        if self.timeline.blocked_reason:
            return self.timeline.blocked_sentence
        if self.latest and self.is_interrupted and not self.is_awaited:
            return self.latest.sentence
        return ""

    @property
    def is_awaited(self) -> bool:
        """Whether its person has just come from the network, and what they allowed is not known."""
        is_seen = self.timeline.grantor.checked_at is not None
        return self.is_not_allowed and not is_seen and not self.timeline.is_paused

    @property
    def may_be_allowed(self) -> bool:
        """Whether its person may still have to allow it there."""
        return self.is_not_allowed and not self.is_awaited

    @property
    def is_not_allowed(self) -> bool:
        """Whether it is not allowed to be read, as far as is known."""
        if not self.timeline.permission or self.open_run or self.timeline.blocked_reason:
            return False
        return self.latest.reason == Reason.MAY_NOT_READ if self.latest else self.timeline.is_first

    @property
    def next_at(self) -> datetime | None:
        is_off = self.timeline.is_paused or self.timeline.blocked_reason or self.open_run
        return None if is_off else self.timeline.next_import_at

    @property
    def percent(self) -> int | None:
        progress = self.timeline.progress
        return None if progress is None else int(100 * progress)

    # ── drawn ─────────────────────────────────────────────────────────────────────────────────
    @property
    def bars(self) -> list[Bar]:
        """The past: the more a run found, the higher; what was cut short in another colour."""
        bars = []
        for run in self.runs:
            at = run.finished_at or run.started_at or run.created_at
            height = LEAST_TICK_HEIGHT / 2
            if run.changes:
                height = LEAST_TICK_HEIGHT + HEIGHT_PER_TENFOLD * log10(run.changes)
            kind = "failed" if run.went_wrong else "changed" if run.changes else "nothing"
            bars.append(self._bar(at, min(STRIP_HEIGHT, height), kind))
        return bars

    @property
    def coming(self) -> list[Bar]:
        return [self._bar(at, LEAST_TICK_HEIGHT, "coming") for at in self._coming_times()]

    def _coming_times(self) -> Iterator[datetime]:
        seconds = max(SHORTEST_STEP_SECONDS, self.timeline.import_interval_seconds)
        at = self.next_at and max(self.next_at, self.now)
        while at and at <= self.now + COMING_SPAN:
            yield at
            at += timedelta(seconds=seconds)

    def _bar(self, at: datetime, height: float, kind: str) -> Bar:
        left = horizontal_of(at, self.now) - TICK_WIDTH / 2
        left = max(0.0, min(CHART_WIDTH - TICK_WIDTH, left))
        return Bar.rounded(left, STRIP_HEIGHT - height, TICK_WIDTH, height, kind)

    # ── in words ──────────────────────────────────────────────────────────────────────────────
    @property
    def summary(self) -> str:
        """What is drawn, in a sentence."""
        ended = [run for run in self.runs if not run.is_open]
        interrupted = sum(run.went_wrong for run in ended)
        if not ended:
            did = gettext("Not read in the past day")
        elif interrupted:
            did = gettext(
                "Read {times} times in a day: {changes:,} new or changed, {interrupted} cut short"
            )
        else:
            did = gettext("Read {times} times in a day: {changes:,} new or changed")
        changes = sum(run.changes for run in ended)
        did = did.format(times=len(ended), changes=changes, interrupted=interrupted)
        if not (at := self.next_at):
            return gettext("{did}.").format(did=did)
        time = f"{timezone.localtime(at):%H:%M}"
        return gettext("{did}; next at {time}.").format(did=did, time=time)

    @property
    def listed(self) -> Sequence[ImportRun]:
        return self.runs[:RUNS_LISTED]


@dataclass(frozen=True)
class ImportOffer:
    """What could be read as well, if its person asks for it, and what that may cost."""

    owner: Channel | Connection | None  # None: whoever connects
    timeline: Timeline

    @property
    def word(self) -> str:
        return str(KIND_LABELS[self.timeline.kind])

    @property
    def note(self) -> str:
        """What the network says of reading this kind, before it is started."""
        return str(self.timeline.network.kind_notes.get(self.timeline.kind, ""))


@dataclass
class ConnectionStatus:
    """A connection, with what is read of it and of its channels."""

    connection: Connection
    timelines: list[TimelineStatus] = field(default_factory=list)
    offers: list[ImportOffer] = field(default_factory=list)

    @property
    def has_several_channels(self) -> bool:
        return len({status.timeline.channel_id for status in self.timelines} - {None}) > 1


def import_status(user: AnyUser, now: datetime) -> list[ConnectionStatus]:
    """Return all of a person's connections, in a handful of statements, however many there are."""
    rows = Connection.objects.of(user).connected().prefetch_related("channels")
    connections = {connection.pk: ConnectionStatus(connection) for connection in rows}
    timelines = [
        row for row in Timeline.objects.of(user).with_all() if row.grantor.pk in connections
    ]
    runs = by_timeline(recent_runs(timelines, now), timelines)
    latest = by_timeline(latest_runs(timelines), timelines)
    for row in timelines:
        status = TimelineStatus(row, now, runs.get(row.pk, ()), latest.get(row.pk, ()))
        connections[row.grantor.pk].timelines.append(status)
    for connection in connections.values():
        connection.offers = list(offers_of(connection))
        connection.timelines.sort(
            key=lambda status: (status.timeline.kind not in CHANNEL_KINDS, status.word)
        )
    return list(connections.values())


def recent_runs(timelines: Sequence[Timeline], now: datetime) -> QuerySet[ImportRun]:
    """Return the runs of the past day."""
    recent = ImportRun.objects.filter(timeline__in=timelines, created_at__gte=now - PAST_SPAN)
    return recent.order_by("-id")[:RUNS_DRAWN]


def latest_runs(timelines: Sequence[Timeline]) -> QuerySet[ImportRun]:
    """Return of each timeline its open run, and the latest that has ended: what was refused may be
    days ago."""
    runs = ImportRun.objects.filter(timeline=OuterRef("pk")).order_by("-id")
    latest = Subquery(runs.open().values("pk")[:1]), Subquery(runs.ended().values("pk")[:1])
    rows = Timeline.objects.filter(pk__in=[row.pk for row in timelines])
    return ImportRun.objects.filter(pk__in=chain(*rows.values_list(*latest))).order_by("-id")


def by_timeline(
    runs: Iterable[ImportRun], timelines: Iterable[Timeline]
) -> dict[Any, list[ImportRun]]:
    """Return the runs of each timeline, by its id, in their order."""
    known = {row.pk: row for row in timelines}
    grouped: dict[Any, list[ImportRun]] = {}
    for run in runs:
        run.timeline = known[run.timeline_id]
        grouped.setdefault(run.timeline_id, []).append(run)
    return grouped


def offers_of(status: ConnectionStatus) -> Iterator[ImportOffer]:
    """Yield what is not read of a connection yet."""
    read = {(row.timeline.kind, row.timeline.owner.pk) for row in status.timelines}
    connection = status.connection
    for kind in connection.network.kinds:
        for owner in connection.chosen if kind in CHANNEL_KINDS else [connection]:
            if (kind, owner.pk) not in read and (kind in CHANNEL_KINDS or connection.chosen):
                timeline = Timeline(kind=kind, network_name=connection.network_name)
                yield ImportOffer(owner, timeline)


def read_at_once() -> list[ImportOffer]:
    """Return what is read as soon as somebody connects, and costs money: they hear of it before."""
    timelines = [
        Timeline(kind=kind, network_name=name)
        for name, network in NETWORKS.items()
        for kind in settings.IMPORT_AT_ONCE
        if kind in network.kinds
    ]
    return [ImportOffer(None, timeline) for timeline in timelines if timeline.first_cost]


def horizontal_of(at: datetime, now: datetime) -> float:
    """Return how far to the right of the drawing a moment is."""
    return CHART_WIDTH * ((at - now + PAST_SPAN) / (PAST_SPAN + COMING_SPAN))
