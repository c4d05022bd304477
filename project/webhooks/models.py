"""The rows of this room: whom a person wants told, and each message to them."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from social.exporting import ExportPart
from social.jobs import enqueue
from social.leases import LeasedRow, is_free
from social.people import AnyUser
from social.sealing import UnreadableToken, seal, unseal
from social.timing import delay, from_now

from .signing import new_secret

WEBHOOKS_PER_USER = 10
ADDRESS_CHARACTERS = 500
CALL_LEASE_SECONDS = 60  # several times what one call may take
# From one try of a message to the next (Standard Webhooks advises these): eight in two days.
RETRY_SECONDS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400)
FAILURES_IN_ROW = 3  # of so many messages together: it is the receiver, and one is tried at a time
FAILING_FOR = timedelta(days=5)  # nothing but failures: it is switched off
FORMER_SECRET_FOR = timedelta(hours=24)  # both sign
EVENTS_KEPT_FOR = timedelta(days=30)
EVENTS_PER_SWEEP = 1_000
PENDING, DELIVERED, GIVEN_UP = "pending", "delivered", "given up"
EVENT_STATES = (PENDING, DELIVERED, GIVEN_UP)


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def enabled(self) -> Self:
        return self.filter(disabled_at=None)

    def callable(self) -> Self:
        """Enabled, and not left alone for a while because the receiver fails."""
        return self.enabled().filter(is_free("paused_until", timezone.now()))


class Webhook(LeasedRow):
    """An address that is told what became of its user's posts. One worker calls it at a time."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.CharField(max_length=ADDRESS_CHARACTERS)
    secret_sealed = models.TextField(blank=True)
    former_secret_sealed = models.TextField(blank=True)  # signs as well until …
    former_secret_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)  # while it fails
    succeeded_at = models.DateTimeField(null=True, blank=True)  # last
    disabled_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookQuerySet.as_manager()
    export = ExportPart(
        "webhooks", "public_id url created_at failing_since succeeded_at disabled_at"
    )
    lease_seconds: ClassVar[float] = CALL_LEASE_SECONDS

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "url"], name="webhook_once_an_address")
        ]

    def __str__(self) -> str:
        return self.url

    # ── secrets ───────────────────────────────────────────────────────────────────────────────
    @property
    def row_name(self) -> str:
        """What its secrets are bound to."""
        return f"webhook:{self.public_id}"

    @property
    def secret(self) -> str:
        """What signs its messages; empty where no key of ours opens it any more."""
        try:
            return unseal(self.secret_sealed, self.row_name)
        except UnreadableToken:
            return ""

    @property
    def signing_secrets(self) -> list[str]:
        """The secret, and for a day the one before. Raises UnreadableToken."""
        signing = [unseal(self.secret_sealed, self.row_name)]
        if self.former_secret_until and self.former_secret_until > timezone.now():
            signing.append(unseal(self.former_secret_sealed, self.row_name))
        return signing

    def draw_secret(self) -> None:
        """Give a new row its secret."""
        self.secret_sealed = seal(new_secret(), self.row_name)

    def rotate_secret(self) -> None:
        """Sign by another secret from now on, and for a day by the present one as well."""
        self.former_secret_sealed = self.secret_sealed
        self.former_secret_until = timezone.now() + FORMER_SECRET_FOR
        self.draw_secret()
        self.save(update_fields=["secret_sealed", "former_secret_sealed", "former_secret_until"])

    # ── calling ───────────────────────────────────────────────────────────────────────────────
    def call_later(self, at: datetime | None = None) -> None:
        """Queue the job that sends what is due to it."""
        enqueue(
            "project.webhooks.tasks.call_webhook",
            self.pk,
            queue="webhooks",
            owner=self.user_id,
            run_after=at,
        )

    def claim(self) -> bool:
        """Become the one who calls it, unless somebody does."""
        now = timezone.now()
        free = Webhook.objects.callable().filter(is_free("lease_until", now), pk=self.pk)
        lease = self.new_lease()
        if not free.update(**lease):
            return False
        self.lease_until, self.worker = lease["lease_until"], lease["worker"]
        return True

    def renew(self) -> bool:
        """Go on as the one who calls it. False where another took it meanwhile, or its user has
        switched it off."""
        until = from_now(self.lease_seconds)
        mine = Webhook.objects.enabled().filter(pk=self.pk, lease_until=self.lease_until)
        if not mine.update(lease_until=until):
            return False
        self.lease_until = until
        return True

    def release(self) -> None:
        mine = Webhook.objects.filter(pk=self.pk, lease_until=self.lease_until)
        mine.update(lease_until=None, worker="")

    def note_success(self) -> None:
        now = timezone.now()
        self._write(failures=0, failing_since=None, paused_until=None, succeeded_at=now)

    def note_failure(self) -> None:
        """One more in a row: it is left alone ever longer, and after days of nothing else it is
        switched off."""
        now = timezone.now()
        fields: dict[str, Any] = {"failures": self.failures + 1}
        fields["failing_since"] = since = self.failing_since or now
        if (more := fields["failures"] - FAILURES_IN_ROW) >= 0:
            fields["paused_until"] = from_now(RETRY_SECONDS[min(more, len(RETRY_SECONDS) - 1)])
        if now - since > FAILING_FOR:
            fields["disabled_at"] = now
        self._write(**fields)

    @property
    def is_failing(self) -> bool:
        """Whether it is the receiver that fails, and not a message."""
        return self.failures >= FAILURES_IN_ROW

    def disable(self) -> None:
        """As its user, or the receiver, wishes: not because it fails."""
        self._write(disabled_at=timezone.now(), failing_since=None)

    def enable(self) -> None:
        """Start anew, with what is still pending."""
        self._write(disabled_at=None, failures=0, failing_since=None, paused_until=None)
        self.call_later()

    def replay_given_up(self) -> int:
        """Tell once more all that was given up: how many messages."""
        given_up = list(WebhookEvent.objects.filter(webhook=self, state=GIVEN_UP))
        for event in given_up:
            event.replay()
        return len(given_up)

    def _write(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(webhook__user=user)

    def pending(self) -> Self:
        return self.filter(state=PENDING)

    def due(self) -> Self:
        return self.pending().filter(next_try_at__lte=timezone.now())

    def prune(self) -> int:
        """Forget what was over long ago."""
        old = self.filter(ended_at__lt=timezone.now() - EVENTS_KEPT_FOR)
        few = old.order_by("pk").values_list("pk", flat=True)[:EVENTS_PER_SWEEP]
        return self.filter(pk__in=list(few)).delete()[0]


class WebhookEvent(models.Model):
    """One message to one webhook, and how telling it went. Its bytes are the same at each try."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=40)
    # Names what happened among its webhook's events: what is noticed twice is told once.
    key = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=12, default=PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # of the last answer
    answer = models.CharField(max_length=1000, blank=True)  # its beginning, or what went wrong
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookEventQuerySet.as_manager()
    export = ExportPart(
        "webhook_events",
        "public_id webhook__public_id kind data occurred_at state tries next_try_at status "
        "answer ended_at",
        owner="webhook__user",
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["webhook", "next_try_at"],
                condition=Q(state=PENDING),
                name="webhook_event_pending",
            ),
            models.Index(fields=["ended_at"], name="webhook_event_ended"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "key"], name="webhook_event_once"),
            models.CheckConstraint(
                condition=Q(state__in=EVENT_STATES), name="webhook_event_state_is_a_word"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.webhook}"

    @property
    def message_id(self) -> str:
        """What the receiver knows it by, at every try."""
        return f"msg_{self.public_id.hex}"

    def begin_try(self) -> bool:
        """Count one more try before it is made; not due again before its lease has ended."""
        mine = WebhookEvent.objects.due().filter(pk=self.pk, tries=self.tries)
        at = from_now(CALL_LEASE_SECONDS)
        if not mine.update(tries=self.tries + 1, next_try_at=at):
            return False
        self.tries, self.next_try_at = self.tries + 1, at
        return True

    def note_delivered(self, status: int, answer: str) -> None:
        self._end(DELIVERED, status=status, answer=answer)

    def note_failed(self, status: int | None, answer: str, wait_seconds: float = 0) -> None:
        """Try again later, after `wait_seconds` at least; after the last try, give up."""
        if self.tries > len(RETRY_SECONDS):
            self._end(GIVEN_UP, status=status, answer=answer)
            return
        pause = max(RETRY_SECONDS[self.tries - 1], wait_seconds)
        jitter = 1 + secrets.randbelow(100) / 1000  # what failed together does not return together
        self._write(
            status=status, answer=answer, next_try_at=timezone.now() + delay(pause * jitter)
        )

    def replay(self) -> None:
        """Its user wants it told once more, under the same id."""
        self._write(state=PENDING, tries=0, next_try_at=timezone.now(), ended_at=None)
        self.webhook.call_later()

    def _end(self, state: str, **fields: Any) -> None:
        self._write(state=state, next_try_at=None, ended_at=timezone.now(), **fields)

    def _write(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))
