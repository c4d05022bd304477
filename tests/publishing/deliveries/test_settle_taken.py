"""Two of the same words at one account: one in doubt takes the post that the other's slow worker
made. Then that worker comes back with its yes."""

import pytest

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent, release_expired
from publishing.models import Delivery
from social.connections.tokens import channel_grant
from social.networks.shapes import Outgoing
from tests.publishing.factories import (
    TEXT,
    create_requests,
    let_time_pass,
    publish,
    reloaded,
    verify_once,
)


@pytest.fixture
def taken(x, in_doubt, sandbox):
    """(the one whose post was taken, its attempt, and what the network said to it)"""
    sandbox.change("duplicates", on=False)
    other = in_doubt(x, "reset.before")  # is not there
    mine = claim(publish(x, TEXT).job_id)
    attempt = Sender(mine).write_ahead()
    said = x.network.publish(x.remote_id, x.handle, Outgoing(TEXT), channel_grant(x))
    let_time_pass(minutes=3)
    release_expired(Delivery.objects.all())
    verify_once(other)
    assert reloaded(other).remote_id == said.remote_id and reloaded(mine).state == "unconfirmed"
    return mine, attempt, said


def asked(delivery) -> tuple[str, str]:
    return reloaded(delivery).waiting_for, reloaded(delivery).reason


def test_a_yes_for_what_another_one_has_is_a_question(taken, sandbox, run_jobs):
    mine, attempt, said = taken
    mark_sent(mine, said, attempt)
    assert asked(mine) == ("person", "taken")
    let_time_pass(minutes=30)
    run_jobs()
    assert asked(mine) == ("person", "taken") and len(create_requests(sandbox)) == 2


def test_also_when_its_worker_was_killed_before_it_said_so_here(taken, sandbox, run_jobs):
    mine, attempt, said = taken
    attempt.close_sent(said)
    verify_once(mine)
    run_jobs()
    assert asked(mine) == ("person", "taken") and len(create_requests(sandbox)) == 2


def test_the_person_says_send_again_and_it_goes_once_more(taken, sandbox, run_jobs):
    mine, attempt, said = taken
    mark_sent(mine, said, attempt)
    assert reloaded(mine).send_again()
    run_jobs()
    assert reloaded(mine).state == "sent" and reloaded(mine).remote_id != said.remote_id
    assert len(create_requests(sandbox)) == 3
