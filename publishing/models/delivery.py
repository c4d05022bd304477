"""A delivery: one post going to one channel. Its row is the truth; the queue only wakes workers."""

import os
import socket
import time
import uuid
from datetime import datetime
from typing import Any, Self

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from publishing.insisting import insist
from publishing.retrying import LATE, Decision, decide
from publishing.states import (
    CANCELED,
    DONE,
    FAILED,
    QUEUED,
    SENDING,
    SENT,
    STATES,
    UNCONFIRMED,
    WAITING_FOR,
)
from publishing.wording import delivery_sentence
from social.models import Channel
from social.networks.base import Published
from social.networks.errors import (
    AuthorizationLost,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    TemporaryError,
)
from social.timing import delay, scaled

from .attempt import Attempt

# Seconds. Everything before the first byte (renewing a token) must be done within SEND_WINDOW, the
# call itself has its own deadline, and the lease is at least twice both together.
SEND_WINDOW = 30
LEASE = 120


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def of(self, user: Any) -> Self:
        return self.filter(post__user=user)

    def with_all(self) -> Self:
        return self.select_related("post", "channel__connection")

    def queued(self) -> Self:
        return self.filter(state=QUEUED)

    def sending(self) -> Self:
        return self.filter(state=SENDING)

    def unconfirmed(self) -> Self:
        return self.filter(state=UNCONFIRMED)

    def due(self) -> Self:
        """Could be sent this moment. What waits for a person has no next time."""
        return self.queued().filter(next_attempt_at__lte=timezone.now())

    def in_order(self) -> Self:
        return self.order_by("due_at", "id")

    def ahead_of(self, delivery: "Delivery") -> Self:
        """Due at the same account, and earlier in its order."""
        earlier = Q(due_at__lt=delivery.due_at) | Q(due_at=delivery.due_at, id__lt=delivery.id)
        return self.due().filter(earlier, account=delivery.account)

    def unwoken(self) -> Self:
        """Queued with a next time, and no worker was told since that time was set."""
        return self.queued().filter(woken_at=None, next_attempt_at__isnull=False)

    def forgotten(self) -> Self:
        """Due, and whoever was woken for it should have come long ago."""
        woken_long_ago = Q(woken_at=None) | Q(woken_at__lt=timezone.now() - delay(LEASE))
        return self.due().filter(woken_long_ago)

    def send_later(self) -> None:
        """Wake a worker for each of these at its next time: one insert for all."""
        deliveries = list(self.values_list("pk", "job_id", "next_attempt_at", "post__user_id"))
        if not deliveries:
            return
        now, broker = timezone.now(), get_broker()
        Delivery.objects.filter(pk__in=[pk for pk, *_ in deliveries]).update(
            woken_at=Greatest(F("next_attempt_at"), now)
        )
        with broker.batch():
            for _, job_id, at, user_id in deliveries:
                broker.run_after = max(at, now)
                async_task(
                    "publishing.tasks.send_delivery",
                    str(job_id),
                    group=f"user:{user_id}",
                    broker=broker,
                )

    def claim(self, job_id: str) -> "Delivery | None":
        """The delivery, now ours to send; None when there is nothing to do (any more, or yet)."""
        delivery = self.with_all().due().filter(job_id=job_id).first()
        if delivery is None or delivery.set_aside():
            return None
        return delivery if delivery.take() else None

    def sweep(self) -> None:
        """Settle what dead workers left behind and wake what was forgotten."""
        for delivery in self.with_all().sending().filter(lease_until__lt=timezone.now()):
            delivery.release()
        self.forgotten().in_order().send_later()

    def follow(self, channel: Channel) -> None:
        """What a change of `channel` means for what is queued there."""
        queued = self.with_all().queued().filter(channel=channel)
        if channel.state == "disconnected":
            for delivery in queued:
                delivery.cancel("channel_gone")
        elif channel.state in ("works", "incomplete"):
            for delivery in queued.filter(waiting_for__in=("paused", "reconnect")):
                delivery.resume()


