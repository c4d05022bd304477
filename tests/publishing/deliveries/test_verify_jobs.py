"""Who looks a delivery up, when, and what happens beside it."""

import pytest
from django_q.models import OrmQ

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.sweep import sweep
from publishing.deliveries.verify import claim_verification
from publishing.models import Delivery, Verification
from social.jobs import enqueue
from social.networks.errors import Rejected
from tests.publishing.factories import (
    delivery_in_state,
    let_time_pass,
    post_by_hand,
    publish,
    reloaded,
    verify_once,
)


def test_two_workers_look_once(x, in_doubt, sandbox):
    delivery = in_doubt(x)
    let_time_pass(seconds=6)
    first = claim_verification(delivery.job_id)
    assert first and claim_verification(delivery.job_id) is None


def test_a_look_whose_worker_died_is_taken_over(x, in_doubt, run_jobs):
    delivery = in_doubt(x)
    let_time_pass(seconds=6)
    claim_verification(delivery.job_id)
    OrmQ.objects.all().delete()
    let_time_pass(minutes=5)
    sweep(), sweep()
    assert OrmQ.objects.count() == 1
    run_jobs()
    assert reloaded(delivery).state == "sent"


def test_its_job_comes_by_itself(x, in_doubt, run_jobs):
    delivery = in_doubt(x)
    assert run_jobs() == []
    let_time_pass(seconds=6)
    assert [job.func for job in run_jobs()] == ["publishing.tasks.verify_delivery"]
    assert reloaded(delivery).state == "sent"


def test_a_job_that_an_older_version_queued_goes_on(x, in_doubt, run_jobs):
    delivery = in_doubt(x)
    OrmQ.objects.all().delete()
    let_time_pass(seconds=6)
    enqueue("publishing.tasks.look_up_delivery", str(delivery.job_id), queue="publish")
    run_jobs()
    assert reloaded(delivery).state == "sent"


def test_others_at_the_account_do_not_wait_for_it(x, in_doubt, run_jobs):
    delivery, behind = in_doubt(x), publish(x, "Behind it.")
    run_jobs()
    assert reloaded(behind).state == "sent" and reloaded(delivery).state == "unconfirmed"


@pytest.mark.parametrize("verb", ["drop", "send_again"])
def test_what_is_found_wins_over_what_was_decided_meanwhile(verb, x, in_doubt, monkeypatch):
    delivery, original = in_doubt(x), type(x.network).recent

    def meanwhile(self, *args):
        getattr(reloaded(delivery), verb)()
        return original(self, *args)

    monkeypatch.setattr(type(x.network), "recent", meanwhile)
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_what_is_found_does_not_speak_for_a_newer_try(x, in_doubt, run_jobs, monkeypatch):
    """A person sent it again while we looked: that try says itself what it made."""
    delivery, original = in_doubt(x, "reset.before"), type(x.network).recent

    def meanwhile(self, *args):
        monkeypatch.setattr(type(x.network), "recent", original)
        reloaded(delivery).send_again()
        run_jobs()
        return original(self, *args)

    monkeypatch.setattr(type(x.network), "recent", meanwhile)
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"
    assert delivery.attempts.get(number=1).remote_id == ""


def test_a_late_no_settles_it(channel):
    """Taken for dead, the worker comes back and says that the network refused."""
    taken = claim(publish(channel).job_id)
    attempt = Sender(taken).write_ahead()
    let_time_pass(minutes=3)
    sweep()
    Sender(taken).mark_failed(Rejected("policy"), attempt)
    verify_once(taken)
    assert (reloaded(taken).state, reloaded(taken).reason) == ("failed", "policy")


def test_what_looks_is_counted_for_the_operator(place, in_doubt, sandbox):
    post_by_hand(sandbox, place, "One."), post_by_hand(sandbox, place, "Two.")
    verify_once(in_doubt(place))
    name, verifications, items, dollars = Verification.objects.totals()[0]
    assert (name, verifications) == (place.network_name, 1) and items >= 3
    assert dollars == pytest.approx(items * (0.005 if name == "x" else 0))


def test_one_that_looks_is_unconfirmed_and_says_when(x, in_doubt, alice, client_for):
    delivery, browser = in_doubt(x), client_for(alice)
    told = browser.get(f"/status/{delivery.job_id}").json()
    assert (told["state"], told["waiting_for"], told["done"]) == ("unconfirmed", None, False)
    assert told["next_attempt_at"] == f"{delivery.next_verification_at:%Y-%m-%dT%H:%M:%SZ}"
    assert "may or may not be there. Checking with X; next look " in told["reason"]
    page = browser.get(delivery.post.get_absolute_url()).content.decode()
    assert "hx-get" in page and "Checking with X" in page and "Decide it yourself" in page
    let_time_pass(seconds=6)
    assert "Checking with X now." in browser.get(f"/status/{delivery.job_id}").json()["reason"]


def test_look_now(x, in_doubt, run_jobs):
    delivery = in_doubt(x)
    assert delivery.verify_now()
    run_jobs()
    assert reloaded(delivery).state == "sent" and not reloaded(delivery).verify_now()


def test_only_one_in_doubt_can_look(channel):
    for state in ("queued", "sending", "sent", "failed", "canceled"):
        delivery = delivery_in_state(channel, state)
        assert not delivery.verify_now() and claim_verification(delivery.job_id) is None
        Delivery.objects.filter(pk=delivery.pk).exclude(state="sent").update(state="canceled")
