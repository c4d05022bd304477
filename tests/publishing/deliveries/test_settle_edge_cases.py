"""What is easily lost of how a send ends when code is moved: each was in a trial, and no other test
noticed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.announcing import others_after
from publishing.deliveries.claims import defer_if_blocked
from publishing.deliveries.confirm import check_claim, confirm
from publishing.deliveries.follow import follow_opened
from publishing.deliveries.outages import is_away
from publishing.deliveries.reconciling import Doubt, reads_since
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import release_expired, settle_sent
from publishing.deliveries.verify import Verifier
from publishing.models import Attempt, Delivery, Post
from publishing.posts.changing import says
from social.models import CircuitBreaker
from social.models.circuit_breaker import OUTAGE
from social.networks.errors import Limit, OutcomeUnknown, RateLimited, Rejected
from social.networks.shapes import Found, Published
from tests.publishing.deliveries.stale import delivery_asked_about, delivery_with_attempt
from tests.publishing.deliveries.test_late_verifications import shows, taken  # noqa: F401  a fixture
from tests.publishing.factories import delivery_in_state, page_channel, publish, reloaded

pytestmark = pytest.mark.django_db


def test_a_fault_of_ours_while_asking_whose_it_is_is_told_and_asked_again(channel, monkeypatch):
    def broken(*args):
        raise RuntimeError("ours")

    held = delivery_asked_about(channel)
    assert confirm(held, "1234567890123")
    monkeypatch.setattr(type(channel.network), "post", broken)
    with pytest.raises(RuntimeError):
        check_claim(reloaded(held), timezone.now())
    assert reloaded(held).is_claimed and reloaded(held).verifications.get().outcome == "not read"


def test_a_yes_whose_post_another_has_is_asked_about(channel):
    other = publish(channel, "One")
    Delivery.objects.filter(pk=other.pk).update(state="sent", remote_id="7")
    delivery = delivery_in_state(channel, "sending")
    attempt = delivery.attempts.last() or Sender(delivery).write_ahead()
    assert settle_sent(delivery, Published("7", ""), attempt) is True
    assert (reloaded(delivery).state, reloaded(delivery).reason) == ("unconfirmed", "taken")


def test_of_two_that_landed_the_first_is_it(channel):
    delivery = publish(channel)
    for number in (1, 2):
        Attempt.objects.create(
            delivery=delivery,
            number=number,
            text="Hello",
            outcome="sent",
            remote_id=str(number),
            finished_at=timezone.now(),
        )
    Delivery.objects.update(attempt=2)
    assert defer_if_blocked(reloaded(delivery))
    assert (reloaded(delivery).state, reloaded(delivery).remote_id) == ("sent", "1")


def test_an_old_page_does_not_drop_what_was_claimed_since(channel):
    held = delivery_asked_about(channel)
    late = reloaded(held)
    assert confirm(held, "1234567890123")
    assert not late.drop() and reloaded(held).is_claimed


def test_who_is_limited_for_too_long_asks_its_person(channel, shows):  # noqa: F811
    held = taken(channel)
    far = timezone.now() + timedelta(hours=10)
    shows(RateLimited("rate_limit", limits=(Limit("rate_limit", far),)))
    Verifier(held).verify()
    assert (reloaded(held).waiting_for, reloaded(held).reason) == ("person", "cannot_look_away")


@pytest.mark.parametrize(
    "reason, is_settled", [("cannot_look_away", True), ("several_there", False)]
)
def test_what_nobody_could_look_at_is_settled_by_who_sees_it(channel, reason, is_settled):
    held = delivery_with_attempt(publish(channel), OutcomeUnknown("no_answer"))
    assert held.ask(reason)
    at = timezone.now()
    there = Found("1", "", held.content, at, author_id=channel.remote_id)
    assert Verifier(reloaded(held)).settle_by_posts([there], at) is is_settled
    assert (reloaded(held).state == "sent") is is_settled


def test_a_network_that_is_back_wakes_nobody_elses(alice, channel):
    page = page_channel(alice)
    here, there = publish(channel, "One"), publish(page, "Two")
    for network in ("x", "facebook"):
        CircuitBreaker.objects.trip(network, OUTAGE, "unreachable")
    far = timezone.now() + timedelta(hours=9)
    Delivery.objects.update(waiting_for="outage", reason="unreachable", next_attempt_at=far)
    CircuitBreaker.objects.reset("x", OUTAGE)
    follow_opened(CircuitBreaker.objects.get(scope="x").pk)
    assert reloaded(here).waiting_for == "" and reloaded(there).next_attempt_at == far


def test_only_what_is_being_sent_is_released(channel, monkeypatch):
    released = []
    monkeypatch.setattr("publishing.deliveries.settle.release", lambda d: released.append(d.state))
    long_ago = timezone.now() - timedelta(hours=1)
    for state in ("failed", "sending"):
        delivery = delivery_in_state(channel, state)
        Delivery.objects.filter(pk=delivery.pk).update(lease_until=long_ago)
    release_expired(Delivery.objects.all())
    assert released == ["sending"]


def test_only_what_is_canceled_comes_back_with_its_channel():
    assert Delivery(state="canceled", reason="channel_gone").is_canceled_with_channel
    assert not Delivery(state="failed", reason="channel_gone").is_canceled_with_channel
    assert not Delivery(state="canceled", reason="dropped").is_canceled_with_channel


def test_an_outage_takes_five_failures_of_three_deliveries(channel):
    for text, times in (("One", 2), ("Two", 2)):
        delivery = publish(channel, text)
        for number in range(times):
            Attempt.objects.create(
                delivery=delivery,
                number=number,
                text="x",
                outcome="not sent",
                reason="unreachable",
                finished_at=timezone.now(),
            )
    third = publish(channel, "Three")
    assert is_away("x", third.pk)
    assert not is_away("x", delivery.pk)  # they are two
    Attempt.objects.first().delete()
    assert not is_away("x", third.pk)  # they are four


def test_another_networks_outage_is_not_this_ones(channel):
    CircuitBreaker.objects.trip("facebook", OUTAGE, "unreachable")
    assert not is_away("x", 1)


def test_what_was_put_off_is_no_unknown_outcome():
    outcomes = {"refused for now": False, "unknown": True, "": True, "refused": True}
    for outcome, is_unknown in outcomes.items():
        assert Attempt(outcome=outcome).doubt.is_unknown is is_unknown


def test_what_may_have_been_sent_elsewhere_is_all_that_is_doubted(channel):
    delivery = delivery_with_attempt(publish(channel), OutcomeUnknown("no_answer"))
    delivery.attempts.update(outcome="refused", reason="duplicate")
    Delivery.objects.update(reason="away", doubted_since=timezone.now())
    attempts, doubts = Verifier(reloaded(delivery))._doubts()
    assert attempts == [None] and [doubt.reason for doubt in doubts] == ["away"]


def test_a_timeline_is_read_since_before_the_earliest_doubt():
    now = timezone.now()
    doubts = [
        Doubt("Hello", now - timedelta(hours=hours), "no_answer", server_time=now - ahead)
        for hours, ahead in ((5, timedelta(hours=6)), (1, timedelta(hours=1)))
    ]
    assert reads_since(doubts) == now - timedelta(hours=7)


def test_a_delivery_comes_with_all_that_a_send_needs(channel, django_assert_num_queries):
    publish(channel)
    with django_assert_num_queries(1):
        delivery = Delivery.objects.with_all().get()
        assert delivery.post.text and delivery.channel.connection.remote_id


def test_a_post_is_over_when_all_of_it_is(alice, channel):
    post = Post.objects.publish(alice, "Hello", [channel, page_channel(alice)])
    first, second = post.deliveries.all()
    assert not post.is_done and first.cancel() and not Post.objects.get().is_done
    assert second.cancel() and Post.objects.get().is_done


def test_what_says_the_same_already(alice, channel):
    post = publish(channel, "Hello").post
    assert says(post, "Hello", {}, None) and says(post, "Hello", {}, [])
    assert not says(post, "Hello!", {}, None) and not says(post, "Hello", {"x": "Hi"}, None)


def test_who_was_never_sent_makes_no_room(channel):
    delivery, second = publish(channel, "One"), publish(channel, "Two")
    Delivery.objects.filter(pk=second.pk).update(waiting_for="turn", reason="turn")
    assert others_after(delivery, ["sending"], "sending")
    assert others_after(delivery, ["sending"], "queued")  # as its row was a moment ago
    assert not others_after(delivery, ["unconfirmed"], "unconfirmed")
    assert not others_after(delivery, ["unconfirmed"], "sending")


def test_who_is_still_in_line_needs_no_second_job(channel):
    delivery, second = publish(channel, "One"), publish(channel, "Two")
    everything = ["queued", "sending", "unconfirmed", "failed", "canceled"]
    assert not others_after(delivery, everything, "sending")
    assert [job[0] for job in others_after(delivery, everything, "queued")] == [second.job_id]


def test_what_was_never_tried_or_refused_for_good_is_no_doubt(channel):
    delivery = publish(channel)
    assert Verifier(delivery)._doubts() == ([], [])
    assert Verifier(delivery_with_attempt(delivery, Rejected("policy")))._doubts() == ([], [])


def test_what_is_queued_again_says_when_it_was_woken(channel):
    delivery = delivery_with_attempt(publish(channel), Rejected("policy"))
    Delivery.objects.update(woken_at=None)
    before = timezone.now()
    assert reloaded(delivery).retry()
    assert reloaded(delivery).woken_at >= before


def test_what_may_have_landed_before_is_doubted_beside_a_duplicate(channel):
    held = delivery_with_attempt(publish(channel), OutcomeUnknown("no_answer"))
    held.attempts.create(
        number=2, text="x", outcome="refused", reason="duplicate", finished_at=timezone.now()
    )
    attempts, doubts = Verifier(reloaded(held))._doubts()
    assert [attempt.number for attempt in attempts] == [1]
    assert [doubt.reason for doubt in doubts] == ["no_answer"]
