"""How soon the main process replaces a worker that dies again and again."""

import signal
import time

import pytest
from django.conf import settings

from project.jobs.worker.cluster import LONGEST_PAUSE, MISSED_PAUSE, Cluster
from social.timing import scaled


@pytest.fixture
def dying():
    cluster = Cluster(settings.JOB_SLOTS, 1, 1)

    def dies(times: int, worked: bool) -> float:
        """So often; the seconds until the next try."""
        post = cluster.posts[0]
        for _ in range(times):
            post.pid, post.started = 1, time.monotonic()
            cluster.board.beats[0] = post.started + worked
            cluster.note_death(post, -signal.SIGKILL)
        return post.again_at - time.monotonic()

    return dies


def test_one_that_has_worked_is_missed_however_often_it_is_killed(dying):
    assert 0 < dying(20, worked=True) <= scaled(MISSED_PAUSE)


def test_one_that_never_came_to_work_is_tried_less_and_less(dying):
    assert dying(1, worked=False) <= scaled(MISSED_PAUSE)
    assert scaled(LONGEST_PAUSE) * 0.9 < dying(20, worked=False) <= scaled(LONGEST_PAUSE)


def test_one_that_worked_at_last_is_missed_again(dying):
    dying(20, worked=False)
    assert dying(1, worked=True) <= scaled(MISSED_PAUSE)