class Delivery(models.Model):
    job_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    network_name = models.CharField(max_length=20, db_column="network")
    account = models.CharField(max_length=90)
    text = models.TextField(blank=True)  # empty: the post's
    state = models.CharField(max_length=12, default=QUEUED)
    waiting_for = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=40, blank=True)  # a key of messages.SENTENCES
    due_at = models.DateTimeField()  # moved by a person only
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)  # the number of the latest one
    tries = models.PositiveSmallIntegerField(default=0)  # those that cost one
    lease_until = models.DateTimeField(null=True, blank=True)
    remote_id = models.CharField(max_length=128, blank=True)
    remote_url = models.URLField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state=QUEUED), name="delivery_due"
            ),
            models.Index(fields=["account", "due_at", "id"], name="delivery_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["post", "channel"], name="delivery_once_a_channel"),
            models.UniqueConstraint(
                fields=["network_name", "remote_id"],
                condition=~Q(remote_id=""),
                name="remote_id_belongs_to_one_delivery",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(state=SENDING), name="one_sending_an_account"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="delivery_state_is_a_word"),
            models.CheckConstraint(
                condition=Q(waiting_for="")
                | Q(state=QUEUED, waiting_for__in=[w for w in WAITING_FOR if w != "person"])
                | Q(state=UNCONFIRMED, waiting_for="person"),
                name="delivery_waits_for_a_word",
            ),
            models.CheckConstraint(
                condition=Q(state=SENT, remote_id__gt="") | (~Q(state=SENT) & Q(remote_id="")),
                name="sent_means_remote_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} to {self.channel.label}"

    @property
    def content(self) -> str:
        return self.text or self.post.text

    @property
    def is_done(self) -> bool:
        return self.state in DONE

    @property
    def is_untried(self) -> bool:
        return self.state == QUEUED and self.attempt == 0

    @property
    def sentence(self) -> str:
        """Why it is where it is, in one sentence for its person; empty when there is no why."""
        return delivery_sentence(self)

    # ── a worker's steps ──────────────────────────────────────────────────────────────────────
    def set_aside(self) -> bool:
        """Whether it must not be sent now for a reason of its channel or of its lateness."""
        state = self.channel.state
        if state == "disconnected":
            return self.cancel("channel_gone")
        if state == "paused":
            return self._wait("paused", "paused")
        if state in ("reconnect", "offered"):
            reason = self.channel.trouble or self.channel.connection.trouble
            return self._wait("reconnect", reason or "reconnect")
        if timezone.now() - self.due_at > LATE:
            return self._wait("held", "late")
        return False

    def _wait(self, waiting_for: str, reason: str) -> bool:
        return self._move(
            [QUEUED], QUEUED, waiting_for=waiting_for, reason=reason, next_attempt_at=None
        )

    def take(self) -> bool:
        """QUEUED → SENDING, if it is this one's turn at its account."""
        mine = Delivery.objects.due().filter(pk=self.pk, attempt=self.attempt)
        my_turn = ~Exists(Delivery.objects.ahead_of(self))
        taken = {"state": SENDING, "waiting_for": "", "reason": "", "attempt": self.attempt + 1}
        taken["lease_until"] = timezone.now() + delay(LEASE)
        try:
            with transaction.atomic():
                if mine.filter(my_turn).update(**taken):
                    self._set(taken)
                    return True
        except IntegrityError:
            pass  # another one is being sent to this account
        mine.update(waiting_for="turn", reason="turn")
        return False

    def send(self) -> None:
        """Send it once and write down what came of it."""
        begun, attempt, self.begun_at = time.monotonic(), None, timezone.now()
        try:
            self._check_length()
            token = self.channel.token()
            attempt = self._write_ahead()
            if attempt is None:
                return  # the lease ran out and somebody else has settled it
            if time.monotonic() - begun > scaled(SEND_WINDOW):
                raise TemporaryError("too_slow_here")
            published = self.channel.network.publish(
                self.channel.remote_id, self.channel.handle, token, attempt.text
            )
        except NetworkError as error:
            self.mark_failed_to_send(error, attempt)
        except Exception as error:
            # A fault of ours. Before the attempt was written nothing can have left.
            unexpected = OutcomeUnknown if attempt else TemporaryError
            wrapped = unexpected("interrupted" if attempt else "worker_gone", repr(error))
            self.mark_failed_to_send(wrapped, attempt)
            raise
        else:
            self.mark_sent(published, attempt)

    def _check_length(self) -> None:
        length = self.channel.network.length(self.content)
        if not length.fits:
            raise Rejected("too_long" if length.used else "empty")

    def _write_ahead(self) -> Attempt | None:
        """The attempt, committed before the first byte; None when the lease is no longer ours."""
        with transaction.atomic():
            ours = Delivery.objects.sending().filter(pk=self.pk, attempt=self.attempt)
            if not ours.filter(lease_until__gt=timezone.now()).update(
                lease_until=timezone.now() + delay(LEASE)
            ):
                return None
            return self.attempts.create(
                number=self.attempt,
                text=self.content,
                worker=f"{socket.gethostname()}:{os.getpid()}",
            )

    def mark_sent(self, published: Published, attempt: Attempt) -> None:
        """The network said yes. The id is saved first, by itself; nothing may undo it."""
        insist(lambda: attempt.close_sent(published))
        insist(lambda: self._settle_sent(published))

    def _settle_sent(self, published: Published) -> None:
        try:
            with transaction.atomic():
                # A late yes wins over what was assumed of this delivery meanwhile.
                self._move(
                    [SENDING, QUEUED, UNCONFIRMED],
                    SENT,
                    remote_id=published.remote_id,
                    remote_url=published.url,
                )
        except IntegrityError:
            self._move([SENDING], UNCONFIRMED, waiting_for="person", reason="taken")

    def mark_failed_to_send(self, error: NetworkError, attempt: Attempt | None) -> None:
        """Write down what went wrong and move on by the one decision for its kind."""
        now = timezone.now()
        in_doubt = self.attempts.in_doubt().exclude(number=self.attempt).exists()
        if isinstance(error, AuthorizationLost):
            decision = self._decide_authorization(error, now)
        else:
            decision = decide(error, self.tries, self.attempt, in_doubt, now)
        insist(lambda: self._settle_failed(error, attempt, decision))

    def _decide_authorization(self, error: AuthorizationLost, now: datetime) -> Decision:
        """A refused access token may only have ended early: renew it and come back, once."""
        connection = self.channel.connection
        if error.reason == "token_dead" and connection.may_be_renewed(since=self.begun_at):
            return Decision(QUEUED, error.reason, "backoff", now, costs_a_try=True)
        (self.channel if error.reason == "page_role" else connection).mark_lost(error.reason)
        return decide(error, self.tries, self.attempt, False, now)

    def _settle_failed(
        self, error: NetworkError, attempt: Attempt | None, decision: Decision
    ) -> None:
        with transaction.atomic():
            if attempt is None:
                attempt = self.attempts.create(number=self.attempt, text=self.content)
            attempt.close_failed(error)
            self._move(
                [SENDING],
                decision.state,
                attempt=self.attempt,
                waiting_for=decision.waiting_for,
                reason=decision.reason,
                next_attempt_at=decision.next_attempt_at,
                tries=self.tries + decision.costs_a_try,
            )

    def release(self) -> bool:
        """Its worker is gone. Without an attempt nothing left; with one we do not know."""
        attempt = self.attempts.open().first()
        if attempt is None:
            again = decide(
                TemporaryError("worker_gone"), self.tries, self.attempt, False, timezone.now()
            )
            return self._move(
                [SENDING],
                again.state,
                attempt=self.attempt,
                waiting_for=again.waiting_for,
                reason=again.reason,
                next_attempt_at=again.next_attempt_at,
                tries=self.tries + 1,
            )
        with transaction.atomic():
            attempt.close_unknown("interrupted")
            return self._move(
                [SENDING],
                UNCONFIRMED,
                attempt=self.attempt,
                waiting_for="person",
                reason="interrupted",
            )

    # ── what a person does ────────────────────────────────────────────────────────────────────
    def cancel(self, reason: str = "") -> bool:
        """Before it is being sent."""
        return self._move([QUEUED], CANCELED, reason=reason)

    def retry(self) -> bool:
        """After it failed, or right now instead of later."""
        return self._requeue([FAILED, QUEUED])

    def send_again(self) -> bool:
        """The person looked, and it is not there."""
        return self._requeue([UNCONFIRMED])

    def confirm(self, link: str) -> bool:
        """The person looked, and it is there. Raises ValueError with one sentence."""
        published = self.channel.network.find_link(link, self.channel.handle)
        try:
            with transaction.atomic():
                return self._move(
                    [UNCONFIRMED], SENT, remote_id=published.remote_id, remote_url=published.url
                )
        except IntegrityError as error:
            raise ValueError("That post already belongs to another delivery.") from error

    def drop(self) -> bool:
        """The person does not want to know any more."""
        return self._move([UNCONFIRMED], CANCELED, reason="dropped")

    def resume(self) -> bool:
        """What it waited for was settled: it goes out at its time, or now."""
        return self._requeue([QUEUED], at=max(self.due_at, timezone.now()), due_at=self.due_at)

    def _requeue(self, states: list[str], at: datetime | None = None, **fields: Any) -> bool:
        at = at or timezone.now()
        fields = {"due_at": at, "tries": 0, "next_attempt_at": at, "woken_at": None, **fields}
        waiting_for = "time" if at > timezone.now() else ""
        moved = self._move(states, QUEUED, waiting_for=waiting_for, **fields)
        if moved:
            Delivery.objects.filter(pk=self.pk).send_later()
        return moved

    # ── the one way to move ───────────────────────────────────────────────────────────────────
    def _move(
        self, states: list[str], to: str, *, attempt: int | None = None, **fields: Any
    ) -> bool:
        """One conditional update: from one of `states` (at this `attempt`) to `to`. Whether it
        happened; nothing else writes `state`."""
        fields = {"state": to, "waiting_for": "", "reason": "", **fields}
        if to in DONE:
            fields["finished_at"] = timezone.now()
        rows = Delivery.objects.filter(pk=self.pk, state__in=states)
        if attempt is not None:
            rows = rows.filter(attempt=attempt)
        if to == QUEUED:
            fields.setdefault("woken_at", None)
        with transaction.atomic():
            if not rows.update(**fields):
                return False
            self._set(fields)
            self._wake_who_is_next()
        return True

    def _wake_who_is_next(self) -> None:
        Delivery.objects.filter(pk=self.pk).unwoken().send_later()
        behind = Delivery.objects.due().filter(account=self.account).exclude(pk=self.pk)
        first = behind.in_order().values_list("pk", flat=True).first()
        if first:
            Delivery.objects.filter(pk=first).send_later()

    def _set(self, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
