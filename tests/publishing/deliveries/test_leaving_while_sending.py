"""Disconnecting, and deleting an account, in the middle of sending: what happened stays on record,
nothing comes twice, and no token is left."""

import pytest

from project.accounts.deleting import delete_account
from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.sweep import sweep
from publishing.models import Attempt, Delivery, Post
from social.models import Channel, Connection
from tests.publishing.factories import TEXT, create_requests, let_time_pass, publish

NETWORKS = {"x": ("x", "cut"), "bakery": ("fb", "cut")}
LEAVE = {
    "the channel goes": lambda channel: channel.disconnect(),
    "the connection goes": lambda channel: channel.connection.disconnect(),
    "the account goes": lambda channel: delete_account(channel.connection.user),
}
# Where the worker is meanwhile: the step of the send during which it happens.
MOMENTS = {"before its attempt is written": "check_length", "while it waits": "publish"}


class Killed(BaseException):
    """The worker is gone at this very point."""


@pytest.fixture(params=NETWORKS)
def channel(request, sandbox):
    return request.getfixturevalue(request.param)


@pytest.fixture
def meanwhile(monkeypatch, channel):
    """Leave, at that moment of a send, once; then go on, or be killed."""

    def during(moment: str, leave: str, is_killed: bool = False) -> None:
        where = Sender if moment.startswith("before") else type(channel.network)
        call, left = getattr(where, MOMENTS[moment]), [leave]

        def interrupted(*args):
            answer = call(*args)
            while left:
                LEAVE[left.pop()](Channel.objects.get(pk=channel.pk))
                if is_killed:
                    raise Killed
            return answer

        monkeypatch.setattr(where, MOMENTS[moment], interrupted)

    return during


def send(delivery: Delivery) -> Delivery:
    """As a worker does, which may be killed."""
    taken = claim(delivery.job_id)
    try:
        Sender(taken).send()
    except Killed:
        pass
    return taken


def everything_settles(run_jobs) -> None:
    for _ in range(8):
        let_time_pass(minutes=20)
        sweep()
        run_jobs()


def tokens() -> set[str]:
    columns = ("access_sealed", "refresh_sealed")
    rows = [*Connection.objects.values_list(*columns), *Channel.objects.values_list("token_sealed")]
    return {token for row in rows for token in row} - {""}


@pytest.mark.parametrize("leave", LEAVE)
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_on_its_way_ends_as_it_ends(moment, leave, meanwhile, channel, sandbox, run_jobs):
    delivery = publish(channel, TEXT)
    meanwhile(moment, leave)
    send(delivery)
    assert tokens()  # in use until a job finds that they are not
    everything_settles(run_jobs)
    there = sandbox.truth(text=TEXT)
    delivery = Delivery.objects.get()
    assert len(there) == len(create_requests(sandbox)) == 1
    assert (delivery.state, delivery.remote_id) == ("sent", there[0]["id"])
    assert delivery.attempts.get().outcome == "sent"
    assert not tokens()


@pytest.mark.parametrize("leave", LEAVE)
def test_an_answer_that_is_lost_stays_a_question_and_is_never_sent_again(
    leave, meanwhile, channel, sandbox, run_jobs
):
    """The yes was on its way when its worker died, and nobody may look there any more."""
    delivery = publish(channel, TEXT)
    meanwhile("while it waits", leave, is_killed=True)
    send(delivery)
    Delivery.objects.update(worker="")  # whoever it was: the lease decides
    everything_settles(run_jobs)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.waiting_for) == ("unconfirmed", "person")
    assert len(create_requests(sandbox)) == len(sandbox.truth(text=TEXT)) == 1
    assert delivery.attempts.get().text == TEXT
    assert not tokens()


@pytest.mark.parametrize("leave", LEAVE)
def test_what_never_left_is_canceled_with_its_reason(leave, meanwhile, channel, sandbox, run_jobs):
    delivery = publish(channel, TEXT)
    meanwhile("before its attempt is written", leave, is_killed=True)
    send(delivery)
    Delivery.objects.update(worker="")
    everything_settles(run_jobs)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.reason) == ("canceled", "channel_gone")
    assert not sandbox.truth(text=TEXT) and not Attempt.objects.exists()
    assert Post.objects.count() == 1
    assert not tokens()
