"""What goes on while machines fail: people post, and short jobs come in between."""

import time
from collections.abc import Callable
from datetime import datetime
from itertools import count, cycle, pairwise
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from project.jobs.models import QueuedJob
from publishing.models import Attempt, Delivery, Post
from publishing.states import QUEUED, SENDING
from social.models import Channel
from tests.hazards.stage import queue
from tests.publishing.factories import page_channel, x_channel
from tests.sandbox import Sandbox

CREATE_MS = 200
CREATES = (r"^/2/tweets$", r"/feed$")
PAUSE = 0.06  # seconds between two posts
LATER = ("publishing.tasks.verify_delivery", "publishing.tasks.watch")
RUSH = 0.8  # seconds of posting without a pause


def slow_down(sandbox: Sandbox) -> None:
    """Every create takes its time; and nothing hides a post that comes twice."""
    for path in CREATES:
        what = {"method": "POST", "path_regex": path}
        sandbox.call(
            "POST",
            "/faults",
            json={"match": what, "action": {"delay_ms": CREATE_MS}, "times": None},
        )
    for network in ("x", "facebook"):
        sandbox.change("duplicates", network=network, on=False)


def people(sandbox: Sandbox, number: int) -> list[list[Channel]]:
    """The channels of each: an X account, and every other one has a Page as well."""
    return [channels_of(sandbox, index) for index in range(number)]


def channels_of(sandbox: Sandbox, index: int) -> list[Channel]:
    name = f"crowd{index:03d}"
    user = get_user_model().objects.create(username=name)
    channels = [x_channel(user, told=sandbox.token("x", name))]
    if index % 2:
        told = sandbox.token("facebook", str(910000000000000 + index))
        channels.append(page_channel(user, told=told))
    return channels


class Posting:
    """One post after another, each by the next person, and a short job with each."""

    def __init__(self, people: list[list[Channel]]) -> None:
        self.people, self.numbers, self.written = cycle(people), count(1), 0

    def rush(self) -> None:
        """So that machines have a lot in hand."""
        self.go_on(RUSH, pause=0)

    def go_on(
        self, seconds: float, until: Callable[[], object] = lambda: False, pause: float = PAUSE
    ) -> bool:
        """For so long, or until that is true; whether it became true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.write(next(self.people), next(self.numbers))
            if until():
                return True
            time.sleep(pause)
        return False

    def write(self, channels: list[Channel], number: int) -> None:
        user, key = channels[0].connection.user, uuid4()
        while True:
            try:
                with transaction.atomic():
                    Post.objects.publish(user, f"Number {number}.", channels, submit_key=key)
                    queue("note", number)
            except (OperationalError, InterfaceError):  # the database is away
                connection.close()
                time.sleep(0.1)
            else:
                self.written = number
                return


# ── What is seen ──────────────────────────────────────────────────────────────────────────────
def is_settled() -> bool:
    """What is in doubt is looked up for two minutes more at this pace: that is not awaited."""
    moving = Delivery.objects.filter(state__in=[QUEUED, SENDING])
    waiting = QueuedJob.objects.exclude(func__in=LATER)
    return not moving.exists() and not waiting.exists()


def attempts_of(host: str) -> Any:
    return Attempt.objects.filter(worker__startswith=f"{host}:")


def in_flight(host: str, at: datetime) -> set[int]:
    """The deliveries whose attempts this machine had begun and not seen the end of."""
    unfinished = Q(finished_at=None) | Q(finished_at__gt=at)
    begun = attempts_of(host).filter(unfinished, started_at__lte=at)
    return set(begun.values_list("delivery_id", flat=True))


def longest_gap(since: datetime, until: datetime) -> float:
    """Seconds without a delivery that was sent."""
    sent = Delivery.objects.filter(finished_at__range=(since, until)).order_by("finished_at")
    times = [since, *sent.values_list("finished_at", flat=True), until]
    return max((after - before).total_seconds() for before, after in pairwise(times))


def now() -> datetime:
    return timezone.now()
