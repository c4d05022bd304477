"""A delivery: one post going to one channel. Its row is the truth; the queue only wakes workers.

Here are the columns, what they must never say, and the verbs: each is one call of `move`. What a
worker does with a delivery stands in modules of its own, which are given one: `claims`, `send`,
`uploads`, `settle`, `verify`.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.dispatch import Signal
from django.utils import timezone
from django_q.models import OrmQ

from publishing.comments.comment import asks_for_comments, comment_later, first_comment_of
from publishing.notices.kinds import is_trouble
from publishing.posts.extras import in_words
from publishing.sql import Job, next_at, update
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
    WaitingFor,
)
from social.exporting import ExportPart
from social.leases import LeasedRow
from social.models import Channel
from social.people import AnyUser
from social.reasons import CANNOT_LOOK, Reason
from social.timing import delay
from social.words import Words

from .jobs import JOB_FIELDS, verify_later, wake
from .reconciling import first_verification
from .wording import delivery_sentence, delivery_word

LEASE_SECONDS = 120  # at least twice what the whole of a send may take
LONGEST_LINE_SECONDS = 3600  # that a job may wait before it counts as lost all the same
JOB_MARGIN = timedelta(seconds=1)  # between a row's time and its job's
ATTEMPTS_BEFORE_REST = 10  # from then on each try that a person asks for …
REST = timedelta(minutes=1)  # … is so long after the last
WITH_ALL = ("post", "channel", "channel__connection")
WAITING_FOR_CHANNEL = (WaitingFor.PAUSED, WaitingFor.RECONNECT)
# Nobody else has verified or decided meanwhile: the fields that would say so.
STILL = ("attempt", "next_verification_at")
# Any time is after it: SQLite finds by an index what is greater, and not what is set at all.
BEFORE_ANYTHING = datetime.min.replace(tzinfo=UTC)
# One came to its end (user_id=…), committed and all: for those who count. Not heard by whoever
# moved it, and for nothing that must not get lost.
delivery_ended = Signal()
# One has moved (delivery=…, was=the state before), in the transaction of its move: for those who
# write down with it that it did. What goes wrong there is logged, and undoes nothing.
delivery_moved = Signal()


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by their state words."""

    def of(self, user: AnyUser) -> Self:
        return self.filter(post__user=user)

    def with_all(self) -> Self:
        return self.select_related(*WITH_ALL)

    def queued(self) -> Self:
        return self.filter(state=QUEUED)

    def sending(self) -> Self:
        return self.filter(state=SENDING)

    def unconfirmed(self) -> Self:
        return self.filter(state=UNCONFIRMED)

    def verifying(self) -> Self:
        """In doubt, and not yet a question to a person."""
        return self.unconfirmed().filter(next_verification_at__gt=BEFORE_ANYTHING)

    def due(self) -> Self:
        """Could be sent this moment. What waits for a person has no next time."""
        return self.queued().filter(next_attempt_at__lte=timezone.now())

    def overdue(self) -> Self:
        """Their user's time has come, whatever they wait for now."""
        return self.queued().filter(due_at__lte=timezone.now())

    def in_order(self) -> Self:
        return self.order_by("due_at", "id")

    def unwoken(self) -> Self:
        """Queued with a next time, and no worker was told since that time was set."""
        return self.queued().filter(woken_at=None, next_attempt_at__isnull=False)

    def forgotten(self) -> Self:
        """Due, and whoever was woken for it should have come long ago."""
        return self.due().woken_long_ago()

    def woken_long_ago(self) -> Self:
        """No job of these can be in line any more: whatever is first in line was woken later. One
        more job for each, again and again, would make a long line longer."""
        now = timezone.now()
        since = now - delay(LEASE_SECONDS)
        line = OrmQ.objects.filter(key="publish", lock__lte=now).order_by("lock")
        if first := line.values_list("lock", flat=True).first():
            since = max(min(since, first - JOB_MARGIN), now - delay(LONGEST_LINE_SECONDS))
        return self.filter(Q(woken_at=None) | Q(woken_at__lt=since))

    def waiting_for_channel(self) -> Self:
        """For the user to resume or reconnect it."""
        waiting = self.queued().filter(waiting_for__in=WAITING_FOR_CHANNEL)
        return waiting.exclude(reason=Reason.NETWORK_PAUSED)

    def waiting_for_network(self) -> Self:
        """For an operator to resume it."""
        return self.queued().filter(waiting_for=WaitingFor.PAUSED, reason=Reason.NETWORK_PAUSED)

    def are_under_way(self) -> bool:
        """Whether something is still to happen to any of them by itself."""
        queued = self.queued().filter(waiting_for__gte="")  # so that there is an index for it
        return any(rows.exists() for rows in (queued, self.sending(), self.verifying()))

    # ── to many at once ───────────────────────────────────────────────────────────────────────
    def send_later(self) -> None:
        """Wake a worker for each of these at its next time, and note that on the rows."""
        rows = list(self.values_list("pk", *JOB_FIELDS))
        wake(job for _, *job in rows)
        woken = self.model.objects.filter(pk__in=[pk for pk, *_ in rows])
        woken.update(woken_at=Greatest(F("next_attempt_at"), timezone.now()))

    def requeue_after(self, wait: timedelta) -> None:
        """What these waited for is over: they go out together, so long from now."""
        at = timezone.now() + wait
        with transaction.atomic():
            kept = self.select_for_update(skip_locked=True, no_key=True)
            mine = self.model.objects.filter(pk__in=list(kept.values_list("pk", flat=True)))
            jobs = list(mine.values_list(*JOB_FIELDS))
            mine.update(waiting_for="", reason="", next_attempt_at=at, woken_at=at)
            wake((job_id, at, *more) for job_id, _, *more in jobs)

    def doubt_what_waits(self) -> None:
        """What is overdue and waits for more is verified when it comes back. Each verification
        costs: on a machine that sleeps every night it would be one every morning."""
        waits = self.overdue().exclude(next_attempt_at__lte=timezone.now())
        waits.filter(doubted_since=None).update(doubted_since=F("due_at"))


