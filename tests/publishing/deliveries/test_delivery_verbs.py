"""Every state of a delivery, and everything that can be done to it there: where it leads, or that
nothing happens."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from publishing.deliveries import doubts
from publishing.deliveries.claims import claim, defer
from publishing.deliveries.confirm import confirm
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent, release
from publishing.deliveries.verify import take_verification
from publishing.models import Attempt, Delivery
from publishing.states import CANCELED, FAILED, QUEUED, SENDING, SENT, STATES, UNCONFIRMED
from social.networks.errors import OutcomeUnknown, Rejected, TemporaryError
from social.networks.shapes import Published
from tests.publishing.factories import delivery_in_state, reloaded

LINK = "https://x.com/alice/status/7654321"
LATE = Published("7654321", LINK)


def late(answer):
    """What a worker that was given up brings home, about an attempt of its own."""

    def bring(delivery):
        attempt = Attempt.objects.create(delivery=delivery, number=90, text="Late.")
        delivery.attempt = 90  # as that worker knows it
        if isinstance(answer, Published):
            mark_sent(delivery, answer, attempt)
        else:
            Sender(delivery).mark_failed(answer, attempt)

    return bring


VERBS = {
    # What a person does.
    "cancel": lambda d: d.cancel(),
    "retry": lambda d: d.retry(),
    "reschedule": lambda d: d.reschedule(timezone.now() + timedelta(days=1)),
    "send again": lambda d: d.send_again(),
    "it is there": lambda d: confirm(d, LINK),
    "drop": lambda d: d.drop(),
    "resume": lambda d: d.resume(),
    "look now": lambda d: d.verify_now(),
    # What workers do.
    "claim": lambda d: claim(d.job_id),
    "write ahead": lambda d: Sender(d).write_ahead(),
    "release": lambda d: release(d),
    "wait": lambda d: defer(d, "held", "late"),
    "take a look": lambda d: take_verification(d),
    "ask": lambda d: d.ask("several_there"),
    "doubt after a silence": doubts.doubt_after_silence,
    "a late yes": late(LATE),
    "a late refusal": late(Rejected("policy")),
    "a late failure": late(TemporaryError("unreachable")),
    "a late doubt": late(OutcomeUnknown("no_answer")),
}
# Whatever is not here changes nothing.
LEGAL = {
    (QUEUED, "cancel"): CANCELED,
    (QUEUED, "retry"): QUEUED,
    (QUEUED, "reschedule"): QUEUED,
    (QUEUED, "resume"): QUEUED,
    (QUEUED, "claim"): SENDING,
    (QUEUED, "wait"): QUEUED,
    (QUEUED, "doubt after a silence"): UNCONFIRMED,
    (QUEUED, "a late yes"): SENT,
    (SENDING, "write ahead"): SENDING,
    (SENDING, "release"): QUEUED,
    (SENDING, "a late yes"): SENT,
    (UNCONFIRMED, "send again"): QUEUED,
    (UNCONFIRMED, "it is there"): UNCONFIRMED,  # its network is asked first
    (UNCONFIRMED, "drop"): CANCELED,
    (UNCONFIRMED, "look now"): UNCONFIRMED,
    (UNCONFIRMED, "take a look"): UNCONFIRMED,
    (UNCONFIRMED, "ask"): UNCONFIRMED,
    (UNCONFIRMED, "a late yes"): SENT,
    (FAILED, "retry"): QUEUED,
    (FAILED, "a late yes"): SENT,
    (CANCELED, "a late yes"): SENT,
}


def columns(delivery):
    return Delivery.objects.filter(pk=delivery.pk).values().get()


def test_the_table_names_only_what_there_is():
    assert {state for state, _ in LEGAL} <= set(STATES)
    assert {verb for _, verb in LEGAL} == set(VERBS) - {
        "a late refusal",  # of an attempt that is not the latest one
        "a late failure",
        "a late doubt",
    }


@pytest.mark.parametrize(("state", "verb"), list(product(STATES, VERBS)))
def test_it_is_legal_or_changes_nothing(state, verb, channel):
    delivery = delivery_in_state(channel, state)
    before = columns(delivery)
    VERBS[verb](delivery)
    after = columns(delivery)
    if (state, verb) in LEGAL:
        assert after["state"] == LEGAL[state, verb]
        assert after != before
    else:
        assert after == before


@pytest.mark.parametrize("verb", ["cancel", "retry", "send again", "drop", "it is there"])
@pytest.mark.parametrize("state", STATES)
def test_a_second_click_changes_nothing(state, verb, channel):
    """Also by a page that was shown before the first one."""
    delivery = delivery_in_state(channel, state)
    stale = reloaded(delivery)
    VERBS[verb](delivery)
    between = columns(delivery)
    VERBS[verb](stale)
    after = columns(delivery)
    again = {"due_at", "next_attempt_at", "woken_at"} if verb == "retry" else set()
    changed = {name for name in after if after[name] != between[name]}
    assert changed <= again
