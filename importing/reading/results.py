"""What became of our own posts, as the last import read it."""

from collections.abc import Iterable

from publishing.models import Delivery
from publishing.posts.results import Results

from .item import ImportedItem

RESULT_COLUMNS = "delivery_id likes replies reposts views timeline__read_at gone_at".split()


def results_of(deliveries: Iterable[Delivery]) -> dict[int, Results]:
    """By the delivery's id; without those that nobody has read back."""
    items = ImportedItem.objects.posts().filter(delivery__in=[row.pk for row in deliveries])
    return {
        pk: Results(likes, replies, reposts, views, as_of, bool(gone_at))
        for pk, likes, replies, reposts, views, as_of, gone_at in items.values_list(*RESULT_COLUMNS)
    }
