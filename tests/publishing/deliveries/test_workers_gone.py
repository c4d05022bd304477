"""A delivery knows the process that took it: one that is gone holds up nobody for a whole lease."""

import os
import subprocess
import sys

import pytest

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent, release
from publishing.deliveries.sweep import sweep
from publishing.models import Delivery
from social.processes import host_prefix, is_gone, this_process
from tests.publishing.factories import (
    PUBLISHED,
    finish_send,
    jobs_of,
    let_time_pass,
    publish,
    reloaded,
)


@pytest.fixture
def dead():
    """A process of this machine that was killed."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    worker = f"{host_prefix()}{process.pid}"
    assert not is_gone(worker)
    process.kill()
    process.wait()
    process.stdin.close()
    return worker


@pytest.fixture
def taken(channel):
    return claim(publish(channel).job_id)


def test_a_dead_process_that_nobody_asked_after_is_gone():
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays
    assert is_gone(f"{host_prefix()}{zombie.pid}")
    zombie.wait()


def held_by(delivery, worker):
    Delivery.objects.filter(pk=delivery.pk).update(worker=worker)


def come_again(delivery):
    """Its job runs once more."""
    assert claim(delivery.job_id) is None
    return reloaded(delivery)


def test_it_works(taken, dead):
    assert reloaded(taken).worker == this_process() == f"{host_prefix()}{os.getpid()}"
    held_by(taken, dead)
    assert (come_again(taken).state, reloaded(taken).reason) == ("queued", "worker_gone")
    let_time_pass(minutes=1)
    assert claim(taken.job_id).worker == this_process()


def test_with_an_open_attempt_its_person_is_asked(taken, dead):
    attempt = Sender(taken).write_ahead()
    held_by(taken, dead)
    assert (come_again(taken).state, reloaded(taken).reason) == ("unconfirmed", "interrupted")
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.worker) == ("unknown", this_process())


def test_whoever_is_next_at_the_account_is_woken(taken, dead, channel):
    behind = publish(channel, "Behind it.")
    assert claim(behind.job_id) is None
    Sender(taken).write_ahead()
    held_by(taken, dead)
    before = len(jobs_of(behind))
    come_again(taken)
    assert len(jobs_of(behind)) == before + 1
    assert claim(behind.job_id)


def test_the_sweep_does_the_same(taken, dead):
    held_by(taken, dead)
    sweep()
    assert reloaded(taken).state == "queued"


@pytest.mark.parametrize(
    "worker", ["", "elsewhere:1", "{here}", "{here}x", "{here}{me}", "{here}1"]
)
def test_whom_nobody_knows_to_be_gone_keeps_its_lease(taken, worker):
    """Also process 1, which is there and not ours."""
    worker = worker.format(here=host_prefix(), me=os.getpid())
    held_by(taken, worker)
    assert come_again(taken).state == "sending"
    sweep()
    assert reloaded(taken).state == "sending"


def test_taken_for_gone_and_alive_it_writes_nothing_wrong(taken, dead):
    """A container with the same name and other processes: it finds its row settled."""
    held_by(taken, dead)
    come_again(taken)
    assert Sender(taken).write_ahead() is None


def test_taken_for_gone_while_sending_its_yes_still_wins(taken, dead):
    attempt = Sender(taken).write_ahead()
    held_by(taken, dead)
    assert come_again(taken).state == "unconfirmed"
    mark_sent(taken, PUBLISHED, attempt)
    assert (reloaded(taken).state, reloaded(taken).remote_id) == ("sent", PUBLISHED.remote_id)


def test_what_was_settled_between_looking_and_releasing_stays(taken, dead):
    held_by(taken, dead)
    stale = reloaded(taken)
    finish_send(taken, PUBLISHED)
    assert not release(stale)
    assert reloaded(taken).state == "sent"
