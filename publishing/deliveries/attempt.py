"""An attempt: one try at one delivery, written down before the first byte leaves."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.sql import update
from social.exporting import ExportPart
from social.networks.errors import NetworkError
from social.networks.messages import sentence
from social.networks.shapes import EmbeddedCard, Held, Outgoing, Published
from social.reasons import Reason

from .reconciling import Doubt

OUTCOMES = {
    "TemporaryError": "not sent",
    "RateLimited": "refused for now",
    "AuthorizationLost": "not authorized",
    "Rejected": "refused",
    "OutcomeUnknown": "unknown",
}
ATTEMPT_SENTENCES = {
    "": _("Under way."),
    "sent": _("Sent."),
    "not sent": _("Not sent."),
    "refused for now": _("Refused for now."),
    "not authorized": _("Not authorized."),
    "refused": _("Refused."),
    "unknown": _("Unknown."),
}
MAY_HAVE_LANDED = ("unknown", "refused for now")


def card_of(stored: dict[str, Any]) -> EmbeddedCard | None:
    """The card that a row holds."""
    if not stored:
        return None
    held = stored["picture"]
    return EmbeddedCard(**(stored | {"picture": Held(**held) if held else None}))


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Attempts by how they ended."""

    def open(self) -> Self:
        """Begun, and nobody has said how it ended."""
        return self.filter(finished_at=None)

    def in_doubt(self) -> Self:
        """May have landed, as far as we know. "For now" was said by limits, and what a network
        limits may be there all the same."""
        return self.filter(Q(finished_at=None) | Q(outcome__in=MAY_HAVE_LANDED))

    def unsettled(self) -> Self:
        """The network's yes to one that is not sent; but for what its user was asked about."""
        return self.filter(outcome="sent").exclude(reason=Reason.TAKEN)


class Attempt(models.Model):
    """The record to recover from: the exact text, and what came of it."""

    delivery = models.ForeignKey(
        "publishing.Delivery", on_delete=models.PROTECT, related_name="attempts"
    )
    number = models.PositiveIntegerField()
    text = models.TextField()
    media_ids = models.JSONField(default=list)  # of the pictures, as the network calls them
    media_details = models.JSONField(default=list)  # `alt` and `about` of each, as it is told them
    extras = models.JSONField(default=dict)
    card = models.JSONField(default=dict)  # of a link, as `EmbeddedCard`; empty: it has none
    key = models.CharField(max_length=128, blank=True)  # `Network.key`: of the same request again
    worker = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    # Of a key: when the first one of the same content that may have landed began, as it was told.
    first_started_at = models.DateTimeField(null=True, blank=True)
    server_time = models.DateTimeField(null=True, blank=True)  # then, by the network's clock
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=40, blank=True)  # a Reason
    detail = models.TextField(blank=True)  # what the network said: redacted, for staff
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # of the HTTP answer
    remote_id = models.CharField(max_length=320, blank=True)
    remote_url = models.URLField(max_length=1000, blank=True)

    objects = AttemptQuerySet.as_manager()
    export = ExportPart(
        "attempts",
        "delivery__job_id number text media_ids card key extras started_at finished_at outcome "
        "reason remote_id remote_url",
        owner="delivery__post__user",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["delivery"],
                condition=Q(finished_at=None),
                name="one_open_attempt_a_delivery",
            ),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome or 'open'}"

    @property
    def may_have_landed(self) -> bool:
        """As far as we know; see `AttemptQuerySet.in_doubt`."""
        return self.finished_at is None or self.outcome in MAY_HAVE_LANDED

    @property
    def sentence(self) -> str:
        """Why it ended so, or how it ended."""
        why = sentence(self.reason, self.delivery.channel.network.label)
        return why or str(ATTEMPT_SENTENCES[self.outcome])

    @property
    def doubt(self) -> Doubt:
        """What a verification has to know of it."""
        is_unknown = self.outcome != "refused for now"
        media_ids = tuple(self.media_ids)
        request = self.outgoing if self.key else None
        return Doubt(
            self.text,
            self.started_at,
            self.reason,
            is_unknown,
            self.server_time,
            media_ids,
            request,
        )

    @property
    def outgoing(self) -> Outgoing:
        """What left, or was about to: all that a network is told of a post stands in this row."""
        details = self.media_details or [{}] * len(self.media_ids)
        pictures = tuple(
            Held(remote_id, **more) for remote_id, more in zip(self.media_ids, details, strict=True)
        )
        at = self.first_started_at or self.started_at
        return Outgoing(self.text, pictures, self.key, at, self.extras, card_of(self.card))

    @property
    def published(self) -> Published:
        return Published(self.remote_id, self.remote_url)

    def close_found(self, published: Published) -> None:
        """Nobody said yes, but there it stands: a verification found it."""
        self.close_sent(published, Reason.FOUND)

    def close_sent(self, published: Published, reason: str = "") -> None:
        """The network said yes. A late yes overwrites whatever was assumed meanwhile."""
        self._close(
            outcome="sent",
            reason=reason,
            remote_id=published.remote_id,
            remote_url=published.url,
        )

    def close_failed(self, error: NetworkError) -> None:
        """It ended with this error."""
        self._close(
            outcome=OUTCOMES[type(error).__name__],
            reason=error.reason,
            detail=error.detail,
            status=error.status,
            server_time=self.server_time,
        )

    def close_unknown(self, reason: str) -> None:
        """Nobody came back to say how it ended."""
        self._close(outcome="unknown", reason=reason)

    def _close(self, **fields: object) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.finished_at = timezone.now()
        if self.pk:
            update(Attempt, {**fields, "finished_at": self.finished_at}, {"id": self.pk})
        else:
            self.save(force_insert=True)
