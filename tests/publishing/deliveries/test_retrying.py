"""The one decision for each of the five errors; and what the whole state machine never does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.deliveries.delivery import SEND_LEASE_SECONDS
from publishing.deliveries.retrying import BACKOFF_CAP_SECONDS, MOST_TRIES, decide, retry_delay
from publishing.deliveries.send import SEND_WINDOW_SECONDS
from publishing.states import FAILED, QUEUED, UNCONFIRMED, WAITING_FOR
from social.networks import errors
from social.networks.http import CALL_DEADLINE
from social.networks.messages import sentence
from social.reasons import Reason

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REASONS = sorted(Reason)
UNTIL = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
PLAIN = (errors.TemporaryError, errors.AuthorizationLost, errors.Rejected, errors.OutcomeUnknown)
FIVE = st.one_of(
    st.builds(errors.RateLimited, st.sampled_from(REASONS), until=UNTIL),
    *(st.builds(kind, st.sampled_from(REASONS)) for kind in PLAIN),
)
COUNT = st.integers(0, 1000)


def test_it_works():
    decision = decide(errors.TemporaryError("unreachable"), 0, 1, False, NOW)
    assert (decision.state, decision.waiting_for) == (QUEUED, "backoff")
    assert NOW < decision.next_attempt_at < NOW + timedelta(minutes=1)


@given(FIVE, COUNT, COUNT, st.booleans())
def test_every_error_has_a_decision_that_people_can_read(error, tries, attempts, in_doubt):
    decision = decide(error, tries, attempts, in_doubt, NOW)
    assert decision.state in (QUEUED, FAILED, UNCONFIRMED)
    assert sentence(decision.reason, "X")
    if decision.state == QUEUED:
        assert decision.waiting_for in WAITING_FOR
        waits_for_a_person = decision.waiting_for == "reconnect"
        assert waits_for_a_person or decision.next_attempt_at > NOW
    assert (decision.next_verification_at is not None) == (decision.state == UNCONFIRMED)


@given(FIVE, COUNT, COUNT, st.booleans())
def test_only_what_provably_is_not_there_is_queued_or_failed(error, tries, attempts, in_doubt):
    decision = decide(error, tries, attempts, in_doubt, NOW)
    if isinstance(error, errors.OutcomeUnknown):
        assert decision.state == UNCONFIRMED
    if isinstance(error, errors.Rejected) and error.reason == "duplicate":
        assert decision.state == UNCONFIRMED


@given(FIVE, COUNT)
def test_tries_are_bounded_and_limits_cost_none(error, tries):
    decision = decide(error, tries, tries + 1, False, NOW)
    temporary = isinstance(error, errors.TemporaryError)
    assert decision.costs_a_try == temporary
    if temporary:
        assert (decision.state == FAILED) == (tries + 1 >= MOST_TRIES)


@given(COUNT)
def test_backoff_is_any_moment_of_what_doubles_up_to_an_hour(tries):
    whole = min(BACKOFF_CAP_SECONDS, 60 * 2**tries)
    assert timedelta(seconds=5) <= retry_delay(tries) <= timedelta(seconds=whole)
    assert len({retry_delay(tries) for _ in range(20)}) == 20


def test_what_is_none_of_the_five_is_our_mistake():
    with pytest.raises(TypeError):
        decide(errors.NetworkError("unreachable"), 0, 1, False, NOW)


def test_a_lease_outlasts_a_send_twice():
    assert SEND_LEASE_SECONDS >= 2 * (SEND_WINDOW_SECONDS + CALL_DEADLINE)


@pytest.mark.parametrize(
    ("reason", "waits", "least"),
    [
        ("credits", "credits", 1800), ("month_limit", "credits", 1800),
        ("rate_limit", "rate_limit", 5), ("slow_down", "rate_limit", 5),
    ],
)  # fmt: skip
def test_what_an_operator_must_change_waits_as_credits_and_the_rest_as_a_limit(
    reason, waits, least, monkeypatch
):
    monkeypatch.setattr("social.timing.random.uniform", lambda low, high: high)
    for until in (None, NOW, NOW - timedelta(hours=1)):  # nobody says, or by a wrong clock
        decision = decide(errors.RateLimited(reason, until=until), 0, 1, False, NOW)
        assert (decision.state, decision.waiting_for) == (QUEUED, waits)
        assert decision.next_attempt_at >= NOW + timedelta(seconds=least)
    until = NOW + timedelta(minutes=3)
    decision = decide(errors.RateLimited(reason, until=until), 0, 1, False, NOW)
    assert (decision.next_attempt_at, decision.waiting_for) == (until, waits)


def test_a_limit_without_an_end_waits_longer_each_time_and_credits_long_at_once(monkeypatch):
    monkeypatch.setattr("social.timing.random.uniform", lambda low, high: high)

    def waits(reason, attempts):
        return decide(errors.RateLimited(reason), 0, attempts, False, NOW).next_attempt_at - NOW

    assert [waits("rate_limit", n) for n in (1, 2, 3)] == [timedelta(minutes=n) for n in (2, 4, 8)]
    assert waits("credits", 1) == waits("month_limit", 3) == timedelta(seconds=BACKOFF_CAP_SECONDS)


@pytest.mark.parametrize("in_doubt", [True, False])
def test_words_that_are_there_already_are_looked_for(in_doubt):
    decision = decide(errors.Rejected("duplicate"), 0, 2, in_doubt, NOW)
    assert decision.state == UNCONFIRMED
    assert decision.reason == ("duplicate_seen" if in_doubt else "duplicate_at_once")
    assert decide(errors.Rejected("policy"), 0, 2, in_doubt, NOW).state == FAILED
