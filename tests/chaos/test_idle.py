"""A worker that waits for work is killed (as when memory runs out), and a job is queued."""

import os
import signal
import time

import pytest

from tests.hazards.stage import begun, entries, eventually, is_empty, queue

from .counts import IDLE, STANDSTILL, percentile, random, say, spread

PATIENCE = 60  # seconds


@pytest.mark.parametrize("workers", ["2", "1"])
def test_work_resumes_every_time(hazardous, diary, workers):
    worker = hazardous(COUNT=workers, TIME_SCALE="1")
    killed = []
    for round in range(IDLE):
        assert eventually(worker.children, PATIENCE), worker.output()
        os.kill(random.choice(worker.children()), signal.SIGKILL)
        killed.append(time.time())
        queue("note", round)
        assert eventually(lambda: begun(diary)[("note", str(round))], PATIENCE), worker.output()  # noqa: B023
        assert eventually(is_empty)
    started = {entry.key: entry.at for entry in entries(diary)}
    times = [started[str(round)] - at for round, at in enumerate(killed)]
    say(f"{IDLE} idle workers killed, {workers} at work: a job runs after {spread(times)}")
    assert percentile(times, 95) <= STANDSTILL
    assert set(begun(diary).values()) == {1}
