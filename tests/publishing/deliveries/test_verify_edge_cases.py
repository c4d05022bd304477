"""What is easily lost of doubts and their looks when code is moved: each was in a trial, and no
other test noticed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries import (
    card_upload,
    claims,
    doubts,
    outages,
    queries,
    reconciling,
    retrying,
)
from publishing.deliveries.claims import take
from publishing.deliveries.confirm import objection
from publishing.deliveries.doubts import doubt_after_silence, verify_anew
from publishing.deliveries.instance import (
    BEAT_EVERY_SECONDS,
    SILENCE,
    mark_overdue_unconfirmed,
)
from publishing.deliveries.outages import SILENT, is_away, latest_outcomes
from publishing.deliveries.queries import taken_ids
from publishing.deliveries.reconciling import Doubt
from publishing.deliveries.returning import bring_back, stay_canceled
from publishing.deliveries.send import Sender
from publishing.deliveries.stuck import (
    LOGGED_AFTER_SECONDS,
    STUCK_AFTER_SECONDS,
    STUCK_COUNTED,
    WATCH_EVERY_SECONDS,
    Stuck,
    stuck,
)
from publishing.deliveries.sweep import verify_forgotten
from publishing.deliveries.verify import Verifier
from publishing.models import Attempt, Delivery, Verification, delivery_ended
from publishing.posts.contents import check_time, length_at
from social import timing
from social.models import CircuitBreaker
from social.models.circuit_breaker import OUTAGE
from social.networks.errors import OutcomeUnknown, Rejected, TemporaryError
from social.networks.shapes import Found, Outgoing, Picture, Recent, Uploaded
from social.reasons import Reason
from tests.publishing.deliveries.stale import delivery_asked_about, delivery_with_attempt
from tests.publishing.deliveries.test_late_verifications import taken
from tests.publishing.factories import delivery_in_state, page_channel, publish, reloaded, x_channel

pytestmark = pytest.mark.django_db


def test_after_a_silence_it_is_looked_up_soon_and_not_at_once(channel):
    delivery = publish(channel)
    assert doubt_after_silence(reloaded(delivery))
    after = reloaded(delivery).next_verification_at - timezone.now()
    assert timedelta(0) < after <= reconciling.first_verification(Reason.AWAY)


def test_only_what_is_due_is_looked_up_by_the_sweep(channel, bob):
    delivery = delivery_in_state(channel, "unconfirmed")
    later = timezone.now() + timedelta(hours=1)
    long_ago = timezone.now() - timedelta(days=1)
    Delivery.objects.update(next_verification_at=later, woken_at=long_ago)
    OrmQ.objects.all().delete()
    verify_forgotten()
    assert not OrmQ.objects.exists() and reloaded(delivery).woken_at == long_ago
    due = delivery_in_state(x_channel(bob, "bob"), "unconfirmed")
    Delivery.objects.filter(pk=due.pk).update(woken_at=long_ago, next_verification_at=long_ago)
    verify_forgotten()
    assert reloaded(delivery).woken_at == long_ago < reloaded(due).woken_at


def test_what_stands_at_another_deliverys_try_is_nobodys_claim(channel):
    other = delivery_with_attempt(publish(channel, "One"), Rejected("policy"))
    held = taken(channel)
    other.attempts.update(remote_id="555")
    there = Found("555", "", held.content, timezone.now(), author_id=channel.remote_id)
    assert objection(held, there) == "claim_taken"
    other.attempts.update(remote_id="")
    assert objection(held, there) == ""


def test_times_between_looks_and_tries(monkeypatch):
    assert reconciling.next_verification(len(reconciling.VERIFY_AFTER_SECONDS)) == timedelta(
        minutes=5
    )
    monkeypatch.setattr(timing.random, "uniform", lambda low, high: low)
    assert [retrying.retry_delay(tries) for tries in (0, 3, 99)] == [timedelta(seconds=5)] * 3
    monkeypatch.setattr(timing.random, "uniform", lambda low, high: high)
    seconds = [retrying.retry_delay(tries).total_seconds() for tries in (0, 1, 5, 6, 99)]
    assert seconds == [60, 120, 1920, 3600, 3600]


def test_only_a_limit_that_an_operator_raises_is_one_of_credits():
    assert reconciling.unreadable(TemporaryError("credits"), 1) == ""


def test_a_look_says_what_it_said(channel):
    held = taken(channel)
    words = {
        ("found", ""): "Looked: it is there.",
        ("absent", ""): "Looked: it is not there.",
        ("again", ""): "Looked: not there yet.",
        ("refused", ""): "Looked.",
        ("ask", "several_there"): "X shows more than one post that could be this one.",
        ("not read", "unreachable"): "Could not look: X could not be reached.",
    }
    for (outcome, reason), expected in words.items():
        assert Verification(delivery=held, outcome=outcome, reason=reason).sentence == expected


def test_a_second_yes_needs_no_first_one_to_be_taken(channel):
    """Attempts are compared by id; the first one there is counts as well."""
    first = delivery_with_attempt(publish(channel, "One"), Rejected("policy"))
    first.attempts.update(remote_id="7")
    assert taken_ids(publish(channel, "Two"), ["7"]) == {"7"}
    assert taken_ids(first, ["7"]) == set()


def test_what_its_person_is_asked_about_is_not_looked_up_because_something_works_again(channel):
    held = delivery_asked_about(channel)
    assert not verify_anew(held) and reloaded(held).waiting_for == "person"


def test_others_are_asked_about_since_before_the_first_try(channel, monkeypatch):
    """However many were made between the first one and the last one."""
    monkeypatch.setattr(queries, "NEARBY_ATTEMPTS", 2)
    far, near = (delivery_with_attempt(publish(channel, it), Rejected("policy")) for it in "AB")
    delivery = delivery_with_attempt(publish(channel, "C"), Rejected("policy"))
    for text in "DEF":
        delivery_with_attempt(publish(channel, text), Rejected("policy"))
    far.attempts.update(remote_id="far")
    near.attempts.update(remote_id="near")
    assert taken_ids(delivery, ["near", "far"]) == {"near"}
    delivery = delivery_with_attempt(delivery, Rejected("policy"))
    assert taken_ids(delivery, ["near", "far"]) == {"near"}


def test_what_was_never_tried_is_compared_with_the_latest_of_others(channel, monkeypatch):
    monkeypatch.setattr(queries, "NEARBY_ATTEMPTS", 1)
    for text in "AB":
        delivery = delivery_with_attempt(publish(channel, text), Rejected("policy"))
        delivery.attempts.update(remote_id=text)
    assert taken_ids(publish(channel, "C"), ["A", "B"]) == {"B"}


def test_when_what_stands_still_is_told():
    assert LOGGED_AFTER_SECONDS < WATCH_EVERY_SECONDS < STUCK_AFTER_SECONDS <= 60  # seconds
    assert LOGGED_AFTER_SECONDS >= 20  # or it is told of what is only slow
    delivery = Stuck("waits", STUCK_COUNTED, 61.0, "id")
    assert str(delivery) == "1,000 or more deliveries waits, the first for 61 s (id)"
    assert str(Stuck("waits", 1, 1.4, "id")).startswith("1 delivery waits, the first for 1 s")


def test_what_is_first_in_line_says_what_was_woken_long_ago(channel):
    """A long line is no reason to make it longer: jobs of what was woken since are in it."""
    delivery = publish(channel)
    OrmQ.objects.all().delete()
    now = timezone.now()
    for minutes in (30, 5):
        OrmQ.objects.create(key="publish", payload="x", lock=now - timedelta(minutes=minutes))
    woken = now - timedelta(minutes=20)
    Delivery.objects.update(woken_at=woken, next_attempt_at=woken, waiting_for="")
    assert not Delivery.objects.woken_long_ago().exists()
    Delivery.objects.update(woken_at=now - timedelta(minutes=31))
    assert list(Delivery.objects.woken_long_ago()) == [delivery]


def test_pictures_are_enough_where_there_are_some(channel):
    delivery = publish(channel)
    assert channel.network.pictures_say_enough
    assert delivery.says_enough is False
    delivery.post.picture_count = 1
    assert delivery.says_enough is True


def test_what_is_being_sent_without_a_lease_is_not_told(channel):
    delivery_in_state(channel, "sending")
    Delivery.objects.update(lease_until=None)
    assert stuck() == []


def test_whoever_took_the_post_in_that_moment_has_it(channel, monkeypatch):
    def late(*args):
        raise IntegrityError("another has it")

    held = taken(channel)
    monkeypatch.setattr(Verifier, "_settle_found", late)
    there = Found("1", "", held.content, timezone.now(), author_id=channel.remote_id)
    assert Verifier(held).settle_by_posts([there], timezone.now()) is False
    assert not held.verifications.exists()


@pytest.mark.parametrize("seconds, proves", [(599, True), (598.5, False), (600, True)])
def test_a_timeline_proves_after_ten_minutes_by_whole_seconds(seconds, proves):
    now = timezone.now()
    began = now - timedelta(seconds=seconds)
    doubts = [Doubt("Hello", now - timedelta(hours=1), "no_answer")]
    many = len(reconciling.VERIFY_AFTER_SECONDS)
    assert reconciling.is_proof("no_answer", many, doubts, now, now, began) is proves


# ── What one failure says of all ──────────────────────────────────────────────────────────────
def failed(channel, reason, times=1):
    for number in range(times):
        delivery = publish(channel, f"{reason} {number}")
        Attempt.objects.create(
            delivery=delivery,
            number=1,
            text="x",
            outcome="not sent",
            reason=reason,
            finished_at=timezone.now(),
        )


@pytest.mark.parametrize("reason", SILENT)
def test_what_ended_here_says_nothing_of_a_network(channel, reason):
    failed(channel, reason)
    failed(channel, "unreachable")
    assert [row[1] for row in latest_outcomes("x")] == ["unreachable"]


def test_a_network_is_away_by_its_own_failures_alone(channel, alice):
    failed(page_channel(alice), "unreachable", times=9)
    assert not latest_outcomes("x") and not is_away("x", 1)
    CircuitBreaker.objects.trip("x", OUTAGE, "unreachable")
    assert is_away("x", 1)
    CircuitBreaker.objects.reset("x", OUTAGE)
    assert not is_away("x", 1)


# ── Sending ───────────────────────────────────────────────────────────────────────────────────
def test_what_is_ones_own_is_not_taken_by_another(channel):
    delivery = delivery_in_state(channel, "sent")
    assert taken_ids(delivery, [delivery.remote_id]) == set()
    assert taken_ids(publish(channel, "Two"), [delivery.remote_id]) == {delivery.remote_id}


def test_only_an_end_is_told_to_those_who_count(channel, django_capture_on_commit_callbacks):
    heard = []

    def hear(**told):
        heard.append(told["user_id"])

    delivery_ended.connect(hear)
    try:
        delivery = publish(channel, at=timezone.now() + timedelta(days=1))
        with django_capture_on_commit_callbacks(execute=True):
            assert delivery.retry()
        assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            assert delivery.cancel()
        assert heard == [channel.connection.user_id]
    finally:
        delivery_ended.disconnect(hear)


def test_what_was_known_of_their_clock_at_the_start_stays(channel):
    delivery = publish(channel)
    assert take(delivery)
    attempt = Sender(delivery).write_ahead()
    began = timezone.now() - timedelta(days=1)
    Attempt.objects.update(server_time=began)
    attempt.server_time = began
    Sender(delivery).mark_failed(OutcomeUnknown("no_answer"), attempt)
    assert Attempt.objects.get().server_time == began


def test_a_machine_is_heard_of_often_enough_and_not_all_the_time():
    assert 10 <= BEAT_EVERY_SECONDS < SILENCE.total_seconds() / 2


@pytest.mark.parametrize("answer, doubts", [("send_again", False), ("drop", True)])
def test_who_answers_for_what_was_away_doubts_it_no_more(channel, answer, doubts):
    delivery = publish(channel)
    Delivery.objects.update(doubted_since=timezone.now())
    assert doubt_after_silence(reloaded(delivery))
    assert getattr(reloaded(delivery), answer)()
    assert (reloaded(delivery).doubted_since is not None) is doubts


def test_what_is_canceled_wakes_nobody_for_itself(channel):
    delivery = publish(channel, at=timezone.now() + timedelta(days=1))
    OrmQ.objects.all().delete()
    assert delivery.cancel()
    assert not OrmQ.objects.exists()


def test_who_said_before_that_it_waits_tries_once_more(channel, monkeypatch):
    delivery = publish(channel)
    Delivery.objects.update(waiting_for="turn", reason="turn")
    answers = [False, True]  # whoever was ahead ends between the two
    monkeypatch.setattr(claims, "_take", lambda delivery: answers.pop(0))
    assert take(reloaded(delivery)) and not answers


def test_an_account_that_subscribes_may_say_more(alice, channel):
    assert length_at([channel], "Hello").limit == 280
    channel.connection.longest = 25_000
    assert length_at([channel], "Hello").limit == 25_000
    assert length_at([channel, x_channel(alice, "another")], "Hello").limit == 280


def test_a_post_may_be_planned_for_three_years():
    check_time(timezone.now() + timedelta(days=3 * 365, hours=-1))
    with pytest.raises(ValidationError):
        check_time(timezone.now() + timedelta(days=3 * 365, hours=1))


def test_what_is_late_for_a_moment_is_not_stuck(channel):
    delivery = publish(channel)
    at = timezone.now() - timedelta(seconds=STUCK_AFTER_SECONDS / 2)
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=at)
    assert stuck() == []
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=at - timedelta(seconds=60))
    assert [it.count for it in stuck()] == [1]


def test_other_queues_and_sleepers_say_nothing_of_the_line(channel):
    publish(channel)
    OrmQ.objects.all().delete()
    now = timezone.now()
    OrmQ.objects.create(key="import", payload="x", lock=now - timedelta(minutes=50))
    OrmQ.objects.create(key="publish", payload="x", lock=now + timedelta(minutes=50))
    Delivery.objects.update(woken_at=now - timedelta(minutes=10))
    assert Delivery.objects.woken_long_ago().exists()


@pytest.mark.parametrize("reason", [Reason.AWAY, "limit_in_doubt", "permission_in_doubt"])
def test_what_one_look_decides_goes_again_however_often(reason):
    doubts = [Doubt("Hello", timezone.now(), "no_answer") for _ in range(9)]
    recent = Recent((), complete=True, at=timezone.now())
    assert reconciling.after_absence(reason, doubts, recent).kind == "absent"
    assert reconciling.after_absence("no_answer", doubts, recent).kind == "ask"


def test_who_wants_it_no_more_does_not_get_it_back(channel):
    delivery = publish(channel, at=timezone.now() + timedelta(days=1))
    assert delivery.cancel("channel_gone")
    late = reloaded(delivery)
    assert stay_canceled(reloaded(delivery))
    assert not bring_back(late) and reloaded(delivery).state == "canceled"


def test_a_try_that_is_open_or_was_put_off_may_have_landed():
    now = timezone.now()
    ends = {"unknown": True, "refused for now": True, "not sent": False, "refused": False}
    for outcome, may in ends.items():
        assert Attempt(outcome=outcome, finished_at=now).may_have_landed == may
    assert Attempt(outcome="").may_have_landed


def test_what_a_part_of_a_timeline_does_not_show_proves_nothing(channel):
    """However long ago it was: somebody else has read it for something else."""
    held = taken(channel)
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=2))
    held.attempts.update(started_at=timezone.now() - timedelta(days=1))
    fresh = reloaded(held)
    assert Verifier(fresh).settle_by_posts([], timezone.now()) is False
    assert not fresh.verifications.exists() and reloaded(held).state == held.state


def test_the_first_request_is_that_of_the_oldest_doubt(channel, monkeypatch):
    verifier = Verifier(delivery_with_attempt(publish(channel)))
    now = timezone.now()
    first, second = (Outgoing(content, key=key) for content, key in (("One", "1"), ("Two", "2")))
    verifier.doubts = [
        Doubt("One", now - timedelta(minutes=2), "unreachable", request=first),
        Doubt("Two", now, "unreachable", request=second),
    ]
    assert verifier.first_request is first
    verifier.doubts = []
    assert verifier.first_request is None


def test_a_claim_is_compared_with_the_words_that_were_sent_last(channel):
    delivery = delivery_with_attempt(publish(channel, "First words."))
    delivery.attempts.update(outcome="not sent")
    delivery.attempts.create(
        number=9, text="Last words.", outcome="unknown", finished_at=timezone.now()
    )
    delivery_with_attempt(publish(channel, "Last words."))  # in doubt about the same
    there = Found("1", "", "Last words.", timezone.now(), author_id=channel.remote_id)
    assert objection(reloaded(delivery), there) == ""


def test_of_an_older_copy_what_waits_is_left_to_wait(channel):
    publish(channel)
    long_ago = timezone.now() - timedelta(days=1)
    later = timezone.now() + timedelta(hours=1)
    Delivery.objects.update(due_at=long_ago, next_attempt_at=later, waiting_for="backoff")
    doubts.doubt_what_waits(Delivery.objects.all())
    assert Delivery.objects.get().doubted_since == long_ago
    Delivery.objects.update(doubted_since=None)
    asked = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(doubts, "doubt_what_waits", asked.append)
        mark_overdue_unconfirmed(True, None)
        assert asked == []
        mark_overdue_unconfirmed(False, None)
        assert len(asked) == 1


def test_of_a_home_that_is_away_only_what_lives_there_waits(channel, monkeypatch):
    monkeypatch.setattr(outages, "is_away", lambda *_: True)
    error = TemporaryError("unreachable")
    breaker = outages.close_for(error, "x", "there.example", "x:1", 1)
    assert "there.example" in breaker.scope and breaker.kind == OUTAGE
    assert CircuitBreaker.objects.get().scope == breaker.scope


@pytest.mark.parametrize(("left", "given"), [(2.0, 2.0), (1000.0, card_upload.UPLOAD_SECONDS)])
def test_the_picture_of_a_card_may_take_a_while_and_no_more_than_is_left(
    channel, monkeypatch, left, given
):
    asked = []

    def upload(self, place_id, grant, picture, seconds):
        asked.append(seconds)
        return Uploaded("1", None)

    monkeypatch.setattr(type(channel.network), "upload", upload)
    picture = Picture(b"", "image/png", "", 1, 1)
    card_upload.upload(publish(channel), picture, "token", timing.Window(left))
    assert given - 1 < asked[0] <= given


def test_what_others_tried_since_its_own_first_try_counts(channel, bob, monkeypatch):
    monkeypatch.setattr(queries, "NEARBY_ATTEMPTS", 0)
    mine = delivery_with_attempt(publish(channel, "One"))
    theirs = delivery_with_attempt(publish(channel, "Two"))
    theirs.attempts.update(remote_id="7")
    mine.attempts.create(number=9, text="One", outcome="unknown", finished_at=timezone.now())
    delivery_with_attempt(publish(x_channel(bob, "bob"), "Later"))
    assert taken_ids(mine, ["7"]) == {"7"}
