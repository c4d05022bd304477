"""A request that names its post before it exists may be made again: what is in doubt is settled in
seconds, and nothing is doubled."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.utils import timezone

from publishing.deliveries import reconciling
from publishing.deliveries.claims import claim
from publishing.deliveries.instance import mark_overdue_unconfirmed
from publishing.deliveries.outgoing import content_digest, outgoing_of
from publishing.deliveries.reconciling import Doubt
from publishing.deliveries.retrying import MOST_TRIES, REPEAT_LATEST_SECONDS, REPEAT_SECONDS, decide
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import release_expired, release_left_behind
from publishing.models import Attempt, Delivery, Verification
from publishing.states import QUEUED, UNCONFIRMED
from social.networks.errors import OutcomeUnknown, Rejected, doubted
from social.networks.shapes import Outgoing
from tests.pictures import drawn
from tests.publishing.factories import (
    let_time_pass,
    publish,
    reloaded,
    state_and_reason,
    verify_once,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def in_doubt(shelf, run_jobs):
    """Published, and the first request ended so."""

    def publish_in_doubt(network, fate="cut after", **more):
        network.fates = [fate]
        delivery = publish(shelf(), **more)
        run_jobs()
        return reloaded(delivery)

    return publish_in_doubt


def goes_on(delivery, run_jobs):
    let_time_pass(seconds=REPEAT_LATEST_SECONDS)
    run_jobs()
    return reloaded(delivery)


# ── Settled in seconds ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fate", ["cut before", "cut after"])
def test_what_is_in_doubt_is_settled_by_the_same_request(keyed, in_doubt, fate, run_jobs):
    delivery = in_doubt(keyed, fate)
    assert state_and_reason(delivery) == ("queued", "backoff", "cut_off")
    assert (delivery.is_repeat, delivery.tries) == (True, 1)
    wait = (delivery.next_attempt_at - timezone.now()).total_seconds()
    assert REPEAT_SECONDS - 1 < wait <= REPEAT_LATEST_SECONDS
    delivery = goes_on(delivery, run_jobs)
    assert (delivery.state, delivery.is_repeat) == ("sent", False)
    [there] = keyed.posts
    assert delivery.remote_id == there["id"]
    assert len(keyed.requests) == 1 + (fate == "cut before")  # what landed was found


def test_what_no_timeline_shows_yet_is_not_made_twice(keeper, in_doubt, run_jobs):
    delivery = in_doubt(keeper)
    keeper.is_shown = False
    assert goes_on(delivery, run_jobs).state == "sent"
    first, second = keeper.requests
    assert first == second and len(keeper.posts) == 1
    first, second = Attempt.objects.all()
    assert first.key == second.key and second.first_started_at == first.first_started_at


def test_it_may_be_in_doubt_again_and_again(finder, in_doubt, run_jobs):
    delivery = in_doubt(finder, "cut before")
    finder.fates = ["cut before", "cut after"]
    for _ in range(3):
        delivery = goes_on(delivery, run_jobs)
    assert delivery.state == "sent" and len(finder.posts) == 1
    assert len({request["at"] for request in finder.requests}) == 1


def test_a_worker_that_dies_while_it_sends_costs_seconds(keyed, shelf, run_jobs):
    taken = claim(publish(shelf()).job_id)
    attempt = Sender(taken).write_ahead(outgoing_of(taken))
    keyed.publish(taken.channel.remote_id, "alice", attempt.outgoing, None)
    with mock.patch("publishing.deliveries.settle.is_gone", return_value=True):
        release_left_behind(Delivery.objects.all())
    assert (
        state_and_reason(taken) == ("queued", "backoff", "interrupted")
        and reloaded(taken).is_repeat
    )
    assert goes_on(taken, run_jobs).state == "sent"
    assert len(keyed.posts) == len(keyed.requests) == 1


def test_what_was_found_says_by_which_look(keyed, in_doubt, run_jobs):
    delivery = goes_on(in_doubt(keyed), run_jobs)
    look_back = Verification.objects.get()
    assert (look_back.outcome, look_back.items) == ("found", 1)
    assert [attempt.outcome for attempt in delivery.attempts.all()] == ["sent"]


def test_pictures_are_named_as_they_were(keyed, in_doubt, run_jobs):
    delivery = in_doubt(keyed, "cut before", media=[(drawn(), "Red beside blue")])
    assert goes_on(delivery, run_jobs).state == "sent"
    first, second = keyed.requests
    assert first == second and keyed.uploaded == 1
    [[remote_id, alt, about]] = second["pictures"]
    assert (remote_id, alt) == ("picture-1", "Red beside blue") and about["bytes"] > 0


# ── What a restored database does not know ────────────────────────────────────────────────────
def test_a_restored_database_comes_to_the_same_key(finder, shelf, run_jobs):
    delivery = publish(shelf())
    row = Delivery.objects.filter(pk=delivery.pk).values().get()
    run_jobs()
    [there] = finder.posts
    Attempt.objects.all().delete()
    Delivery.objects.filter(pk=delivery.pk).update(**row)
    mark_overdue_unconfirmed(True, None)
    assert reloaded(delivery).reason == "away"
    verify_once(delivery)
    assert (reloaded(delivery).state, reloaded(delivery).remote_id) == ("sent", there["id"])
    assert len(finder.requests) == 1


def test_what_it_sent_with_other_words_is_found_by_its_key(finder, shelf, run_jobs):
    """The first one under a key stays: it is refused as being there, asked for, and found."""
    delivery = publish(shelf())
    run_jobs()
    Attempt.objects.all().delete()
    unsent = {"state": QUEUED, "remote_id": "", "remote_url": "", "finished_at": None}
    Delivery.objects.update(**unsent, attempt=0, text="Other words.")
    Delivery.objects.all().send_later()
    run_jobs()
    assert state_and_reason(delivery)[0] == "unconfirmed"
    verify_once(delivery)
    assert reloaded(delivery).state == "sent" and len(finder.posts) == 1


def test_other_content_has_another_digest():
    known = content_digest("Hello.", ["a", "b"], {"seen": "few"})
    assert known == content_digest("Hello.", ["a", "b"], {"seen": "few"}) and len(known) == 64
    others = [
        ("Hello", ["a", "b"], {"seen": "few"}),
        ("Hello.", ["b", "a"], {"seen": "few"}),
        ("Hello.", [], {"seen": "few"}),
        ("Hello.", ["a", "b"], {"seen": ""}),
        ("Hello.", ["a", "b"], {}),
    ]
    assert len({known, *(content_digest(*other) for other in others)}) == 1 + len(others)


# ── Where it is not safe ──────────────────────────────────────────────────────────────────────
def test_after_a_while_it_is_verified_instead(keeper, in_doubt, run_jobs):
    delivery = in_doubt(keeper, "cut before")
    let_time_pass(minutes=51)
    run_jobs()
    assert (
        state_and_reason(delivery) == ("unconfirmed", "", "cut_off")
        and not reloaded(delivery).is_repeat
    )
    assert len(keeper.requests) == 1


def test_our_clock_alone_is_not_believed_for_long(keeper, in_doubt, run_jobs):
    keeper.is_heard = False
    delivery = in_doubt(keeper, "cut before")
    assert delivery.is_repeat
    let_time_pass(minutes=3)
    run_jobs()
    assert (
        state_and_reason(delivery) == ("unconfirmed", "", "cut_off") and len(keeper.requests) == 1
    )


def test_a_network_without_time_for_it_is_verified_at_once(keeper, in_doubt):
    keeper.safe_for = timedelta(0)
    assert state_and_reason(in_doubt(keeper)) == ("unconfirmed", "", "cut_off")


def test_tries_are_spent_on_it(finder, in_doubt, run_jobs):
    delivery = in_doubt(finder, "cut before")
    finder.fates = ["cut before"] * 9
    for _ in range(9):
        delivery = goes_on(delivery, run_jobs)
    assert state_and_reason(delivery) == ("unconfirmed", "person", "absent_again")
    assert len(finder.requests) == MOST_TRIES


@pytest.mark.parametrize("what", ["pause", "disconnect"])
def test_what_keeps_it_from_being_sent_has_it_verified(keyed, in_doubt, what, run_jobs):
    delivery = in_doubt(keyed)
    getattr(delivery.channel, what)()
    goes_on(delivery, run_jobs)
    assert state_and_reason(delivery)[0] == "unconfirmed"
    assert len(keyed.requests) == 1


@pytest.mark.parametrize("verb", ["cancel", "retry"])
def test_nobody_decides_about_it_in_between(keyed, in_doubt, verb):
    delivery = in_doubt(keyed)
    assert not getattr(delivery, verb)() and reloaded(delivery).is_repeat
    assert not delivery.reschedule(timezone.now() + MINUTE)


def test_a_silence_has_it_verified(keyed, in_doubt):
    delivery = in_doubt(keyed)
    let_time_pass(minutes=1)
    mark_overdue_unconfirmed(False, None)
    assert state_and_reason(delivery) == ("unconfirmed", "", "away")


def test_a_refusal_of_the_repeat_says_nothing_of_the_first(keeper, in_doubt, run_jobs):
    delivery = in_doubt(keeper)
    keeper.is_shown, keeper.fates = False, ["refused"]
    goes_on(delivery, run_jobs)
    assert state_and_reason(delivery) == ("unconfirmed", "", "cut_off")
    keeper.is_shown = True
    verify_once(delivery)
    assert reloaded(delivery).state == "sent" and len(keeper.posts) == 1


def test_who_may_not_ask_first_does_not_send(keyed, in_doubt, run_jobs):
    delivery = in_doubt(keyed)
    keyed.fates = ["away"]
    goes_on(delivery, run_jobs)
    assert state_and_reason(delivery) == ("unconfirmed", "", "cut_off") and len(keyed.requests) == 1


def test_a_worker_that_dies_before_it_repeats_leaves_the_doubt(keyed, in_doubt):
    delivery = in_doubt(keyed)
    let_time_pass(seconds=10)
    assert claim(delivery.job_id)
    let_time_pass(minutes=5)
    release_expired(Delivery.objects.all())
    assert state_and_reason(delivery) == ("unconfirmed", "", "cut_off")


# ── Verified by its key ───────────────────────────────────────────────────────────────────────
def unrepeated(finder, in_doubt, fate, run_jobs, **more):
    delivery = in_doubt(finder, fate, **more)
    delivery.channel.pause()
    delivery = goes_on(delivery, run_jobs)
    assert delivery.state == "unconfirmed"
    delivery.channel.resume()
    return delivery


def test_what_is_there_under_its_key_is_it(finder, in_doubt, run_jobs):
    delivery = unrepeated(finder, in_doubt, "cut after", run_jobs)
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"
    assert {asked["what"] for asked in finder.questions} == {"find"}


def test_what_is_not_there_under_its_key_goes_again_at_once(finder, in_doubt, run_jobs):
    delivery = unrepeated(finder, in_doubt, "cut before", run_jobs)
    verify_once(delivery)
    assert state_and_reason(delivery) == ("queued", "", "absent")
    run_jobs()
    assert reloaded(delivery).state == "sent"
    first, second = finder.requests
    assert first == second


def test_what_goes_again_names_the_pictures_that_are_held(finder, in_doubt, run_jobs):
    delivery = unrepeated(finder, in_doubt, "cut before", run_jobs, media=[(drawn(), "Red")])
    verify_once(delivery)
    run_jobs()
    first, second = finder.requests
    assert first == second and finder.uploaded == 1 and reloaded(delivery).state == "sent"


def test_what_goes_again_says_when_the_first_one_began(finder, in_doubt, run_jobs):
    delivery = unrepeated(finder, in_doubt, "cut before", run_jobs)
    first = delivery.attempts.get()
    later = first.first_started_at + MINUTE
    delivery.attempts.create(
        number=2,
        text=first.text,
        key=first.key,
        outcome="unknown",
        reason="cut_off",
        started_at=later,
        first_started_at=later,
        finished_at=later,
    )
    Delivery.objects.update(attempt=2)
    assert reloaded(delivery).send_again()
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert delivery.attempts.last().first_started_at == first.first_started_at


def test_what_another_delivery_has_is_asked_about(finder, in_doubt, run_jobs):
    delivery = unrepeated(finder, in_doubt, "cut after", run_jobs)
    [there] = finder.posts
    other = publish(delivery.channel, "Another.")
    finder.fates = []
    run_jobs()
    Delivery.objects.filter(pk=other.pk).update(remote_id="elsewhere")
    Delivery.objects.filter(pk=other.pk).update(remote_id=there["id"])
    verify_once(delivery)
    assert state_and_reason(delivery) == ("unconfirmed", "person", "taken")


def test_what_its_person_sends_again_is_asked_for_first(finder, in_doubt, run_jobs):
    delivery = unrepeated(finder, in_doubt, "cut after", run_jobs)
    assert delivery.send_again()
    run_jobs()
    assert reloaded(delivery).state == "sent" and len(finder.requests) == 1


# ── The decisions by themselves ───────────────────────────────────────────────────────────────
REQUEST = Outgoing("Hello.", key="k", at=NOW)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def asked_at(at, request=REQUEST, server_time=None):
    return Doubt("Hello.", at, "cut_off", server_time=server_time, request=request)


def heard(at, request=REQUEST):
    return asked_at(at, request, at)


@pytest.mark.parametrize(
    ("doubts", "now", "server_now", "may"),
    [
        ([heard(NOW)], NOW, NOW, True),
        ([heard(NOW)], NOW + HOUR, NOW + HOUR, False),
        ([heard(NOW)], NOW + HOUR - SECOND, NOW + HOUR - SECOND, True),
        ([heard(NOW)], NOW + MINUTE, NOW + HOUR, False),  # theirs knows better
        ([heard(NOW)], NOW + HOUR, NOW + MINUTE, False),  # or ours does
        ([heard(NOW), heard(NOW + MINUTE)], NOW + HOUR, NOW + HOUR, False),  # since the first
        ([heard(NOW), heard(NOW, Outgoing("Bye.", key="k", at=NOW))], NOW, NOW, False),
        ([heard(NOW, None)], NOW, NOW, False),
        ([], NOW, NOW, False),
        # Theirs was not heard, then or now: ours is believed for a while.
        ([asked_at(NOW)], NOW, None, True),
        ([asked_at(NOW)], NOW + 2 * MINUTE - SECOND, NOW + HOUR, True),
        ([asked_at(NOW)], NOW + 2 * MINUTE, NOW + 2 * MINUTE, False),
        ([heard(NOW)], NOW + 2 * MINUTE, None, False),
        ([asked_at(NOW)], NOW - SECOND, None, False),  # it was set
    ],
)
def test_the_same_request_is_safe_for_a_while(doubts, now, server_now, may):
    assert reconciling.may_repeat(doubts, HOUR, now, server_now) is may


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (OutcomeUnknown("limit_in_doubt"), 0),  # Meta asks us to keep away
        (doubted(Rejected("not_found")), 0),  # would be refused again
        (OutcomeUnknown("cut_off"), MOST_TRIES - 1),
    ],
)
def test_some_doubts_are_not_settled_by_asking_again(error, tries):
    assert decide(error, tries, 1, False, NOW, may_repeat=True).state == UNCONFIRMED


def test_what_is_safe_for_ever_needs_no_clock():
    assert reconciling.may_repeat([asked_at(NOW)], timedelta.max, NOW - HOUR, None)


def test_a_network_without_keys_is_never_asked_twice():
    decision = decide(OutcomeUnknown("cut_off"), 0, 1, False, NOW)
    assert (decision.state, decision.is_repeat) == (UNCONFIRMED, False)


def test_under_a_key_absence_is_proof_where_a_second_post_cannot_be():
    doubts = [asked_at(NOW)]
    assert reconciling.is_proof_by_key(doubts, True, NOW)
    assert not reconciling.is_proof_by_key(doubts, False, NOW + timedelta(seconds=59))
    assert reconciling.is_proof_by_key(doubts, False, NOW + MINUTE)
