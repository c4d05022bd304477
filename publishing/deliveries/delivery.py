"""A delivery: one post going to one channel. Its row is the truth; the queue only wakes workers.

Here are the columns, what they must never say, and verbs: each is one call of `move`. `queryset`
reads them; `announcing` says that one moved; `doubts`, `returning` (canceled, and back) and what a
worker does (`claims`, `send`, `uploads`, `settle`, `verify`) are given one.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from publishing.comments.comment import asks_for_comments, first_comment_of
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
)
from social.exporting import ExportPart
from social.leases import LeasedRow
from social.models import Channel
from social.reasons import CANNOT_LOOK, Reason
from social.words import Words

from .announcing import announce
from .jobs import verify_later
from .queryset import DeliveryQuerySet
from .wording import delivery_sentence, delivery_word

SEND_LEASE_SECONDS = 120  # at least twice what the whole of a send may take
ATTEMPTS_BEFORE_REST = 10  # from then on each try that a person asks for …
REST = timedelta(minutes=1)  # … is so long after the last
# Nobody else has verified or decided meanwhile: the fields that would say so.
STILL = ("attempt", "next_verification_at")


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

    objects = DeliveryQuerySet["Delivery"].as_manager()
    export = ExportPart(
        "deliveries",
        "job_id post__public_id channel_id text extras state waiting_for reason due_at "
        "at_posting_time next_attempt_at next_verification_at claimed_id remote_id "
        "remote_url replaced_by__public_id created_at finished_at",
        owner="post__user",
        renamed={"next_verification_at": "next_look_at"},
    )
    results: Any = None  # of one that is shown; see publishing.posts.results
    lease_seconds = SEND_LEASE_SECONDS

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
        return self.requeue([FAILED, QUEUED], at)

    def replace(self, post: models.Model) -> bool:
        """Said anew by `post`. Only what is neither there nor on its way there can be replaced."""
        anew = {"reason": Reason.ANEW, "replaced_by_id": post.pk}
        if self.is_canceled_with_channel:
            return self.move([CANCELED], CANCELED, ("reason",), **anew)
        return self.move([FAILED, QUEUED], CANCELED, **anew)

    def reschedule(self, at: datetime) -> bool:
        """Another time for this one alone, by a person."""
        return self.requeue([QUEUED], at)

    # The answers to a question; `confirm.confirm` is the third. What must be `unchanged` holds
    # against two clicks and against an answer to an older question: the attempt must still be the
    # one that was seen.
    def send_again(self) -> bool:
        """The person looked, and it is not there."""
        return self.requeue([UNCONFIRMED], unchanged=("attempt", "claimed_id"))

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
        return self.requeue([QUEUED], at, ("due_at", "waiting_for"), due_at=self.due_at)

    def verify_at(self, at: datetime, reason: str = "") -> bool:
        """It stays in doubt, for this reason from now on, until it is verified at `at`."""
        fields = {"reason": reason or self.reason, "claimed_id": self.claimed_id}
        return self.move([UNCONFIRMED], UNCONFIRMED, STILL, next_verification_at=at, **fields)

    def ask(self, reason: str) -> bool:
        """Verifying does not help: its user is asked, with what we saw. What they said of it counts
        on where nobody could look."""
        fields = {"waiting_for": "person", "reason": reason}
        if reason.startswith(CANNOT_LOOK):
            fields["claimed_id"] = self.claimed_id
        return self.move([UNCONFIRMED], UNCONFIRMED, STILL, **fields)

    def requeue(
        self,
        states: list[str],
        at: datetime | None = None,
        unchanged: tuple[str, ...] = (),
        **fields: Any,
    ) -> bool:
        """From one of `states` back in line: it goes out at `at`, or now, with all its tries."""
        at = at or timezone.now()
        fields = {"due_at": at, "tries": 0, "next_attempt_at": at, **fields}
        stays = self.at_posting_time and fields["due_at"] == self.due_at
        fields.setdefault("at_posting_time", stays)
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
        if to == QUEUED:
            at = fields["next_attempt_at"]
            fields["woken_at"] = at and max(at, timezone.now())
            fields |= {"doubted_since": None} if UNCONFIRMED in states else {}
        elif to == UNCONFIRMED:
            fields["woken_at"] = fields["next_verification_at"]
        known = {"id": self.pk, "state": states}
        known |= {name: getattr(self, name) for name in unchanged}
        if QUEUED in states and to not in (UNCONFIRMED, SENT):
            known["is_repeat"] = False
        was, was_trouble = self.state, is_trouble(self.state, self.waiting_for)
        with transaction.atomic(savepoint=False):
            if not update(Delivery, fields, known):
                return False
            self.set_fields(fields)
            announce(self, states, was, was_trouble)
        return True

    def set_fields(self, fields: dict[str, Any]) -> None:
        """What was written to the row a moment ago, for this object."""
        for name, value in fields.items():
            setattr(self, name, value)

    def verify_later(self) -> None:
        """Queue its verification, at its time."""
        assert self.next_verification_at is not None
        verify_later(self.job_id, self.next_verification_at, self.post.user_id, self.network_name)

    def next_job(self, has_come: bool = False) -> list[Job]:
        """That of the first of the others due at its account; see `sql.next_at`."""
        return next_at(self.account, self.pk, has_come)
