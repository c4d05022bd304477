"""Workers, and at times the main process, are killed while jobs wait and run."""

import os
import signal
import time
from collections import Counter
from itertools import pairwise

from django_q.models import OrmQ, Success

from project.jobs.models import DeadLetter
from tests.hazards.stage import Entry, entries, eventually, queue
from tests.workers import Worker

from .counts import JOBS, KILLS, STANDSTILL, random, say

MAIN = (5, 10)  # the fifth of every ten kills is of the main process
ENDS = ("napped", "blinked")  # what jobs note when they are through
PATIENCE = 60  # seconds without any progress


def test_every_job_runs_and_work_goes_on(hazardous, diary):
    worker = hazardous(TIME_SCALE="1")
    queued = time.time()
    names = {"nap": "publish", "blink": "housekeeping"}
    for name, on in names.items():
        queue(name, *range(JOBS // 2), on=on)
    kills = kill_now_and_then(worker)
    wait_until_through(JOBS // 2 * 2, worker)
    seen = entries(diary)
    through = Counter((entry.name, entry.key) for entry in seen if entry.name in ENDS)
    since, gap = longest_gap(queued, seen)
    kinds = [kind for kind, at in kills if since - 1 < at < since + gap]
    say(
        f"{KILLS} kills, one in ten of them of the main process, over {JOBS} jobs: "
        f"{len(through)} ran, {sum(count > 1 for count in through.values())} more than once, "
        f"{seen[-1].at - queued:.0f} s; longest time without a start {gap:.2f} s, with kills of "
        f"{', '.join(kinds) or 'nobody'}"
    )
    assert not DeadLetter.objects.exists()
    assert len(through) == JOBS // 2 * 2
    assert Success.objects.filter(func__startswith="tests.hazards").count() == len(through)
    assert gap <= STANDSTILL


def kill_now_and_then(worker: Worker) -> list[tuple[str, float]]:
    """Each when so many jobs are through, at random; whom, and when."""
    moments, kills = sorted(random.sample(range(1, JOBS - JOBS // 10), KILLS)), []
    for number, moment in enumerate(moments, 1):
        wait_until_through(moment, worker)
        if number % MAIN[1] == MAIN[0]:
            kills.append(("the main process", time.time()))
            worker.kill()
            worker.start()
        elif children := worker.children():
            kills.append(("a worker", time.time()))
            os.kill(random.choice(children), signal.SIGKILL)
    return kills


def wait_until_through(wanted: int, worker: Worker) -> None:
    left = OrmQ.objects.count()
    while left > JOBS // 2 * 2 - wanted:
        before = left
        progress = eventually(lambda: OrmQ.objects.count() < before, PATIENCE)  # noqa: B023
        assert progress, worker.output()[-5000:]
        left = OrmQ.objects.count()


def longest_gap(queued: float, seen: list[Entry]) -> tuple[float, float]:
    """Between two starts: when it began, and its seconds."""
    starts = sorted([queued, *(entry.at for entry in seen if entry.name not in ENDS)])
    gap, since = max((later - earlier, earlier) for earlier, later in pairwise(starts))
    return since, gap
