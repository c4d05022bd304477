"""The first comment below a post: a row of its own, with states of its own. Whatever becomes of it,
its delivery stays sent."""

from datetime import datetime
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from publishing.states import CANCELED, DONE, FAILED, QUEUED, SENDING, SENT, STATES, UNCONFIRMED
from social.exporting import ExportPart
from social.jobs import enqueue
from social.leases import LeasedRow
from social.models.channel import ChannelState
from social.networks.messages import sentence
from social.reasons import Reason
from social.timing import ago

LEASE_SECONDS = 240  # at least twice what reading the comments and one create may take
UNFINISHED = (QUEUED, SENDING, UNCONFIRMED)
# Failed for want of what its person may give: then it is tried once more by itself, for a day.
WANTING = (
    Reason.COMMENT_PERMISSION,
    Reason.TOKEN_DEAD,
    Reason.APP_REMOVED,
    Reason.PASSWORD_CHANGED,
    Reason.CHECKPOINT,
    Reason.PAGE_ROLE,
    Reason.NOT_TICKED,
    Reason.TOKEN_UNREADABLE,
)
WANTING_SECONDS = 86_400
USABLE = (ChannelState.WORKS, ChannelState.INCOMPLETE)


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments by their state words."""

    def of(self, user: Any) -> Self:
        return self.filter(delivery__post__user=user)

    def with_all(self) -> Self:
        return self.select_related("delivery__post", "delivery__channel__connection")

    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED)

    def waiting_for_channel(self) -> Self:
        """For the user to resume or reconnect it."""
        return self.filter(state__in=(QUEUED, UNCONFIRMED), next_at=None)

    def wanting(self) -> Self:
        """Failed a while ago for want of a permission or of a connection."""
        lately = Q(finished_at__gt=ago(WANTING_SECONDS))
        return self.filter(lately, state=FAILED, reason__in=WANTING)

    def forgotten(self) -> Self:
        """Due, and whoever was woken for it should have come long ago."""
        return self.filter(state__in=(QUEUED, UNCONFIRMED), next_at__lt=ago(LEASE_SECONDS))


class Comment(LeasedRow):
    """What is written below the post of one delivery, once that is there."""

    delivery = models.OneToOneField(
        "publishing.Delivery", on_delete=models.PROTECT, related_name="comment"
    )
    text = models.TextField()
    state = models.CharField(max_length=12, default=QUEUED)
    reason = models.CharField(max_length=40, blank=True)  # a Reason
    refusal = models.CharField(max_length=40, blank=True)  # what counts if it proves absent
    detail = models.TextField(blank=True)  # what the network said: redacted, for staff
    next_at = models.DateTimeField(null=True, blank=True)  # empty: it waits for its channel
    attempt = models.PositiveIntegerField(default=0)  # the number of the latest one
    tries = models.PositiveSmallIntegerField(default=0)  # those that cost one
    # The latest attempt: when the create was about to leave, by the network's clock.
    begun_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveSmallIntegerField(default=0)  # at the comments there, for that one
    remote_id = models.CharField(max_length=320, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()
    export = ExportPart(
        "comments",
        "delivery__job_id text state reason next_at attempt remote_id created_at finished_at",
        owner="delivery__post__user",
    )
    lease_seconds = LEASE_SECONDS

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=UNFINISHED), name="comment_unfinished"
            ),
            # Which failed lately, for the sweep of notices.
            models.Index(fields=["state", "finished_at"], name="comment_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="comment_state_is_a_word"),
            models.CheckConstraint(
                condition=Q(state=SENT, remote_id__gt="") | (~Q(state=SENT) & Q(remote_id="")),
                name="comment_sent_means_remote_id",
            ),
        ]

    def __str__(self) -> str:
        return f"comment of {self.delivery_id}: {self.state}"

    @property
    def is_under_way(self) -> bool:
        """Whether a page that shows it does well to ask again: also while its user has just come
        back from the network, and what that allows by now is being read."""
        if self.wants_permission:
            return self.delivery.channel.awaits_its_token
        return self.state in UNFINISHED and (self.state == SENDING or self.next_at is not None)

    @property
    def is_due(self) -> bool:
        is_waiting = self.state in (QUEUED, UNCONFIRMED)
        return is_waiting and self.next_at is not None and self.next_at <= timezone.now()

    @property
    def may_be_retried(self) -> bool:
        return self.state == FAILED

    @property
    def wants_permission(self) -> bool:
        return self.state == FAILED and self.reason == Reason.COMMENT_PERMISSION

    @property
    def sentence(self) -> str:
        """Where it stands, for its user."""
        why = sentence(self.reason, self.delivery.channel.network.label)
        if self.state == FAILED:
            return gettext("Sent. The first comment failed: {why}").format(why=why)
        said = {
            QUEUED: gettext("The first comment is in line."),
            SENDING: gettext("The first comment is being sent."),
            SENT: gettext("The first comment is there."),
            UNCONFIRMED: gettext("The first comment may or may not be there: we are looking."),
            CANCELED: gettext("The first comment was canceled."),
        }[self.state]
        return f"{said} {why}" if why and self.state in (QUEUED, CANCELED) else said

    # ── what a person does ────────────────────────────────────────────────────────────────────
    def retry(self) -> bool:
        """After it failed: looked for before it is written again."""
        return self.move([FAILED], QUEUED, next_at=timezone.now(), tries=0)

    def drop(self) -> bool:
        """It failed, and is left at that."""
        return self.move([FAILED], CANCELED)

    # ── the one way to move ───────────────────────────────────────────────────────────────────
    def take(self) -> bool:
        """QUEUED → SENDING; or, in doubt, for one look. One worker has it until its lease ends."""
        if self.state == QUEUED:
            taken = {"state": SENDING, "attempt": self.attempt + 1, "begun_at": None}
            taken |= {"looks": 0, "refusal": ""}
            return self._update([QUEUED], "next_at", **taken, **self.new_lease(), next_at=None)
        until = self.new_lease()["lease_until"]
        return self._update([UNCONFIRMED], "next_at", next_at=until)

    def begin(self, at: datetime) -> bool:
        """The create is about to leave, if this attempt is still ours."""
        held = {"state": SENDING, "attempt": self.attempt, "lease_until__gt": timezone.now()}
        self.begun_at = at
        return bool(Comment.objects.filter(pk=self.pk, **held).update(begun_at=at))

    def mark_sent(self, remote_id: str) -> bool:
        """It is there. A late yes wins over what was assumed meanwhile."""
        states, was = [state for state in STATES if state != SENT], self.state
        with transaction.atomic():
            marked = self._update(states, remote_id=remote_id, **self._end(SENT))
            if marked and was == FAILED:
                self.delivery.post.sync_notices_later()
        return marked

    def move(self, states: list[str], to: str, **fields: Any) -> bool:
        """One conditional update of what is still as this one knows it: from one of `states`, in
        the same attempt, as far as that had come. Whether it happened; what has a next time then
        has a job."""
        if to in DONE:
            fields = {**self._end(to), **fields}
        else:
            fields = {"finished_at": None, **fields}
        with transaction.atomic():
            # A create that was about to leave meanwhile is seen by its time.
            known, was = ("attempt", "begun_at"), self.state
            moved = self._update(states, *known, **{"reason": "", "state": to, **fields})
            if moved and self.next_at is not None:
                self.wake()
            if moved and FAILED in (was, to):
                self.delivery.post.sync_notices_later()
        return moved

    def _end(self, to: str) -> dict[str, Any]:
        return {"state": to, "reason": "", "next_at": None, "finished_at": timezone.now()}

    def _update(self, states: list[str], *unchanged: str, **fields: Any) -> bool:
        known = {name: getattr(self, name) for name in unchanged}
        rows = Comment.objects.filter(pk=self.pk, state__in=states, **known)
        if not rows.update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True

    def wake(self) -> None:
        """Queue its job, at its next time."""
        delivery = self.delivery
        enqueue(
            "publishing.tasks.send_comment",
            self.pk,
            queue="publish",
            owner=delivery.post.user_id,
            run_after=self.next_at,
            network=delivery.network_name,
        )

    def wake_forgotten(self) -> None:
        """One of several that sweep wakes it."""
        now = timezone.now()
        with transaction.atomic():
            if self._update([self.state], "next_at", next_at=now):
                self.wake()


def first_comment_of(delivery: Any) -> str:
    """The comment that `delivery` has, in its words; empty where it has none. A network that takes
    none costs no statement here."""
    if not delivery.extras:
        return ""
    return delivery.extras.get(delivery.channel.network.first_comment, "")


def asks_for_comments(delivery: Any) -> bool:
    """Whether its network may have to be asked for a permission first: no comment has ever come
    through with this connection."""
    connection = delivery.channel.connection_id
    there = Comment.objects.filter(state=SENT, delivery__channel__connection=connection)
    return bool(delivery.channel.network.extra_permissions) and not there.exists()


def comment_later(delivery: Any) -> None:
    """Queue the first comment of a delivery that is sent, if it has one. The caller has just moved
    it, and holds its row: there is only ever one."""
    text = first_comment_of(delivery)
    if not text or Comment.objects.filter(delivery=delivery).exists():
        return
    comment = Comment(delivery=delivery, text=text, next_at=timezone.now())
    comment.save(force_insert=True)
    comment.wake()


def follow_channel(channel: Any, is_anew: bool = False) -> None:
    """What a change of `channel` means for comments there; `is_anew`: its user was at the network
    just now."""
    if not channel.network.first_comment:
        return
    rows = Comment.objects.with_all().filter(delivery__channel=channel)
    if channel.state == ChannelState.DISCONNECTED:
        for comment in rows.filter(state=QUEUED):
            comment.move([QUEUED], CANCELED, reason=Reason.CHANNEL_GONE)
    elif channel.state in USABLE:
        now = timezone.now()
        for comment in rows.waiting_for_channel():
            comment.move([comment.state], comment.state, next_at=now)
        for comment in rows.wanting() if is_anew else ():
            comment.retry()


def pass_on(comments: CommentQuerySet) -> None:
    """Wake what was forgotten, and what its channel came back for in the very moment in which it
    began to wait."""
    for comment in comments.with_all().forgotten():
        comment.wake_forgotten()
    channels = {comment.delivery.channel for comment in comments.with_all().waiting_for_channel()}
    for channel in channels:
        follow_channel(channel)
