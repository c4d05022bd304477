"""What is easily lost when code is moved: each was in a trial, and no other test noticed."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries import reconciling, settle
from publishing.deliveries.announcing import others_after
from publishing.deliveries.attempt import OUTCOMES
from publishing.deliveries.claims import claim
from publishing.deliveries.confirm import _settle_claim, confirm
from publishing.deliveries.doubts import reason_of_doubt
from publishing.deliveries.follow import deliveries_to, follow_opened
from publishing.deliveries.instance import read_identity
from publishing.deliveries.queries import competing_deliveries
from publishing.deliveries.reconciling import ABSENT, AGAIN, ASK, FOUND, REFUSED, Verdict
from publishing.deliveries.returning import stay_canceled
from publishing.deliveries.settle import release_left_behind
from publishing.deliveries.verify import Verifier
from publishing.media.media import UNUSED_PER_USER
from publishing.models import Attempt, Delivery, Instance, Media, MediaBytes, Post, Verification
from publishing.notices.sync import posts_without_notice
from publishing.posts.changing import why_fixed
from publishing.posts.contents import check_time
from publishing.posts.post import STATUS_STYLES
from publishing.sql import next_at, next_due, read
from social import timing
from social.models import CircuitBreaker, Connection
from social.networks.errors import AuthorizationLost, OutcomeUnknown, Rejected, TemporaryError
from social.networks.shapes import Found
from social.processes import this_process
from social.reasons import Reason
from tests.pictures import drawn
from tests.publishing.deliveries.stale import delivery_with_attempt
from tests.publishing.deliveries.test_late_verifications import shows, taken  # noqa: F401  a fixture
from tests.publishing.factories import (
    delivery_in_state,
    page_channel,
    publish,
    reloaded,
    x_channel,
)

pytestmark = pytest.mark.django_db


# ── Sending ───────────────────────────────────────────────────────────────────────────────────
def test_a_try_before_a_pages_token_has_come_costs_one(alice):
    channel = page_channel(alice)
    Connection.objects.update(checked_at=None)  # connected anew: the look around is to come
    delivery = delivery_with_attempt(publish(channel), AuthorizationLost("token_dead"))
    assert (delivery.waiting_for, delivery.tries) == ("backoff", 1)
    assert not Connection.objects.get().blocked_reason


def test_who_is_next_comes_with_its_person_and_its_network(channel):
    delivery = publish(channel)
    ((job_id, at, user_id, network),) = next_at(channel.account, other_than=0)
    assert (job_id, user_id, network) == (delivery.job_id, delivery.post.user_id, "x")
    assert isinstance(job_id, UUID) and at <= timezone.now()


def test_a_row_is_read_with_what_it_points_at_in_one_statement(channel):
    delivery = publish(channel)
    pointers = ("post", "channel", "channel__connection")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = read(Delivery, "job_id", delivery.job_id, *pointers)
        assert found.post.text and found.channel.connection.remote_id
    assert len(asked) == 1


def test_a_job_for_a_delivery_that_is_gone_finds_nothing():
    assert read(Delivery, "job_id", uuid4()) is None
    assert claim(str(uuid4())) is None


def test_a_picture_that_is_gone_meanwhile_is_not_attached(alice, channel):
    media = Media.objects.prepare(alice, drawn(), "a.png", "")
    media.store(media.still.data)
    Media.objects.filter(pk=media.pk).delete()
    with pytest.raises(ValidationError) as gone:
        Media.objects.attach(publish(channel).post, [media])
    assert gone.value.code == "media_gone"


def test_what_was_pruned_once_is_not_pruned_again(alice, channel):
    media = Media.objects.keep(alice, drawn())
    delivery = publish(channel, media=[media])
    media.make_thumbnail()
    over = timezone.now() - timedelta(days=90)
    Delivery.objects.filter(pk=delivery.pk).update(state="canceled", finished_at=over)
    Media.objects.prune()
    first = Media.objects.get().pruned_at
    assert first is not None
    Media.objects.prune()
    assert Media.objects.get().pruned_at == first


def test_only_what_did_its_work_is_pruned(alice, channel):
    kept, over = (Media.objects.keep(alice, drawn((90, number))) for number in (60, 70))
    publish(channel, "Later", media=[kept], at=timezone.now() + timedelta(days=1))
    sent = publish(channel, "Before", media=[over])
    for media in (kept, over):
        media.make_thumbnail()
    long_ago = timezone.now() - timedelta(days=90)
    Delivery.objects.filter(pk=sent.pk).update(state="canceled", finished_at=long_ago)
    Media.objects.prune()
    assert kept.original() is not None and over.original() is None


def test_of_many_drafts_the_latest_are_kept(alice, monkeypatch):
    assert UNUSED_PER_USER == 40
    monkeypatch.setattr("publishing.media.media.UNUSED_PER_USER", 2)
    kept = [Media.objects.keep(alice, drawn((90, 60 + number))) for number in range(3)]
    assert set(Media.objects.all()) == set(kept[1:])


def test_each_picture_has_a_thumbnail_of_its_own(alice):
    wide, high = (Media.objects.keep(alice, drawn(size)) for size in ((90, 30), (30, 90)))
    wide.make_thumbnail()
    assert MediaBytes.objects.get(media=high).thumbnail is None


# ── Looking ───────────────────────────────────────────────────────────────────────────────────
def looked_often(held):
    for _ in range(reconciling.MOST_VERIFICATIONS - 1):
        look = {"server_time": timezone.now(), "outcome": "again"}
        Verification.objects.create(delivery=held, attempt=held.attempt, **look)


def test_after_the_last_look_its_person_is_asked(channel, shows):  # noqa: F811
    held = taken(channel, OutcomeUnknown("no_answer"))
    looked_often(held)
    Verification.objects.update(
        server_time=timezone.now()
    )  # their clock stands still: nothing is proven
    shows()
    Verifier(held).verify()
    assert (reloaded(held).waiting_for, reloaded(held).reason) == ("person", "cannot_look_away")


def test_what_the_last_look_asks_is_what_it_saw(channel, shows):  # noqa: F811
    held = taken(channel, OutcomeUnknown("no_answer"))
    looked_often(held)
    at = held.attempts.last().started_at
    shows(*(Found(str(n), f"https://x.com/a/status/{n}", held.content, at) for n in (1, 2)))
    Verifier(held).verify()
    assert (reloaded(held).waiting_for, reloaded(held).reason) == ("person", "several_there")


@pytest.mark.parametrize("misses, seconds", [(1, 60), (2, 120), (6, 1920), (7, 3600), (99, 3600)])
def test_who_could_not_look_waits_twice_as_long_each_time(monkeypatch, misses, seconds):
    now, error = timezone.now(), TemporaryError("unreachable")
    monkeypatch.setattr(timing.random, "uniform", lambda low, high: high)
    assert reconciling.after_a_miss(error, misses, now) == now + timedelta(seconds=seconds)
    monkeypatch.setattr(timing.random, "uniform", lambda low, high: low)
    assert reconciling.after_a_miss(error, misses, now) == now + timedelta(seconds=seconds / 2)


def test_a_fault_of_ours_while_looking_is_told_and_looked_at_again(channel, shows):  # noqa: F811
    held = taken(channel)
    shows(RuntimeError("ours"))
    with pytest.raises(RuntimeError):
        Verifier(held).verify()
    assert reloaded(held).is_verifying and reloaded(held).verifications.count() == 1


@pytest.mark.parametrize(
    "kind, reason, rests",
    [
        (ABSENT, "", True),
        (REFUSED, "duplicate", True),
        (ASK, "earlier_there", True),
        (ASK, "changed_there", True),
        (ASK, "absent_again", True),
        (ASK, "duplicate_unseen", True),
        (ASK, "several_there", False),
        (ASK, "too_many_there", False),
        (FOUND, "", False),
        (AGAIN, "", False),
    ],
)
def test_what_more_posts_would_change_rests_on_absence(kind, reason, rests):
    assert Verdict(kind, reason).rests_on_absence is rests


# ── Moving ────────────────────────────────────────────────────────────────────────────────────
def test_only_who_makes_room_wakes_the_next(channel):
    delivery, _ = publish(channel, "One"), publish(channel, "Two")
    assert others_after(delivery, ["queued"], "queued")
    assert not others_after(delivery, ["unconfirmed"], "unconfirmed")
    assert not others_after(delivery, ["sending"], "sending")  # the other is still in line


def test_what_is_over_is_not_released_when_its_worker_is_gone(channel, monkeypatch):
    released = []
    monkeypatch.setattr(settle, "release", lambda delivery: released.append(delivery.pk))
    delivery = delivery_with_attempt(publish(channel), Rejected("policy"))
    gone = this_process().rpartition(":")[0] + ":999999"
    Delivery.objects.filter(pk=delivery.pk).update(worker=gone)
    release_left_behind(Delivery.objects.all())
    assert released == []


@pytest.mark.parametrize("seconds, is_past", [(50, False), (70, True)])
def test_a_time_is_past_after_a_minute(seconds, is_past):
    at = timezone.now() - timedelta(seconds=seconds)
    if is_past:
        with pytest.raises(ValidationError):
            check_time(at)
    else:
        check_time(at)


def test_every_beat_is_remembered_by_the_machine(db, settings, tmp_path):
    settings.INSTANCE_ID, settings.VAR_DIR = "", tmp_path / "var"
    for _ in range(2):
        Instance.objects.beat()
        row = Instance.objects.get()
        assert read_identity() == (row.pk, row.beats)
    assert row.beats > 1


def test_every_status_has_a_style_of_its_own():
    assert STATUS_STYLES == {
        **{it: it for it in ("sent", "sending", "unconfirmed", "failed", "canceled", "queued")},
        "partly sent": "failed",
        "scheduled": "queued",
    }


@pytest.mark.parametrize("outcome", ["", "sent", *OUTCOMES.values()])
def test_however_a_try_ends_there_is_a_sentence_for_it(channel, outcome):
    attempt = Attempt(delivery=publish(channel), outcome=outcome)
    assert attempt.sentence.endswith(".") and len(attempt.sentence) > 4


def test_out_of_trouble_is_told_as_soon_as_into_it(channel, monkeypatch):
    told = []
    monkeypatch.setattr(Post, "sync_notices_later", lambda post: told.append(post.pk))
    failed = delivery_in_state(channel, "failed")
    del told[:]
    assert failed.retry() and told == [failed.post_id]
    queued = publish(channel, "Another.")
    assert queued.cancel() and told == [failed.post_id]


def test_words_that_are_gone_are_not_sent(x, sandbox, run_jobs):
    delivery = publish(x)
    Post.objects.update(text="")
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).reason) == ("failed", "empty")
    assert not sandbox.truth()


def test_what_its_person_canceled_meanwhile_is_not_said_anew(channel):
    delivery = publish(channel, at=timezone.now() + timedelta(days=1))
    delivery.cancel(Reason.CHANNEL_GONE)
    late, anew = reloaded(delivery), publish(channel, "Anew.").post
    assert stay_canceled(delivery)
    assert not late.replace(anew) and not reloaded(delivery).replaced_by


def test_what_is_held_and_goes_on_is_no_trouble_any_more(channel):
    delivery = publish(channel)
    Delivery.objects.update(waiting_for="held", next_attempt_at=None)
    assert posts_without_notice("held") == [delivery.post_id]
    Delivery.objects.update(next_attempt_at=timezone.now())
    assert posts_without_notice("held") == []


def test_what_goes_to_one_home_of_a_network_is_told_from_the_rest(alice, bob):
    here, there = publish(x_channel(alice)), publish(x_channel(bob, "bob"))
    Connection.objects.filter(user=bob).update(home="there.example")
    everything = Delivery.objects.all()
    assert set(deliveries_to(everything, "x", "")) == {here, there}
    assert list(deliveries_to(everything, "x", "there.example")) == [there]
    assert not deliveries_to(everything, "facebook", "")


def test_of_what_is_not_there_no_row_is_read(db):
    assert read(Delivery, "job_id", UUID(int=7), "channel") is None


def test_where_there_is_no_channel_nothing_goes_out_next(db):
    assert next_due([], (timezone.now(), 0), None, 5) == []


def test_what_nobody_tried_is_in_doubt_because_we_were_away(channel):
    assert reason_of_doubt(publish(channel)) == "away"


@pytest.mark.parametrize(
    ("earlier", "reason"), [("unknown", "duplicate_seen"), ("not sent", "duplicate_at_once")]
)
def test_what_is_there_already_was_an_earlier_try_of_ours_or_was_asked_twice(
    channel, earlier, reason
):
    delivery = delivery_with_attempt(publish(channel))
    delivery.attempts.update(outcome=earlier)
    delivery.attempts.create(
        number=9, text="Hello", outcome="refused", reason="duplicate", finished_at=timezone.now()
    )
    assert reason_of_doubt(delivery) == reason


def test_what_was_sent_in_part_is_too_late_to_change_and_not_perhaps_there(channel):
    sent = Delivery(state="sent", remote_id="1", reason="", attempt=0)
    assert why_fixed([sent]) == "Too late to change it: sending has begun."
    doubt = Delivery(state="unconfirmed", attempt=0)
    dropped = Delivery(state="canceled", reason="dropped", attempt=0)
    for it in (doubt, dropped):  # in doubt after a silence: no try of ours is known
        assert why_fixed([it]) == "It cannot be changed now: it may be there already."


def test_what_a_closed_network_kept_stays_until_it_is_open(channel):
    breaker = CircuitBreaker.objects.trip("x", "outage", "unreachable")
    delivery = publish(channel)
    claim(delivery.job_id)
    before = reloaded(delivery)
    assert before.waiting_for == "outage"
    breaker = CircuitBreaker.objects.get()
    follow_opened(breaker.pk)
    assert reloaded(delivery).next_attempt_at == before.next_attempt_at


def test_words_that_were_refused_for_good_are_no_rivals(channel):
    ours, other = publish(channel, "Ours"), publish(channel, "Theirs")
    other.attempts.create(number=1, text="Theirs", outcome="refused", finished_at=timezone.now())
    assert competing_deliveries(ours, ["queued"]) == []
    other.attempts.create(number=2, text="Theirs", outcome="unknown", finished_at=timezone.now())
    assert competing_deliveries(ours, ["queued"]) == ["Theirs"]


def test_a_candidate_that_stands_at_anothers_try_is_refused(channel, shows):  # noqa: F811
    first = delivery_with_attempt(publish(channel, "One"), Rejected("policy"))
    at = timezone.now()
    held = taken(channel, OutcomeUnknown("no_answer"))
    shows(*(Found(str(n), f"https://x.com/a/status/{n}", held.content, at) for n in (1, 2)))
    Verifier(held).verify()
    said = {"text": held.content, "at": at.isoformat()}
    assert reloaded(held).candidates == [
        {"id": n, "url": f"https://x.com/a/status/{n}", **said} for n in ("1", "2")
    ]
    first.attempts.update(remote_id="1")
    with pytest.raises(ValueError, match="belongs"):
        confirm(reloaded(held), "1")
    assert confirm(reloaded(held), "2") and reloaded(held).remote_id == "2"


def test_a_post_that_another_took_in_that_very_moment_is_asked_about(channel, monkeypatch):
    def late(*args):
        raise IntegrityError("another has it")

    held = taken(channel, OutcomeUnknown("no_answer"))
    assert held.ask("several_there") and confirm(reloaded(held), "1234567890123")
    claimed = reloaded(held)
    monkeypatch.setattr("publishing.deliveries.confirm._settle_confirmed", late)
    at, its = timezone.now(), channel.remote_id
    _settle_claim(claimed, Found("1234567890123", "", claimed.content, at, author_id=its))
    last = claimed.verifications.last()
    assert (last.outcome, last.reason, last.claimed_id) == ("ask", "claim_taken", "1234567890123")
    assert (reloaded(held).waiting_for, reloaded(held).reason) == ("person", "claim_taken")


def test_what_is_moved_has_a_job_at_its_new_time(channel):
    later = timezone.now() + timedelta(days=2)
    post = publish(channel, at=later).post
    OrmQ.objects.all().delete()
    sooner = timezone.now() + timedelta(hours=1)
    assert post.edit("Hello, world!", sooner, "UTC")
    assert sooner in OrmQ.objects.values_list("lock", flat=True)
