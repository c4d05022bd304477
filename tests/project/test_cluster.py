"""How soon the main process replaces a worker that dies again and again."""

import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from project.jobs import processes
from project.jobs.cluster import LONGEST_PAUSE, MISSED_PAUSE, Cluster
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


def test_who_may_not_say_so_just_now_says_it_again(monkeypatch):
    """Linux takes it from one process at a time, and from nobody for a moment afterwards."""
    said, answers = [], iter([BlockingIOError, BlockingIOError, None])

    class Autogroup:
        def write_text(self, text):
            if refusal := next(answers):
                raise refusal
            said.append(text)

    monkeypatch.setattr(processes, "AUTOGROUP", Autogroup())
    monkeypatch.setattr(processes, "ASKED_EVERY", 0)
    monkeypatch.setattr(processes.os, "nice", said.append)
    processes.give_way(10)
    assert said == [10, "10"]


def test_where_sessions_are_not_grouped_nothing_is_said(monkeypatch, tmp_path):
    said = []
    monkeypatch.setattr(processes, "AUTOGROUP", tmp_path / "proc" / "autogroup")
    monkeypatch.setattr(processes.os, "nice", said.append)
    processes.give_way(10)
    assert said == [10]


def test_no_shell_gives_way_with_the_workers_that_were_started_in_it():
    """`tests`' own session is the shell here."""
    code = """import os
from project.jobs import processes
processes.stand_together()
if os.fork() == 0:
    processes.give_way(10)
    print(os.getsid(0) == os.getpid(), flush=True)
    os._exit(0)
os.wait()"""
    said = subprocess.check_output([sys.executable, "-c", code], cwd=settings.BASE_DIR, text=True)
    assert said == "True\n"
    if processes.AUTOGROUP.exists():
        assert processes.AUTOGROUP.read_text().endswith("nice 0\n")
