"""What is easily lost when code is moved: each was in a trial, and no other test noticed."""

import time

import pytest

from project.jobs import worker as workers
from project.jobs.claiming import LEASE
from social.networks.http import CALL_DEADLINE

from .turning import samples_known, start_in_process  # noqa: F401  fixtures

KEEP = workers.KEEP_EVERY


@pytest.fixture
def worker(start_in_process, settings):  # noqa: F811
    settings.TIME_SCALE = 1
    return start_in_process()


def test_after_a_silence_of_the_database_the_others_get_time(worker):
    worker.contact_at, worker.fair_at = time.monotonic() - 1, 0.0
    worker.note_contact()
    assert worker.fair_at == 0.0  # no silence
    worker.contact_at = time.monotonic() - 2.5 * KEEP
    worker.note_contact()
    assert KEEP - 1 < worker.fair_at - time.monotonic() <= KEEP


def test_every_look_at_the_queues_is_a_contact(worker):
    worker.contact_at = 0.0
    worker.take_due()
    assert time.monotonic() - worker.contact_at < KEEP


def test_leases_are_renewed_in_time_and_not_all_the_time():
    assert LEASE / 6 <= KEEP <= LEASE / 3  # one renewal may fail, and one more


def test_a_worker_that_is_to_end_lets_a_call_end_and_is_not_killed_before():
    assert CALL_DEADLINE < workers.GRACE < 30  # what containers get after a SIGTERM
