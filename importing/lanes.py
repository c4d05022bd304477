"""The page of imports: for every place what is read of it, when it was and when it will be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from math import log10
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from social.models import Channel, Connection
from social.networks import NETWORKS

from .drawing import WIDTH, Bar, cut
from .models import ImportRun, Timeline
from .presenting import KIND_WORDS
from .states import FAILED, OF_CHANNELS

PAST, COMING = timedelta(hours=24), timedelta(hours=12)
HEIGHT, TICK = 44.0, 5.0
LEAST, PER_TEN = 12.0, 10.0  # how high a run is that found something, and more for tenfold
MOST_RUNS = 2_000  # of all lanes of a page
LISTED = 20  # runs of a lane, in words


@dataclass(frozen=True)
class Lane:
    """One timeline, its runs of the past day, latest first, and its next ones. `latest_runs`
    are its open one and the latest that has ended, whatever their age."""

    timeline: Timeline
    now: datetime
    runs: Sequence[ImportRun] = ()
    latest_runs: Sequence[ImportRun] = ()

    @property
    def word(self) -> str:
        return KIND_WORDS[self.timeline.kind]

    @property
    def open_run(self) -> ImportRun | None:
        return next((run for run in self.latest_runs if run.is_open), None)

    @property
    def latest(self) -> ImportRun | None:
        return next((run for run in self.latest_runs if not run.is_open), None)

    @property
    def is_moving(self) -> bool:
        return bool(self.open_run) or self.is_awaited

    @property
    def is_troubled(self) -> bool:
        return bool(self.latest and self.latest.went_wrong)

    @property
    def chip(self) -> tuple[str, str]:
        """(style, word)"""
        if self.timeline.is_paused:
            return "waiting", "Paused"
        if self.open_run:
            return "sending", "Reading" if self.open_run.started_at else "About to be read"
        if self.is_awaited:
            return "sending", "About to be read"
        if self.timeline.trouble:
            return "failed", "Cut off"
        if self.is_troubled:
            return ("failed", "Not read") if self.latest.state == FAILED else ("waiting", "Waiting")
        return ("queued", "Not read yet") if self.timeline.is_first else ("sent", "Up to date")

    @property
    def sentence(self) -> str:
        """Why it is not up to date, if it is not."""
        if self.timeline.trouble:
            return self.timeline.trouble_sentence
        is_told = self.latest and self.is_troubled and not self.is_awaited
        return self.latest.sentence if is_told else ""

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
        """As far as is known."""
        if not self.timeline.permission or self.open_run or self.timeline.trouble:
            return False
        return self.latest.reason == "may_not_read" if self.latest else self.timeline.is_first

    @property
    def next_at(self) -> datetime | None:
        is_off = self.timeline.is_paused or self.timeline.trouble or self.open_run
        return None if is_off else self.timeline.next_import_at

    @property
    def percent(self) -> int | None:
        done = self.timeline.progress
        return None if done is None else int(100 * done)

    # ── Drawn ─────────────────────────────────────────────────────────────────────────────────
    @property
    def bars(self) -> list[Bar]:
        """The past: the more a run found, the higher; what was cut short in another colour."""
        bars = []
        for run in self.runs:
            at = run.finished_at or run.started_at or run.created_at
            height = LEAST + PER_TEN * log10(run.found) if run.found else LEAST / 2
            kind = "failed" if run.went_wrong else "found" if run.found else "nothing"
            bars.append(self._bar(at, min(HEIGHT, height), kind))
        return bars

    @property
    def coming(self) -> list[Bar]:
        return [self._bar(at, LEAST, "coming") for at in self._coming()]

    def _coming(self) -> Iterator[datetime]:
        every = timedelta(seconds=max(300, self.timeline.interval))
        at = self.next_at and max(self.next_at, self.now)
        while at and at <= self.now + COMING:
            yield at
            at += every

    def _bar(self, at: datetime, height: float, kind: str) -> Bar:
        left = across(at, self.now) - TICK / 2
        left = max(0.0, min(WIDTH - TICK, left))
        return Bar(cut(left), cut(HEIGHT - height), TICK, cut(height), kind)

    # ── In words ──────────────────────────────────────────────────────────────────────────────
    @property
    def said(self) -> str:
        ended = [run for run in self.runs if not run.is_open]
        found = sum(run.found for run in ended)
        bad = sum(run.went_wrong for run in ended)
        times = "Not read in the past day" if not ended else f"Read {len(ended)} times in a day"
        told = f"{times}: {found:,} new or changed" if ended else times
        return told + (f", {bad} cut short" if bad else "") + self._next_said()

    def _next_said(self) -> str:
        at = self.next_at
        return f"; next at {timezone.localtime(at):%H:%M}." if at else "."

    @property
    def listed(self) -> Sequence[ImportRun]:
        return self.runs[:LISTED]


@dataclass(frozen=True)
class Offer:
    """What could be read as well, if its person asks for it, and what that may cost."""

    owner: Channel | Connection | None  # None: whoever connects
    timeline: Timeline

    @property
    def word(self) -> str:
        return KIND_WORDS[self.timeline.kind]

    @property
    def note(self) -> str:
        return self.timeline.network.kind_notes.get(self.timeline.kind, "")


@dataclass
class Place:
    """A connection, with what is read of it and of its channels."""

    connection: Connection
    lanes: list[Lane] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    @property
    def many_channels(self) -> bool:
        return len({lane.timeline.channel_id for lane in self.lanes} - {None}) > 1


def places_of(user: Any, now: datetime) -> list[Place]:
    """In a handful of statements, however many there are."""
    connections = Connection.objects.of(user).connected().prefetch_related("channels")
    places = {one.pk: Place(one) for one in connections}
    timelines = [row for row in Timeline.objects.of(user).with_all() if row.grantor.pk in places]
    runs = by_timeline(runs_of(timelines, now), timelines)
    latest = by_timeline(latest_of(timelines), timelines)
    for row in timelines:
        lane = Lane(row, now, runs.get(row.pk, ()), latest.get(row.pk, ()))
        places[row.grantor.pk].lanes.append(lane)
    for place in places.values():
        place.offers = list(offers_of(place))
        place.lanes.sort(key=lambda lane: (lane.timeline.kind not in OF_CHANNELS, lane.word))
    return list(places.values())


def runs_of(timelines: Sequence[Timeline], now: datetime) -> QuerySet[ImportRun]:
    """Those of the past day."""
    recent = ImportRun.objects.filter(timeline__in=timelines, created_at__gte=now - PAST)
    return recent.order_by("-id")[:MOST_RUNS]


def latest_of(timelines: Sequence[Timeline]) -> QuerySet[ImportRun]:
    """Of each its open one, and the latest that has ended: what was refused may be days ago."""
    its = ImportRun.objects.filter(timeline=OuterRef("pk")).order_by("-id").values("pk")
    latest = Subquery(its.open()[:1]), Subquery(its.ended()[:1])
    rows = Timeline.objects.filter(pk__in=[row.pk for row in timelines])
    return ImportRun.objects.filter(pk__in=chain(*rows.values_list(*latest))).order_by("-id")


def by_timeline(
    runs: Iterable[ImportRun], timelines: Iterable[Timeline]
) -> dict[Any, list[ImportRun]]:
    known = {row.pk: row for row in timelines}
    told: dict[Any, list[ImportRun]] = {}
    for run in runs:
        run.timeline = known[run.timeline_id]
        told.setdefault(run.timeline_id, []).append(run)
    return told


def offers_of(place: Place) -> Iterator[Offer]:
    there = {(lane.timeline.kind, lane.timeline.owner.pk) for lane in place.lanes}
    connection = place.connection
    for kind in connection.network.kinds:
        for owner in connection.chosen if kind in OF_CHANNELS else [connection]:
            if (kind, owner.pk) not in there and (kind in OF_CHANNELS or connection.chosen):
                row = Timeline(kind=kind, network_name=connection.network_name)
                yield Offer(owner, row)


def read_at_once() -> list[Offer]:
    """What is read as soon as somebody connects, and costs money: they hear of it before."""
    rows = [
        Timeline(kind=kind, network_name=name)
        for name, network in NETWORKS.items()
        for kind in settings.IMPORT_AT_ONCE
        if kind in network.kinds
    ]
    return [Offer(None, row) for row in rows if row.first_cost]


def across(at: datetime, now: datetime) -> float:
    """How far to the right that moment is."""
    return WIDTH * ((at - now + PAST) / (PAST + COMING))
