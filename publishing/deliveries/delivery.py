"""A delivery: one post going to one channel. Its row is the truth; the queue only wakes workers."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from publishing.deliveries.wording import delivery_sentence, delivery_word
from publishing.notices.kinds import is_trouble
from publishing.states import (
    CANCELED,
    CHANNEL_GONE,
    DONE,
    FAILED,
    QUEUED,
    SENDING,
    SENT,
    STATES,
    UNCONFIRMED,
    WAITING_FOR,
)
from social.models import Channel

from ..sql import update
from .queries import DeliveryQuerySet, Job, wake
from .send import Sending
from .turns import next_at
from .verify import Looking

MANY_ATTEMPTS, REST = 10, timedelta(minutes=1)  # so many, and each try is so long after the last
# One came to its end (user_id=…), committed and all: for those who count. Not heard by whoever
# moved it, and for nothing that must not get lost.
delivery_ended = Signal()


class Delivery(Sending, Looking):
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
    next_look_at = models.DateTimeField(null=True, blank=True)  # while it is looked up
    # Looked for from then on before it goes: nobody ran here for a while, and it was overdue.
    doubted_since = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)  # the number of the latest one
    tries = models.PositiveSmallIntegerField(default=0)  # those that cost one
    worker = models.CharField(max_length=120, blank=True)  # the process that took it
    lease_until = models.DateTimeField(null=True, blank=True)
    remote_id = models.CharField(max_length=128, blank=True)
    remote_url = models.URLField(max_length=1000, blank=True)
    replaced_by = models.ForeignKey(  # the post by which its person said it anew
        "publishing.Post",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["id"]
        indexes = [
            # What people are told of: the few that went wrong, among the many that were sent.
            models.Index(fields=["finished_at"], condition=Q(state=FAILED), name="delivery_failed"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state=QUEUED), name="delivery_due"
            ),
            models.Index(
                fields=["next_look_at"], condition=Q(state=UNCONFIRMED), name="delivery_look"
            ),
            models.Index(
                fields=["channel"], condition=Q(reason=CHANNEL_GONE), name="delivery_stopped"
            ),
            models.Index(fields=["waiting_for"], condition=Q(state=QUEUED), name="delivery_waits"),
            models.Index(fields=["state"], condition=Q(state=SENDING), name="delivery_sending"),
            # Only of those in line: an account may have sent a hundred thousand.
            models.Index(
                fields=["account", "due_at", "id"],
                condition=Q(state=QUEUED),
                name="delivery_order",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["post", "channel"], name="delivery_once_a_channel"),
            models.UniqueConstraint(
                fields=["account", "remote_id"],
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
                condition=Q(state=UNCONFIRMED, waiting_for="", next_look_at__isnull=False)
                | Q(state=UNCONFIRMED, waiting_for="person", next_look_at=None)
                | (~Q(state=UNCONFIRMED) & Q(next_look_at=None)),
                name="in_doubt_looks_or_asks",
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
    def says_enough(self) -> bool:
        """Whether its pictures need no words there."""
        return bool(self.post.picture_count) and self.channel.network.pictures_say_enough

    @property
    def is_done(self) -> bool:
        return self.state in DONE

    @property
    def is_untried(self) -> bool:
        return self.state == QUEUED and self.attempt == 0

    @property
    def is_due(self) -> bool:
        """Could be sent this moment."""
        at = self.next_attempt_at
        return self.state == QUEUED and at is not None and at <= timezone.now()

    @property
    def sentence(self) -> str:
        """Why it is where it is, in one sentence for its person; empty when there is no why."""
        return delivery_sentence(self)

    @property
    def chip(self) -> tuple[str, str]:
        """(style, word)"""
        return delivery_word(self)

    @property
    def may_change_by_itself(self) -> bool:
        """Whether a page that shows it does well to ask again."""
        return self.state in (QUEUED, SENDING) or self.is_looking

    # ── what a person does ────────────────────────────────────────────────────────────────────
    def cancel(self, reason: str = "") -> bool:
        """Before it is being sent."""
        return self._move([QUEUED], CANCELED, reason=reason)

    def retry(self) -> bool:
        """After it failed, or right now. What failed again and again: a minute after its last."""
        now = timezone.now()
        tired = self.state == FAILED and self.attempt >= MANY_ATTEMPTS and self.finished_at
        return self._requeue([FAILED, QUEUED], max(now, self.finished_at + REST) if tired else now)

    def replace(self, post: models.Model) -> bool:
        """Said anew by `post`. Only what is neither there nor on its way there can be replaced."""
        anew = {"reason": "anew", "replaced_by_id": post.pk}
        if self.is_canceled_with_channel:
            return self._move([CANCELED], CANCELED, ("reason",), **anew)
        return self._move([FAILED, QUEUED], CANCELED, **anew)

    def stay_canceled(self) -> bool:
        """Its channel was stopped; now its person does not want it either way."""
        if not self.is_canceled_with_channel:
            return False
        return self._move([CANCELED], CANCELED, ("reason",))

    @property
    def is_canceled_with_channel(self) -> bool:
        return self.state == CANCELED and self.reason == CHANNEL_GONE

    def bring_back(self) -> bool:
        """It was canceled with its channel, which is used again; its time is still to come."""
        return self._requeue([CANCELED], self.due_at, ("due_at", "reason"), due_at=self.due_at)

    def reschedule(self, at: datetime) -> bool:
        """Another time for this one alone, by a person."""
        return self._requeue([QUEUED], at)

    # The answers to a question; `confirm` is the third. `unchanged` ones hold against two clicks
    # and against an answer to an older question: the attempt must still be the one that was seen.
    def send_again(self) -> bool:
        """The person looked, and it is not there."""
        return self._requeue([UNCONFIRMED], unchanged=("attempt", "claimed_id"))

    def drop(self) -> bool:
        """The person does not want to know any more."""
        unchanged = ("attempt", "claimed_id")
        return self._move([UNCONFIRMED], CANCELED, unchanged, reason="dropped")

    def resume(self) -> bool:
        """What it waited for was settled: it goes out at its time, or now."""
        at = max(self.due_at, timezone.now())
        return self._requeue([QUEUED], at, ("due_at", "waiting_for"), due_at=self.due_at)

    def _requeue(
        self,
        states: list[str],
        at: datetime | None = None,
        unchanged: tuple[str, ...] = (),
        **fields: Any,
    ) -> bool:
        at = at or timezone.now()
        fields = {"due_at": at, "tries": 0, "next_attempt_at": at, **fields}
        waiting_for = "time" if at > timezone.now() else ""
        return self._move(states, QUEUED, unchanged, waiting_for=waiting_for, **fields)

    # ── the one way to move ───────────────────────────────────────────────────────────────────
    def _move(
        self, states: list[str], to: str, unchanged: tuple[str, ...] = (), **fields: Any
    ) -> bool:
        """One conditional update: from one of `states` to `to`, if the fields named `unchanged`
        are still as this one knows them. Whether it happened; nothing else writes `state`."""
        nothing = {"waiting_for": "", "reason": "", "next_look_at": None, "claimed_id": ""}
        fields = {"state": to, **nothing, **fields}
        fields["finished_at"] = timezone.now() if to in DONE else None
        if to == QUEUED and UNCONFIRMED in states:
            fields["doubted_since"] = None
        if to == QUEUED:
            at = fields["next_attempt_at"]
            fields["woken_at"] = at and max(at, timezone.now())
        elif to == UNCONFIRMED:
            fields["woken_at"] = fields["next_look_at"]
        known = {
            "id": self.pk,
            "state": states,
            **{name: getattr(self, name) for name in unchanged},
        }
        was, was_trouble = self.state, is_trouble(self.state, self.waiting_for)
        with transaction.atomic(savepoint=False):
            if not update(Delivery, fields, known):
                return False
            self._set(fields)
            self._wake(self._others_after(states, was))
            if was_trouble or is_trouble(self.state, self.waiting_for):
                self.post.note_later()
            if to in DONE:
                transaction.on_commit(self._tell_ended, robust=True)
        return True

    def _tell_ended(self) -> None:
        delivery_ended.send(Delivery, user_id=self.post.user_id)

    def _others_after(self, states: list[str], was: str) -> list[Job]:
        """Who is next at its account, which may have become free, or where this one may have
        stopped being ahead."""
        if SENDING in states and (was == SENDING or QUEUED not in states):
            return self.next_job(has_come=True)
        return self.next_job() if QUEUED in states else []

    def _wake(self, others: list[Job]) -> None:
        """Itself, at its next time, and the others, by one insert."""
        mine = [self.job] if self.state == QUEUED and self.next_attempt_at else []
        wake([*mine, *others])
        if self.is_looking:
            self.look_up_later()

    @property
    def job(self) -> Job:
        return self.job_id, self.next_attempt_at, self.post.user_id, self.network_name

    def next_job(self, has_come: bool = False) -> list[Job]:
        """That of the first of the others due at its account; see `next_at`."""
        return next_at(self.account, self.pk, has_come)

    def _set(self, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
