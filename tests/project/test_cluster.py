"""How soon the main process replaces a worker that dies again and again."""

import signal
import time

import pytest
from django.conf import settings

from project.jobs.worker.cluster import LONGEST_RESTART_PAUSE, MISSED_PAUSE, Cluster
from social.timing import scaled


@pytest.fixture
def dying():
    cluster = Cluster(settings.JOB_SLOTS, 1, 1)

    def dies(times: int, worked: bool) -> float:
        """So often; the seconds until the next try."""
        slot = cluster.slots[0]
        for _ in range(times):
            slot.pid, slot.started_at = 1, time.monotonic()
            cluster.state.ticked_at[0] = slot.started_at + worked
            cluster.note_death(slot, -signal.SIGKILL)
        return slot.again_at - time.monotonic()

    return dies


def test_one_that_has_worked_is_missed_however_often_it_is_killed(dying):
    assert 0 < dying(20, worked=True) <= scaled(MISSED_PAUSE)


def test_one_that_never_came_to_work_is_tried_less_and_less(dying):
    assert dying(1, worked=False) <= scaled(MISSED_PAUSE)
    assert (
        scaled(LONGEST_RESTART_PAUSE) * 0.9
        < dying(20, worked=False)
        <= scaled(LONGEST_RESTART_PAUSE)
    )


def test_one_that_worked_at_last_is_missed_again(dying):
    dying(20, worked=False)
    assert dying(1, worked=True) <= scaled(MISSED_PAUSE)