class Delivery(LeasedRow):
    """One post going to one channel: where it stands, why, and when it goes on."""

    job_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    network_name = models.CharField(max_length=20, db_column="network")
    account = models.CharField(max_length=360)
    text = models.TextField(blank=True)  # empty: the post's
    extras = models.JSONField(default=dict, blank=True)  # by `Network.extras`: name → value
    state = models.CharField(max_length=12, default=QUEUED)
    waiting_for = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=40, blank=True)  # a Reason
    due_at = models.DateTimeField()  # moved by a person only, or as their posting times go on
    # That time came from the list of posting times, and what is done to the list may move it; a
    # time that a person chose otherwise never moves by itself.
    at_posting_time = models.BooleanField(default=False)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    next_verification_at = models.DateTimeField(null=True, blank=True)  # while it is in doubt
    # Verified from then on before it goes: nobody ran here for a while, and it was overdue.
    doubted_since = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True)
    # In doubt all the same: the very request that may have landed is about to be made once more.
    is_repeat = models.BooleanField(default=False)
    attempt = models.PositiveIntegerField(default=0)  # the number of the latest one
    tries = models.PositiveSmallIntegerField(default=0)  # those that cost one
    claimed_id = models.CharField(max_length=320, blank=True)  # what the network is asked about
    remote_id = models.CharField(max_length=320, blank=True)
    remote_url = models.URLField(max_length=1000, blank=True)
    replaced_by = models.ForeignKey(  # the post by which its user said it anew
        "publishing.Post",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()
    export = ExportPart(
        "deliveries",
        "job_id post__public_id channel_id text extras state waiting_for reason due_at "
        "at_posting_time next_attempt_at next_verification_at claimed_id remote_id "
        "remote_url replaced_by__public_id created_at finished_at",
        owner="post__user",
        renamed={"next_verification_at": "next_look_at"},
    )
    results: Any = None  # of one that is shown; see publishing.posts.results
    lease_seconds = LEASE_SECONDS

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["id"]
        indexes = [
            # In place of one for the channel alone: what stands in a calendar.
            models.Index(fields=["channel", "due_at"], name="delivery_in_calendar"),
            # What users are told of: the few that went wrong, among the many that were sent.
            models.Index(fields=["finished_at"], condition=Q(state=FAILED), name="delivery_failed"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state=QUEUED), name="delivery_due"
            ),
            models.Index(
                fields=["next_verification_at"],
                condition=Q(state=UNCONFIRMED),
                name="delivery_verification",
            ),
            models.Index(
                fields=["channel"],
                condition=Q(reason=Reason.CHANNEL_GONE.value),
                name="delivery_stopped",
            ),
            models.Index(
                fields=["waiting_for", "channel", "post"],
                condition=Q(state=QUEUED),
                name="delivery_waits_there",
            ),
            # The few of a person that went wrong or are in doubt. With the state in it SQLite does
            # not take the index of all that ever went to a channel instead.
            models.Index(
                fields=["state", "channel", "post"],
                condition=Q(state=FAILED),
                name="delivery_failed_there",
            ),
            models.Index(
                fields=["state", "channel", "post"],
                condition=Q(state=UNCONFIRMED),
                name="delivery_in_doubt_there",
            ),
            models.Index(
                fields=["channel"],
                condition=Q(reason=Reason.PLACED_ANEW.value),
                name="delivery_placed_anew",
            ),
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
            models.UniqueConstraint(
                fields=["channel", "due_at"],
                condition=Q(state=QUEUED, at_posting_time=True),
                name="posting_time_once_a_channel",
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="delivery_state_is_a_word"),
            models.CheckConstraint(
                condition=Q(waiting_for="")
                | Q(state=QUEUED, waiting_for__in=[w for w in WAITING_FOR if w != "person"])
                | Q(state=UNCONFIRMED, waiting_for="person"),
                name="delivery_waits_for_a_word",
            ),
            models.CheckConstraint(
                condition=Q(state=UNCONFIRMED, waiting_for="", next_verification_at__isnull=False)
                | Q(state=UNCONFIRMED, waiting_for="person", next_verification_at=None)
                | (~Q(state=UNCONFIRMED) & Q(next_verification_at=None)),
                name="in_doubt_verifies_or_asks",
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
        """Its words: its own, or the post's."""
        return self.text or self.post.text

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """(label, word) of the extras that were chosen."""
        return in_words(self.channel.network, self.extras)

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
    def is_verifying(self) -> bool:
        """In doubt, and not yet a question to its user."""
        return self.state == UNCONFIRMED and self.next_verification_at is not None

    @property
    def is_claimed(self) -> bool:
        """Its user named a post, and the network has not been heard about it."""
        return self.state == UNCONFIRMED and bool(self.claimed_id)

    def is_question_about(self, attempt: int) -> bool:
        """Whether what was answered is still the question: a second click, or a page that was left
        open, must not answer the next one."""
        return attempt == self.attempt and not self.is_claimed

    @property
    def is_canceled_with_channel(self) -> bool:
        return self.state == CANCELED and self.reason == Reason.CHANNEL_GONE

    @property
    def sentence(self) -> str:
        """Why it is where it is, in one sentence for its user; empty when there is no why."""
        return delivery_sentence(self)

    @property
    def chip(self) -> tuple[str, Words]:
        """(style, word)"""
        return delivery_word(self)

    @property
    def may_change_by_itself(self) -> bool:
        """Whether a page that shows it does well to ask again."""
        return self.state in (QUEUED, SENDING) or self.is_verifying or self.is_being_commented

    @property
    def first_comment(self) -> str:
        """What its user wants to stand below it; empty for nothing."""
        return first_comment_of(self)

    @property
    def asks_for_comments(self) -> bool:
        """Whether its user may have to allow comments at the network first."""
        return asks_for_comments(self)

    @property
    def is_being_commented(self) -> bool:
        is_sent = self.state == SENT and bool(self.first_comment)
        return is_sent and hasattr(self, "comment") and self.comment.is_under_way

    @property
    def lacks_comment(self) -> bool:
        """Whether it is sent, and its first comment has failed."""
        has_one = self.state == SENT and bool(self.first_comment) and hasattr(self, "comment")
        return has_one and self.comment.state == FAILED

    @property
    def candidates(self) -> list[dict[str, str]]:
        """What stands there that could be it, for the user who is asked: read from the account's
        own timeline."""
        if self.waiting_for != "person":
            return []
        verification = self.verifications.filter(claimed_id="").last()
        if verification is None or verification.attempt != self.attempt:
            return []
        return verification.candidates

    # ── what a person does ────────────────────────────────────────────────────────────────────
    def cancel(self, reason: str = "", at: datetime | None = None) -> bool:
        """Before it is being sent; noted as at `at`, by which `return_canceled` knows it again."""
        return self.move([QUEUED], CANCELED, reason=reason, finished_at=at or timezone.now())

    def retry(self) -> bool:
        """After it failed, or right now. What failed again and again: a minute after its last."""
        at = timezone.now()
        if self.state == FAILED and self.attempt >= ATTEMPTS_BEFORE_REST and self.finished_at:
            at = max(at, self.finished_at + REST)
        return self._requeue([FAILED, QUEUED], at)

    def replace(self, post: models.Model) -> bool:
        """Said anew by `post`. Only what is neither there nor on its way there can be replaced."""
        anew = {"reason": Reason.ANEW, "replaced_by_id": post.pk}
        if self.is_canceled_with_channel:
            return self.move([CANCELED], CANCELED, ("reason",), **anew)
        return self.move([FAILED, QUEUED], CANCELED, **anew)

    def stay_canceled(self) -> bool:
        """Its channel was stopped; now its user does not want it either way."""
        if not self.is_canceled_with_channel:
            return False
        return self.move([CANCELED], CANCELED, ("reason",))

    def bring_back(self) -> bool:
        """It was canceled with its channel, which is used again; its time is still to come."""
        return self._return(self.due_at, ("due_at", "reason"))

    @property
    def may_return(self) -> bool:
        """Whether it was canceled before anything was tried, and its time is still to come."""
        return self.is_canceled_untried and self.due_at > timezone.now()

    @property
    def is_canceled_untried(self) -> bool:
        """By its user or with its channel; what was dropped in doubt or said anew is not."""
        is_over = self.reason not in ("", Reason.CHANNEL_GONE) or self.replaced_by_id
        return self.state == CANCELED and self.attempt == 0 and not is_over

    def return_canceled(self) -> bool:
        """Its user thinks again: it waits for its time as before."""
        return self.may_return and self.return_at(self.due_at)

    def return_at(self, at: datetime) -> bool:
        """The same at another time, unless something has become of it since this one was read."""
        unchanged = ("finished_at", "due_at", "reason", "attempt", "replaced_by_id")
        return self.is_canceled_untried and self._return(at, unchanged)

    def _return(self, at: datetime, unchanged: tuple[str, ...]) -> bool:
        """From where it was canceled. Its posting time may be another's by now: then it goes out at
        that time all the same, as if its user had chosen it."""
        if not self.at_posting_time:
            return self._requeue([CANCELED], at, unchanged)
        try:
            with transaction.atomic():
                return self._requeue([CANCELED], at, unchanged)
        except IntegrityError:
            return self._requeue([CANCELED], at, unchanged, at_posting_time=False)

    def reschedule(self, at: datetime) -> bool:
        """Another time for this one alone, by a person."""
        return self._requeue([QUEUED], at)

    # The answers to a question; `confirm.confirm` is the third. What must be `unchanged` holds
    # against two clicks and against an answer to an older question: the attempt must still be the
    # one that was seen.
    def send_again(self) -> bool:
        """The person looked, and it is not there."""
        return self._requeue([UNCONFIRMED], unchanged=("attempt", "claimed_id"))

    def drop(self) -> bool:
        """The person does not want to know any more."""
        unchanged = ("attempt", "claimed_id")
        return self.move([UNCONFIRMED], CANCELED, unchanged, reason=Reason.DROPPED)

    def verify_now(self) -> bool:
        """Sooner than planned, by a person; the proof takes its time all the same."""
        return self.is_verifying and self.verify_at(timezone.now())

    # ── what becomes of it ────────────────────────────────────────────────────────────────────
    def resume(self) -> bool:
        """What it waited for was settled: it goes out at its time, or now."""
        at = max(self.due_at, timezone.now())
        return self._requeue([QUEUED], at, ("due_at", "waiting_for"), due_at=self.due_at)

    def place_anew(self, at: datetime) -> bool:
        """Its posting time has passed while its channel was paused or lost: it has another one.
        Raises IntegrityError where that is taken."""
        unchanged = ("attempt", "due_at", "waiting_for", "at_posting_time")
        anew = {"reason": Reason.PLACED_ANEW, "at_posting_time": True}
        return self._requeue([QUEUED], at, unchanged, **anew)

    def doubt_after_silence(self) -> bool:
        """Due while nobody ran: another one, or we in a time that is lost, may have sent it."""
        soon = timezone.now() + first_verification(Reason.AWAY)
        return self.move(
            [QUEUED], UNCONFIRMED, ("attempt",), reason=Reason.AWAY, next_verification_at=soon
        )

    def verify_instead(self, states: list[str]) -> bool:
        """The request that may have landed cannot be made once more: it is verified."""
        doubted = self.attempts.in_doubt().last()
        reason = doubted.reason if doubted else Reason.INTERRUPTED
        soon = timezone.now() + first_verification(reason)
        return self.move(
            states, UNCONFIRMED, ("attempt",), reason=reason, next_verification_at=soon
        )

    def verify_at(self, at: datetime, reason: str = "") -> bool:
        """It stays in doubt, for this reason from now on, until it is verified at `at`."""
        fields = {"reason": reason or self.reason, "claimed_id": self.claimed_id}
        return self.move([UNCONFIRMED], UNCONFIRMED, STILL, next_verification_at=at, **fields)

    def verify_anew(self) -> bool:
        """What kept us from verifying it is settled."""
        if self.state != UNCONFIRMED or not self.reason.startswith(CANNOT_LOOK):
            return False
        last = self.attempts.last()
        in_doubt = self.attempts.in_doubt().exists()
        reason: str = Reason.AWAY
        if self.claimed_id:
            reason = Reason.CLAIMED
        elif last and last.doubt.is_duplicate:
            reason = Reason.DUPLICATE_SEEN if in_doubt else Reason.DUPLICATE_AT_ONCE
        elif last and in_doubt:
            reason = last.reason
        return self.verify_at(timezone.now(), reason)

    def ask(self, reason: str) -> bool:
        """Verifying does not help: its user is asked, with what we saw. What they said of it counts
        on where nobody could look."""
        fields = {"waiting_for": "person", "reason": reason}
        if reason.startswith(CANNOT_LOOK):
            fields["claimed_id"] = self.claimed_id
        return self.move([UNCONFIRMED], UNCONFIRMED, STILL, **fields)

    def _requeue(
        self,
        states: list[str],
        at: datetime | None = None,
        unchanged: tuple[str, ...] = (),
        **fields: Any,
    ) -> bool:
        at = at or timezone.now()
        fields = {"due_at": at, "tries": 0, "next_attempt_at": at, **fields}
        fields.setdefault(
            "at_posting_time", self.at_posting_time and fields["due_at"] == self.due_at
        )
        waiting_for = "time" if at > timezone.now() else ""
        return self.move(states, QUEUED, unchanged, waiting_for=waiting_for, **fields)

    # ── the one way to move ───────────────────────────────────────────────────────────────────
    def move(
        self, states: list[str], to: str, unchanged: tuple[str, ...] = (), **fields: Any
    ) -> bool:
        """One conditional update: from one of `states` to `to`, if the fields named `unchanged`
        are still as this one knows them. Whether it happened. Nothing else writes `state`, but for
        the claim in `claims.take`. Raises IntegrityError where the row would say what it must
        not, such as a remote id that another delivery to its account has. What is queued to repeat
        a request that may have landed moves only to where that is settled."""
        nothing = {"waiting_for": "", "reason": "", "next_verification_at": None, "claimed_id": ""}
        ended = {"finished_at": timezone.now() if to in DONE else None}
        fields = {"state": to, **nothing, "is_repeat": False, **ended, **fields}
        if to == QUEUED and UNCONFIRMED in states:
            fields["doubted_since"] = None
        if to == QUEUED:
            at = fields["next_attempt_at"]
            fields["woken_at"] = at and max(at, timezone.now())
        elif to == UNCONFIRMED:
            fields["woken_at"] = fields["next_verification_at"]
        known = {
            "id": self.pk,
            "state": states,
            **{name: getattr(self, name) for name in unchanged},
        }
        if QUEUED in states and to not in (UNCONFIRMED, SENT):
            known["is_repeat"] = False
        was, was_trouble = self.state, is_trouble(self.state, self.waiting_for)
        with transaction.atomic(savepoint=False):
            if not update(Delivery, fields, known):
                return False
            self.set_fields(fields)
            self._wake(self._others_after(states, was))
            if to == SENT:
                comment_later(self)
            if was_trouble or is_trouble(self.state, self.waiting_for):
                self.post.sync_notices_later()
            delivery_moved.send_robust(Delivery, delivery=self, was=was)
            if to in DONE:
                transaction.on_commit(self._announce_end, robust=True)
        return True

    def set_fields(self, fields: dict[str, Any]) -> None:
        """What was written to the row a moment ago, for this object."""
        for name, value in fields.items():
            setattr(self, name, value)

    def _announce_end(self) -> None:
        delivery_ended.send(Delivery, user_id=self.post.user_id)

    def _others_after(self, states: list[str], was: str) -> list[Job]:
        """Who is next at its account, which may have become free, or where this one may have
        stopped being ahead."""
        if SENDING in states and (was == SENDING or QUEUED not in states):
            return self.next_job(has_come=True)
        return self.next_job() if QUEUED in states else []

    def _wake(self, others: list[Job]) -> None:
        """Itself, at its next time, and the others, by one insert."""
        if self.state == QUEUED and self.next_attempt_at:
            at = self.next_attempt_at
            others = [(self.job_id, at, self.post.user_id, self.network_name), *others]
        wake(others)
        if self.is_verifying:
            self.verify_later()

    def verify_later(self) -> None:
        """Queue its verification, at its time."""
        assert self.next_verification_at is not None
        verify_later(self.job_id, self.next_verification_at, self.post.user_id, self.network_name)

    def next_job(self, has_come: bool = False) -> list[Job]:
        """That of the first of the others due at its account; see `sql.next_at`."""
        return next_at(self.account, self.pk, has_come)
