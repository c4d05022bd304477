"""Rows that another worker has moved meanwhile."""

from contextlib import suppress

from publishing.deliveries.claims import take
from publishing.models import Attempt, Delivery
from social.networks.errors import OutcomeUnknown
from tests.publishing.factories import finish_send, publish, reloaded


def row_of(delivery):
    """Everything that is written down of it, and of its attempts."""
    attempts = Attempt.objects.filter(delivery=delivery).order_by("pk")
    return Delivery.objects.values().get(pk=delivery.pk), list(attempts.values())


def assert_changes_nothing(act, delivery):
    before = row_of(delivery)
    with suppress(ValueError):  # one sentence for the person is an answer, too
        act()
    assert row_of(delivery) == before


def delivery_with_attempt(delivery, answer=None):
    """Taken, and answered so; by default nobody knows whether it landed."""
    reloaded(delivery).retry()
    now = reloaded(delivery)
    assert take(now)
    finish_send(now, answer or OutcomeUnknown("no_answer"))
    return reloaded(delivery)


def delivery_asked_about(channel, text="Hello, world!"):
    """In doubt, and its person is asked."""
    delivery = delivery_with_attempt(publish(channel, text))
    assert delivery.ask("several_there")
    return reloaded(delivery)
