"""Looks that come too late: another worker has looked, or somebody has decided, meanwhile."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from publishing.deliveries import doubts, verify
from publishing.deliveries.follow import follow_channel, verify_anew
from publishing.deliveries.verify import Verifier, claim_verification, take_verification
from publishing.models import Attempt, Delivery, Verification
from social.models import CircuitBreaker, Connection
from social.models.circuit_breaker import OUTAGE
from social.networks.errors import AuthorizationLost, OutcomeUnknown, Rejected, TemporaryError
from social.networks.shapes import Found, Recent
from tests.publishing.deliveries.stale import assert_changes_nothing, delivery_with_attempt, row_of
from tests.publishing.factories import let_time_pass, page_channel, publish, reloaded, x_channel

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def another_looks(delivery):
    """It has taken over what this one holds for too long."""
    Delivery.objects.filter(pk=delivery.pk).update(next_verification_at=timezone.now() + HOUR)


def another_tries(delivery):
    """It went again, is in doubt again, and is looked up at the very same time."""
    Delivery.objects.filter(pk=delivery.pk).update(attempt=F("attempt") + 1)


MEANWHILE = pytest.mark.parametrize("meanwhile", [another_looks, another_tries])


@pytest.fixture
def shows(channel, monkeypatch):
    """What the network answers whoever looks."""

    def shown(*posts, complete=True):
        def recent(self, *args):
            if isinstance(posts[0] if posts else None, Exception):
                raise posts[0]
            return Recent(posts, complete, timezone.now())

        for name in ("recent", "latest"):
            monkeypatch.setattr(type(channel.network), name, recent)

    return shown


def taken(channel, answer=None):
    """In doubt for long, and held by a worker that is about to look."""
    delivery = delivery_with_attempt(publish(channel), answer or OutcomeUnknown("limit_in_doubt"))
    Attempt.objects.update(server_time=F("started_at"))
    let_time_pass(hours=2)
    return claim_verification(delivery.job_id)


def there(held, **more):
    ago = more.pop("ago", timedelta(0))
    at = held.attempts.last().started_at - ago
    return Found("77", "https://x.com/alice/status/77", held.content, at, **more)


def test_of_two_workers_one_looks(channel):
    delivery = delivery_with_attempt(publish(channel))
    let_time_pass(hours=1)
    one, other = reloaded(delivery), reloaded(delivery)
    assert take_verification(one)
    assert (
        reloaded(delivery).next_verification_at > timezone.now()
    )  # it is looked at by nobody else soon
    assert_changes_nothing(lambda: take_verification(other), delivery)
    assert claim_verification(delivery.job_id) is None


def test_two_that_come_at_once_for_one_look(channel, monkeypatch):
    delivery, original = delivery_with_attempt(publish(channel)), take_verification
    let_time_pass(hours=1)

    def meanwhile(taken):
        monkeypatch.setattr(verify, "take_verification", original)
        assert claim_verification(delivery.job_id)  # the other one, in this moment
        return original(taken)

    monkeypatch.setattr(verify, "take_verification", meanwhile)
    assert claim_verification(delivery.job_id) is None


def test_a_worker_looks_at_what_it_was_woken_for(channel, bob):
    first, second = (
        delivery_with_attempt(publish(channel)),
        delivery_with_attempt(publish(x_channel(bob, "bob"))),
    )
    let_time_pass(hours=1)
    assert claim_verification(second.job_id) == second
    assert claim_verification(first.job_id) == first


def test_a_channel_that_works_again_is_looked_at_and_no_other(channel, bob):
    here, there = (
        delivery_with_attempt(publish(channel)),
        delivery_with_attempt(publish(x_channel(bob, "bob"))),
    )
    for delivery in (here, there):
        assert delivery.ask("cannot_look_token")
    follow_channel(channel)
    assert (reloaded(here).waiting_for, reloaded(there).waiting_for) == ("", "person")
    assert reloaded(here).reason == "no_answer"


@pytest.mark.parametrize("is_anew", [True, False])
def test_what_a_token_does_not_settle_is_looked_at_when_its_person_was_there(channel, is_anew):
    delivery = delivery_with_attempt(publish(channel))
    assert delivery.ask("cannot_look_away")
    follow_channel(channel, is_anew)
    assert reloaded(delivery).is_verifying is is_anew


def test_of_a_channel_that_is_gone_its_person_is_asked_and_of_no_other(channel, bob):
    here, there = (
        delivery_with_attempt(publish(channel)),
        delivery_with_attempt(publish(x_channel(bob, "bob"))),
    )
    channel.disconnect()
    assert (reloaded(here).waiting_for, reloaded(there).waiting_for) == ("person", "")
    assert reloaded(here).reason == "channel_gone_in_doubt"


@pytest.mark.parametrize("reason", ["permission_missing", "token_dead"])
def test_a_look_that_may_not_read_ends_no_posting(channel, shows, reason):
    Connection.objects.update(refresh_sealed="")  # nothing to renew it with
    held = taken(channel)
    shows(AuthorizationLost(reason))
    Verifier(held).verify()
    assert reloaded(held).waiting_for == "person"
    assert Connection.objects.get().blocked_reason == reason.replace("permission_missing", "")


@pytest.mark.parametrize("is_the_places", [True, False])
def test_what_a_look_finds_lost_is_its_places_or_its_connections(channel, shows, is_the_places):
    held = taken(channel)
    shows(AuthorizationLost("page_role", place_only=is_the_places))
    Verifier(held).verify()
    troubles = reloaded(held).channel.blocked_reason, Connection.objects.get().blocked_reason
    assert troubles == (("page_role", "") if is_the_places else ("", "page_role"))


def test_a_look_whose_token_may_be_renewed_comes_again_at_once(channel, shows):
    held = taken(channel)
    shows(AuthorizationLost("token_dead"))
    Verifier(held).verify()
    assert reloaded(held).next_verification_at <= timezone.now()
    connection = Connection.objects.get()
    assert (connection.blocked_reason, connection.access_expires_at <= timezone.now()) == ("", True)


def test_of_another_try_it_takes_no_look(channel):
    delivery = delivery_with_attempt(publish(channel))
    let_time_pass(hours=1)
    late = reloaded(delivery)
    another_tries(delivery)
    assert_changes_nothing(lambda: take_verification(late), delivery)
    assert not take_verification(late) and take_verification(reloaded(delivery))


def test_it_takes_no_look_at_what_was_settled(channel):
    delivery = delivery_with_attempt(publish(channel))
    late = reloaded(delivery)
    assert reloaded(delivery).send_again()
    assert_changes_nothing(lambda: take_verification(late), delivery)
    assert not take_verification(late)


@MEANWHILE
@pytest.mark.parametrize("what", ["again", "absent", "ask", "unread", "refused to read"])
def test_what_a_late_look_shows_changes_nothing(channel, shows, meanwhile, what):
    error = {"unread": TemporaryError("unreachable"), "refused to read": Rejected("forbidden")}
    held = taken(channel, OutcomeUnknown("no_answer") if what == "again" else None)
    shows(*([error[what]] if what in error else []), complete=what != "ask")
    meanwhile(held)
    assert_changes_nothing(lambda: Verifier(held).verify(), held)
    assert Verification.objects.filter(delivery=held).count() == 1  # but that it looked stays


@MEANWHILE
def test_a_late_look_refuses_nothing(channel, shows, meanwhile):
    held = taken(channel, Rejected("duplicate"))
    shows(there(held, ago=24 * HOUR))
    meanwhile(held)
    assert_changes_nothing(lambda: Verifier(held).verify(), held)


@pytest.mark.parametrize("what", ["again", "absent", "ask", "unread", "refused"])
def test_in_time_each_of_them_counts(channel, shows, what):
    """The same as above, without anybody else."""
    answer = {"again": OutcomeUnknown("no_answer"), "refused": Rejected("duplicate")}.get(what)
    held = taken(channel, answer)
    posts = {"unread": [TemporaryError("unreachable")], "refused": [there(held, ago=24 * HOUR)]}
    shows(*posts.get(what, []), complete=what != "ask")
    Verifier(held).verify()
    now = reloaded(held)
    state = {"absent": "queued", "refused": "failed"}.get(what, "unconfirmed")
    assert (now.state, now.waiting_for) == (state, "person" if what == "ask" else "")
    assert (now.reason == "duplicate") == (what == "refused")
    if what in ("again", "unread"):
        assert now.next_verification_at > timezone.now()


def test_what_a_late_look_finds_is_not_taken_for_a_newer_try(channel, shows):
    held = taken(channel)
    shows(there(held))
    another_tries(held)
    assert_changes_nothing(lambda: Verifier(held).verify(), held)


def test_what_a_late_look_finds_counts_though_another_looks(channel, shows):
    held = taken(channel)
    shows(there(held))
    another_looks(held)
    Verifier(held).verify()
    assert (reloaded(held).state, reloaded(held).remote_id) == ("sent", "77")


def test_what_others_read_is_not_taken_for_a_newer_try(channel):
    held = taken(channel)
    post = there(held)
    another_tries(held)
    assert_changes_nothing(lambda: Verifier(held).settle_by_posts([post], timezone.now()), held)
    assert (
        Verifier(reloaded(held)).settle_by_posts([post], timezone.now())
        and reloaded(held).state == "sent"
    )


@MEANWHILE
@pytest.mark.parametrize("answer", [Rejected("policy"), TemporaryError("unreachable")])
def test_a_late_look_at_what_was_answered_meanwhile_settles_nothing(channel, meanwhile, answer):
    held = taken(channel)
    held.attempts.last().close_failed(answer)
    meanwhile(held)
    assert_changes_nothing(lambda: Verifier(held).verify(), held)


@pytest.mark.parametrize("answer", [Rejected("policy"), TemporaryError("unreachable")])
def test_what_was_answered_meanwhile_is_settled(channel, answer):
    held = taken(channel)
    held.attempts.last().close_failed(answer)
    Verifier(held).verify()
    now = reloaded(held)
    expected = ("failed", "policy") if answer.reason == "policy" else ("queued", "absent")
    assert (now.state, now.reason) == expected and now.is_due == (now.state == "queued")


@MEANWHILE
def test_a_late_look_at_a_disconnected_channel_asks_nobody(channel, meanwhile):
    held = taken(channel)
    held.channel.disconnected_at = timezone.now()
    meanwhile(held)
    assert_changes_nothing(lambda: Verifier(held).verify(), held)


@MEANWHILE
def test_a_late_look_at_a_closed_network_puts_nothing_off(channel, meanwhile):
    held = delivery_with_attempt(publish(channel), OutcomeUnknown("no_answer"))
    let_time_pass(hours=1)
    held = claim_verification(held.job_id)
    CircuitBreaker.objects.trip("x", OUTAGE, "unreachable")
    meanwhile(held)
    assert_changes_nothing(lambda: Verifier(held).verify(), held)


VERBS = {
    "verify_now": Delivery.verify_now,
    "verify_anew": doubts.verify_anew,
    "ask": lambda delivery: delivery.ask("several_there"),
}


@MEANWHILE
@pytest.mark.parametrize("verb", VERBS)
def test_an_old_page_neither_hurries_nor_asks(channel, meanwhile, verb):
    delivery = delivery_with_attempt(publish(channel))
    if verb == "verify_anew":
        assert delivery.ask("cannot_look_away")
        delivery = reloaded(delivery)
        meanwhile = {another_looks: looks_again}.get(meanwhile, meanwhile)
    late = reloaded(delivery)
    meanwhile(delivery)
    assert_changes_nothing(lambda: VERBS[verb](late), late)


def looks_again(delivery):
    """The network is back: it is looked up again, and not a question any more."""
    assert doubts.verify_anew(reloaded(delivery))


@pytest.mark.parametrize("verb", VERBS)
def test_what_was_settled_meanwhile_is_neither_looked_up_nor_asked_about(channel, verb):
    delivery = delivery_with_attempt(publish(channel))
    if verb == "verify_anew":
        assert delivery.ask("cannot_look_away")
    late = reloaded(delivery)
    assert reloaded(delivery).drop()
    assert_changes_nothing(lambda: VERBS[verb](late), late)
    assert row_of(late)[0]["state"] == "canceled"


def test_a_network_that_is_back_is_looked_at_for_what_waited_for_that(channel, alice, bob):
    here, credits = (
        delivery_with_attempt(publish(channel)),
        delivery_with_attempt(publish(x_channel(bob, "bob"))),
    )
    there = delivery_with_attempt(publish(page_channel(alice)))
    for delivery in (here, there):
        assert delivery.ask("cannot_look_away")
    assert credits.ask("cannot_look_credits")
    verify_anew("cannot_look_away", "x")
    assert [reloaded(it).waiting_for for it in (here, there, credits)] == ["", "person", "person"]
