"""One create in flight per account, in the order of (due_at, id)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries import claims
from publishing.models import Delivery
from social.networks.errors import OutcomeUnknown, TemporaryError
from tests.publishing.factories import (
    PUBLISHED,
    finish_send,
    jobs_of,
    page_channel,
    publish,
    reloaded,
)


@pytest.fixture
def first(channel):
    return publish(channel, "First.")


@pytest.fixture
def second(channel, first):
    return publish(channel, "Second.")


def claim(delivery):
    return claims.claim(delivery.job_id)


def test_it_works(x, sandbox, run_jobs):
    for number in range(5):
        publish(x, f"Number {number}.")
    run_jobs()
    assert [row["text"] for row in sandbox.truth()] == [f"Number {n}." for n in range(4, -1, -1)]


def test_the_second_waits_while_the_first_is_being_sent(first, second):
    assert claim(first)
    assert claim(second) is None
    told = reloaded(second)
    assert (told.state, told.waiting_for) == ("queued", "turn")
    assert told.chip == ("queued", "Queued")
    assert told.sentence == "Another post to the same account goes first."


def test_the_second_waits_for_the_first_even_if_its_worker_came_first(first, second):
    assert claim(second) is None
    assert claim(first)


@pytest.mark.parametrize(
    "answer", [PUBLISHED, OutcomeUnknown("no_answer"), TemporaryError("unreachable")]
)
def test_the_second_is_woken_when_the_first_is_over_for_now(answer, first, second):
    taken = claim(first)
    claim(second)
    OrmQ.objects.all().delete()
    finish_send(taken, answer)
    assert len(jobs_of(second)) == 1
    assert claim(second)


@pytest.mark.parametrize("answer", [PUBLISHED, TemporaryError("unreachable")])
def test_the_second_is_not_woken_when_its_job_is_still_in_line(answer, first, second):
    """One more for each would make a long line twice as long."""
    taken = claim(first)
    finish_send(taken, answer)
    assert len(jobs_of(second)) == 1
    assert claim(second)


def test_the_second_goes_when_the_first_ends_just_before_it_says_that_it_waits(
    first, second, monkeypatch
):
    taken = claim(first)
    OrmQ.objects.all().delete()
    say = claims._wait_while_account_busy

    def too_late(delivery):
        finish_send(taken, PUBLISHED)  # which sees nobody waiting
        return say(delivery)

    monkeypatch.setattr(claims, "_wait_while_account_busy", too_late)
    assert claim(second)
    assert not jobs_of(second)


def test_the_second_is_woken_when_the_first_is_canceled(first, second):
    claim(second)
    OrmQ.objects.all().delete()
    first.cancel()
    assert len(jobs_of(second)) == 1


def test_the_second_is_woken_when_the_first_is_moved(first, second):
    claim(second)
    OrmQ.objects.all().delete()
    first.post.edit("First, tomorrow.", timezone.now() + timedelta(days=1), "UTC")
    assert len(jobs_of(second)) == 1
    assert claim(second)


def test_waking_another_writes_to_the_queue_only(first, second):
    """Two that end at once at one account would else wait for each other's rows."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        first.cancel()
    updates = [q["sql"] for q in queries if q["sql"].startswith("UPDATE")]
    assert len(updates) == 1 and len(jobs_of(second)) == 2


@pytest.mark.parametrize("why", ["held", "paused", "reconnect", "rate_limit"])
def test_what_waits_does_not_block_those_behind(why, first, second):
    later = timezone.now() + timedelta(hours=1) if why == "rate_limit" else None
    Delivery.objects.filter(pk=first.pk).update(waiting_for=why, next_attempt_at=later)
    assert claim(second)


def test_what_is_unconfirmed_does_not_block_those_behind(first, second):
    finish_send(claim(first), OutcomeUnknown("no_answer"))
    assert claim(second)


def test_the_one_due_first_goes_first_whoever_was_written_first(channel):
    now = timezone.now()
    late = publish(channel, "Written first.")
    early = publish(channel, "Written second, meant for earlier.", at=now - timedelta(seconds=30))
    assert claim(late) is None
    assert claim(early)


def test_one_scheduled_for_later_does_not_block(channel):
    publish(channel, "Later.", at=timezone.now() + timedelta(hours=1))
    assert claim(publish(channel, "Now."))


def test_other_accounts_go_on(first, alice):
    assert claim(first)
    assert claim(publish(page_channel(alice)))


def test_two_people_at_one_page_take_turns(alice, bob):
    hers, his = page_channel(alice, "Shared"), page_channel(bob, "Shared")
    first, second = publish(hers, "Hers."), publish(his, "His.")
    assert claim(first)
    assert claim(second) is None
