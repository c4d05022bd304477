"""Who is told that a delivery has moved: workers, its user's notices, its comment, and whoever
listens."""

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from publishing.comments.comment import comment_later
from publishing.notices.kinds import is_trouble
from publishing.sql import Job
from publishing.states import DONE, QUEUED, SENDING, SENT

from .jobs import wake

# One came to its end (user_id=…), committed and all: for those who count. Not heard by whoever
# moved it, and for nothing that must not get lost.
delivery_ended = Signal()
# One has moved (delivery=…, was=the state before), in the transaction of its move: for those who
# write down with it that it did. What goes wrong there is logged, and undoes nothing.
delivery_moved = Signal()


def announce(delivery: Any, states: list[str], was: str, was_trouble: bool) -> None:
    """Tell everybody that `delivery`, a Delivery, has moved from one of `states` and, as far as we
    know, from `was`. In the transaction of its move."""
    wake_after_move(delivery, others_after(delivery, states, was))
    if delivery.state == SENT:
        comment_later(delivery)
    if was_trouble or is_trouble(delivery.state, delivery.waiting_for):
        delivery.post.sync_notices_later()
    delivery_moved.send_robust(type(delivery), delivery=delivery, was=was)
    if delivery.state in DONE:
        end = partial(delivery_ended.send, type(delivery), user_id=delivery.post.user_id)
        transaction.on_commit(end, robust=True)


def others_after(delivery: Any, states: list[str], was: str) -> list[Job]:
    """Who is next at its account, which may have become free, or where this one may have stopped
    being ahead."""
    if SENDING in states and (was == SENDING or QUEUED not in states):
        return delivery.next_job(has_come=True)
    return delivery.next_job() if QUEUED in states else []


def wake_after_move(delivery: Any, others: list[Job]) -> None:
    """Wake a worker for it, at its next time, and for the others, by one insert."""
    if delivery.state == QUEUED and delivery.next_attempt_at:
        at = delivery.next_attempt_at
        others = [(delivery.job_id, at, delivery.post.user_id, delivery.network_name), *others]
    wake(others)
    if delivery.is_verifying:
        delivery.verify_later()
