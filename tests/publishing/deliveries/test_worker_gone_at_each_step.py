"""What becomes of a delivery whose worker is gone, slow, or late, at every step of a send."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from publishing.deliveries import announcing, claims
from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import _release_unsent, mark_sent, release
from publishing.deliveries.sweep import sweep
from publishing.models import Post
from social.connections.connect import accept_grant
from social.networks import NETWORKS
from social.networks.errors import AuthorizationLost, Rejected, TemporaryError
from tests.publishing.factories import PUBLISHED, finish_send, let_time_pass, publish, reloaded


class Killed(BaseException):
    """The worker is gone at this very point."""


@pytest.fixture
def taken(channel):
    """A delivery in the hands of a worker."""
    return claim(publish(channel).job_id)


def lease_ends():
    let_time_pass(minutes=3)
    sweep()


def test_it_works(taken):
    lease_ends()
    assert (reloaded(taken).state, reloaded(taken).reason) == ("queued", "worker_gone")
    let_time_pass(minutes=2)
    assert claim(taken.job_id).attempt == 2


def test_a_lease_that_still_runs_is_left_alone(taken):
    Sender(taken).write_ahead()
    sweep()
    assert reloaded(taken).state == "sending"


def test_killed_after_the_attempt_was_written_nobody_knows(taken):
    Sender(taken).write_ahead()
    lease_ends()
    delivery = reloaded(taken)
    assert (delivery.state, delivery.waiting_for) == ("unconfirmed", "")
    assert delivery.is_verifying
    assert delivery.attempts.get().outcome == "unknown"
    assert delivery.sentence.startswith("The worker stopped while sending, so it may or may not")


def test_what_breaks_while_it_is_settled_takes_nothing_from_the_yes(taken, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(announcing, "wake_after_move", broken)
        finish_send(taken, PUBLISHED)
    assert reloaded(taken).state == "sending"
    assert taken.attempts.get().published == PUBLISHED
    lease_ends()
    assert (reloaded(taken).state, reloaded(taken).remote_id) == ("sent", PUBLISHED.remote_id)


def test_what_is_known_to_be_there_is_not_sent_again_whoever_asks(taken):
    attempt = Sender(taken).write_ahead()
    lease_ends()
    attempt.close_sent(PUBLISHED)  # late, and killed before settling it
    reloaded(taken).send_again()
    assert claim(taken.job_id) is None
    assert (reloaded(taken).state, reloaded(taken).remote_id) == ("sent", PUBLISHED.remote_id)


def test_six_workers_gone_are_enough(channel):
    delivery = publish(channel)
    for _ in range(6):
        assert claim(delivery.job_id)
        lease_ends()
        let_time_pass(minutes=20)
    assert reloaded(delivery).state == "failed"
    assert "stopped before anything was sent" in reloaded(delivery).sentence


def test_a_worker_that_lost_its_lease_sends_nothing(taken):
    let_time_pass(minutes=3)
    assert Sender(taken).write_ahead() is None
    sweep()
    assert Sender(taken).write_ahead() is None
    assert not taken.attempts.exists()


def test_a_lease_renewed_in_the_moment_of_release_stays(taken):
    """A sweeper whose clock is ahead has seen the lease end; the worker writes its attempt."""
    stale = reloaded(taken)
    Sender(taken).write_ahead()
    assert not release(stale)
    assert not _release_unsent(stale)
    assert reloaded(taken).state == "sending"
    assert taken.attempts.get().outcome == ""


@pytest.mark.parametrize("meanwhile", ["nothing", "drop", "send_again", "cancel"])
def test_a_late_yes_wins_over_what_was_done_meanwhile(meanwhile, taken):
    attempt = Sender(taken).write_ahead()
    lease_ends()
    if meanwhile in ("drop", "send_again"):
        getattr(reloaded(taken), meanwhile)()
    if meanwhile == "cancel":
        reloaded(taken).send_again(), reloaded(taken).cancel()
    mark_sent(taken, PUBLISHED, attempt)
    assert (reloaded(taken).state, reloaded(taken).remote_id) == ("sent", PUBLISHED.remote_id)


def test_a_late_yes_wins_over_a_failure_of_the_next_try(taken):
    attempt = Sender(taken).write_ahead()
    lease_ends()
    reloaded(taken).send_again()
    finish_send(claim(taken.job_id), Rejected("policy"))
    assert reloaded(taken).state == "failed"
    mark_sent(taken, PUBLISHED, attempt)
    assert reloaded(taken).state == "sent"
    assert not reloaded(taken).retry()


def test_a_late_no_leaves_the_question_open(taken):
    attempt = Sender(taken).write_ahead()
    lease_ends()
    Sender(taken).mark_failed(Rejected("policy"), attempt)
    assert reloaded(taken).state == "unconfirmed"
    assert taken.attempts.get().reason == "policy"


def test_a_slow_worker_does_not_touch_what_another_one_has_taken(taken):
    lease_ends()
    let_time_pass(minutes=2)
    other = claim(taken.job_id)
    Sender(other).write_ahead()
    Sender(taken).mark_failed(TemporaryError("unreachable"), None)
    assert (reloaded(other).state, reloaded(other).attempt) == ("sending", 2)
    assert [a.outcome for a in taken.attempts.all()] == ["not sent", ""]


# ── Between reading a row and taking it ───────────────────────────────────────────────────────
def between(monkeypatch, step, change):
    """Let `change` happen just before `step` of the worker."""
    original = getattr(claims, step)

    def interrupted(*args):
        change()
        return original(*args)

    monkeypatch.setattr(claims, step, interrupted)


def test_what_was_edited_in_the_moment_of_claiming_goes_out_as_edited(channel, monkeypatch):
    post = publish(channel, "A tpyo.").post
    between(monkeypatch, "take", lambda: post.edit("A typo.", None, "UTC"))
    taken = claim(post.deliveries.get().job_id)
    assert Sender(taken).write_ahead().text == "A typo."


@pytest.mark.parametrize(("step", "late"), [("take", 0), ("defer", 3)])
def test_what_was_moved_in_the_moment_of_claiming_keeps_it(step, late, channel, monkeypatch):
    post, tomorrow = publish(channel).post, timezone.now() + timedelta(days=1)
    let_time_pass(hours=late)
    between(monkeypatch, step, lambda: post.edit("Tomorrow.", tomorrow, "UTC"))
    assert claim(post.deliveries.get().job_id) is None
    moved = post.deliveries.get()
    assert (moved.waiting_for, moved.next_attempt_at) == ("time", tomorrow)


def test_what_was_canceled_in_the_moment_of_claiming_is_not_sent(channel, monkeypatch):
    delivery = publish(channel)
    between(monkeypatch, "take", lambda: reloaded(delivery).cancel())
    assert claim(delivery.job_id) is None
    assert reloaded(delivery).state == "canceled"


def test_what_was_moved_as_its_channel_came_back_keeps_its_new_time(channel):
    tomorrow = timezone.now() + timedelta(days=1)
    delivery = publish(channel)
    channel.pause()
    claim(delivery.job_id)
    stale = reloaded(delivery)
    Post.objects.get().edit("Tomorrow.", tomorrow, "UTC")
    stale.resume()
    assert reloaded(delivery).next_attempt_at == tomorrow


# ── Faults of ours ────────────────────────────────────────────────────────────────────────────
def test_an_unexpected_error_before_the_attempt_is_tried_again(taken, monkeypatch):
    def boom(*args):
        raise ZeroDivisionError

    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(Sender, "check_length", boom)
        Sender(taken).send()
    assert (reloaded(taken).state, reloaded(taken).reason) == ("queued", "worker_gone")


def test_an_unexpected_error_while_sending_is_unknown(taken, monkeypatch):
    def boom(*args):
        raise ZeroDivisionError

    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(type(NETWORKS["x"]), "publish", boom)
        Sender(taken).send()
    assert (reloaded(taken).state, reloaded(taken).reason) == ("unconfirmed", "interrupted")


def test_an_attempt_whose_commit_got_lost_is_closed_and_tried_again(taken, monkeypatch):
    """The database said no, and had written it all the same: nothing left."""
    original = Sender.write_ahead

    def written_then_cut(self, media_ids):
        original(self, media_ids)
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(Sender, "write_ahead", written_then_cut)
        Sender(taken).send()
    assert reloaded(taken).state == "queued"
    assert taken.attempts.get().outcome == "not sent"


def test_too_slow_here_means_nothing_left(taken, settings, monkeypatch):
    monkeypatch.setattr("publishing.deliveries.send.SEND_WINDOW_SECONDS", -1)
    Sender(taken).send()
    assert (reloaded(taken).state, reloaded(taken).reason) == ("queued", "too_slow_here")


def test_a_machine_that_falls_asleep_before_it_calls_posts_nothing_when_it_wakes(
    x, sandbox, monkeypatch
):
    """Between the last look at its window and the call, which has a deadline of its own."""
    taken, call = claim(publish(x).job_id), x.network.publish

    def sleeps(*what):
        clock = time.clock_gettime
        monkeypatch.setattr(time, "clock_gettime", lambda which: clock(which) + 600)
        return call(*what)

    monkeypatch.setattr(type(x.network), "publish", lambda self, *what: sleeps(*what))
    Sender(taken).send()
    assert sandbox.truth() == [] and reloaded(taken).state == "queued"


def test_a_refusal_of_the_old_grant_does_not_end_the_new_one(taken):
    attempt, connection = Sender(taken).write_ahead(), reloaded(taken).channel.connection
    accept_grant(connection, connection.person, connection.grant())  # reconnected meanwhile
    Sender(taken).mark_failed(AuthorizationLost("password_changed"), attempt)
    assert reloaded(taken).channel.state == "works"
    assert claim(taken.job_id)
