"""Two of the same words at one account: one in doubt takes the post that the other's slow worker
made. Then that worker comes back with its yes."""

import pytest

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent, release_expired
from publishing.models import Delivery
from social.connections.tokens import channel_grant
from social.networks.shapes import Outgoing
from tests.publishing.conftest import fresh, look, publish, time_passes
from tests.publishing.deliveries.test_send_faults import TEXT, creates


@pytest.fixture
def taken(x, in_doubt, sandbox):
    """(the one whose post was taken, its attempt, and what the network said to it)"""
    sandbox.change("duplicates", on=False)
    other = in_doubt(x, "reset.before")  # is not there
    mine = claim(publish(x, TEXT).job_id)
    attempt = Sender(mine).write_ahead()
    said = x.network.publish(x.remote_id, x.handle, Outgoing(TEXT), channel_grant(x))
    time_passes(minutes=3)
    release_expired(Delivery.objects.all())
    look(other)
    assert fresh(other).remote_id == said.remote_id and fresh(mine).state == "unconfirmed"
    return mine, attempt, said


def asked(delivery) -> tuple[str, str]:
    return fresh(delivery).waiting_for, fresh(delivery).reason


def test_a_yes_for_what_another_one_has_is_a_question(taken, sandbox, run_jobs):
    mine, attempt, said = taken
    mark_sent(mine, said, attempt)
    assert asked(mine) == ("person", "taken")
    time_passes(minutes=30)
    run_jobs()
    assert asked(mine) == ("person", "taken") and len(creates(sandbox)) == 2


def test_also_when_its_worker_was_killed_before_it_said_so_here(taken, sandbox, run_jobs):
    mine, attempt, said = taken
    attempt.close_sent(said)
    look(mine)
    run_jobs()
    assert asked(mine) == ("person", "taken") and len(creates(sandbox)) == 2


def test_the_person_says_send_again_and_it_goes_once_more(taken, sandbox, run_jobs):
    mine, attempt, said = taken
    mark_sent(mine, said, attempt)
    assert fresh(mine).send_again()
    run_jobs()
    assert fresh(mine).state == "sent" and fresh(mine).remote_id != said.remote_id
    assert len(creates(sandbox)) == 3
