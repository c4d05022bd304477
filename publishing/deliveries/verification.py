"""A verification: one reading of the account's own timeline about a delivery in doubt."""

from collections.abc import Sequence
from typing import Self

from django.db import models
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from social.exporting import ExportPart
from social.networks import NETWORKS
from social.networks.errors import NetworkError
from social.networks.messages import sentence
from social.networks.shapes import Found

from .reconciling import ABSENT, AGAIN, FOUND

MISSED = "not read"
VERIFICATION_SENTENCES = {
    FOUND: _("Looked: it is there."),
    ABSENT: _("Looked: it is not there."),
    AGAIN: _("Looked: not there yet."),
}
EVIDENCE_CHARACTERS = 300  # of a post that is shown as evidence


class VerificationQuerySet(models.QuerySet["Verification"]):
    """Verifications by whether the network answered."""

    def read(self) -> Self:
        """The network answered."""
        return self.exclude(outcome=MISSED)

    def missed(self) -> Self:
        """The network did not let us read."""
        return self.filter(outcome=MISSED)

    def totals(self) -> list[tuple[str, int, int, float]]:
        """(network, verifications, posts read, US dollars) of each network; what a network bills
        only once a day is counted each time, so it is the most that it can have been."""
        networks = self.values_list("delivery__network_name").order_by()
        rows = networks.annotate(Count("pk"), Sum("items"))
        return [
            (name, verifications, items, items * NETWORKS[name].read_price)
            for name, verifications, items in rows
        ]


class Verification(models.Model):
    """The evidence: when we read the timeline, what was there, and what we made of it."""

    delivery = models.ForeignKey(
        "publishing.Delivery", on_delete=models.PROTECT, related_name="verifications"
    )
    attempt = models.PositiveIntegerField()  # the number of the latest one by then
    claimed_id = models.CharField(max_length=320, blank=True)  # of the one post that was asked for
    verified_at = models.DateTimeField(default=timezone.now)
    server_time = models.DateTimeField(null=True, blank=True)  # then, by the network's clock
    outcome = models.CharField(max_length=20)  # found, absent, again, ask or not read
    reason = models.CharField(max_length=40, blank=True)  # a Reason
    detail = models.TextField(blank=True)  # what the network said: redacted, for staff
    items = models.PositiveIntegerField(default=0)  # posts that were read
    candidates = models.JSONField(default=list)  # those that could be it

    objects = VerificationQuerySet.as_manager()
    export = ExportPart(
        "looks",
        "delivery__job_id attempt claimed_id verified_at server_time outcome reason items "
        "candidates",
        owner="delivery__post__user",
        renamed={"verified_at": "looked_at", "server_time": "their_time"},
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"verification at {timezone.localtime(self.verified_at):%H:%M:%S}: {self.outcome}"

    @property
    def sentence(self) -> str:
        """What it showed, for the log of its delivery."""
        why = sentence(self.reason, self.delivery.channel.network.label)
        if self.outcome == MISSED:
            return gettext("Could not look: {why}").format(why=why)
        return why or str(VERIFICATION_SENTENCES.get(self.outcome, _("Looked.")))

    def set_candidates(self, posts: Sequence[Found]) -> None:
        """Remember the posts that could be it."""
        self.candidates = [
            {
                "id": post.remote_id,
                "url": post.url,
                "text": post.text[:EVIDENCE_CHARACTERS],
                "at": post.created_at.isoformat(),
            }
            for post in posts
        ]

    def set_error(self, error: NetworkError) -> None:
        """The network did not let us read."""
        self.outcome, self.reason, self.detail = MISSED, error.reason, error.detail
