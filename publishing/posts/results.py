"""What became of a post where it is: asked of whoever reads timelines back, which is another room's
business."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.dispatch import Signal

from publishing.models import Delivery
from publishing.states import SENT

# A page shows these (deliveries=…, all of them sent). Whoever knows answers with a mapping of their
# ids to Results.
results_wanted = Signal()


@dataclass(frozen=True)
class Results:
    """What a network said when it was read last. None: it does not tell, which is not 0."""

    likes: int | None
    replies: int | None
    reposts: int | None
    views: int | None
    as_of: datetime | None
    is_gone: bool = False


def with_results(deliveries: Iterable[Delivery]) -> None:
    """Give each of these that is there its `results`, by one question."""
    sent = [delivery for delivery in deliveries if delivery.state == SENT]
    if not sent:
        return
    answers: list[Any] = results_wanted.send(sender=None, deliveries=sent)
    for _, known in answers:
        for delivery in sent:
            delivery.results = known.get(delivery.pk)
