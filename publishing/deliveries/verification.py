"""A look: one reading of the account's own timeline about a delivery in doubt."""

from typing import Self

from django.db import models
from django.db.models import Count, Sum
from django.utils import timezone

from publishing.deliveries.reconciling import ABSENT, AGAIN, FOUND
from social.networks import NETWORKS
from social.networks.errors import NetworkError
from social.networks.messages import sentence
from social.networks.shapes import Found

MISSED = "not read"
WORDS = {
    FOUND: "Looked: it is there.",
    ABSENT: "Looked: it is not there.",
    AGAIN: "Looked: not there yet.",
}
SHOWN = 300  # characters of a post that is shown as evidence


class LookQuerySet(models.QuerySet["Look"]):
    def read(self) -> Self:
        return self.exclude(outcome=MISSED)

    def missed(self) -> Self:
        return self.filter(outcome=MISSED)

    def totals(self) -> list[tuple[str, int, int, float]]:
        """(network, looks, posts read, US dollars) of each network; what a network bills only once
        a day is counted each time, so it is the most that it can have been."""
        rows = self.values_list("delivery__network_name").order_by()
        rows = rows.annotate(Count("pk"), Sum("items"))
        return [
            (name, looks, items, items * NETWORKS[name].read_price) for name, looks, items in rows
        ]


class Look(models.Model):
    """The evidence: when we looked, what was there, and what we made of it."""

    delivery = models.ForeignKey(
        "publishing.Delivery", on_delete=models.PROTECT, related_name="looks"
    )
    attempt = models.PositiveIntegerField()  # the number of the latest one by then
    claimed_id = models.CharField(max_length=128, blank=True)  # of the one post that was asked for
    looked_at = models.DateTimeField(default=timezone.now)
    their_time = models.DateTimeField(null=True, blank=True)  # by the network's clock
    outcome = models.CharField(max_length=20)  # found, absent, again, ask or not read
    reason = models.CharField(max_length=40, blank=True)  # a key of messages.SENTENCES
    detail = models.TextField(blank=True)  # what the network said: redacted, for staff
    items = models.PositiveIntegerField(default=0)  # posts that were read
    candidates = models.JSONField(default=list)  # those that could be it

    objects = LookQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"look at {self.looked_at:%H:%M:%S}: {self.outcome}"

    @property
    def words(self) -> str:
        """What this look said, for the log of its delivery."""
        said = sentence(self.reason, self.delivery.channel.network.label)
        if self.outcome == MISSED:
            return f"Could not look: {said}"
        return said or WORDS.get(self.outcome, "Looked.")

    def see(self, posts: list[Found] | tuple[Found, ...]) -> None:
        self.candidates = [
            {
                "id": post.remote_id,
                "url": post.url,
                "text": post.text[:SHOWN],
                "at": post.created_at.isoformat(),
            }
            for post in posts
        ]

    def miss(self, error: NetworkError) -> None:
        self.outcome, self.reason, self.detail = MISSED, error.reason, error.detail
