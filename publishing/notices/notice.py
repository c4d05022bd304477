"""A notice: what a person has to know about a post or a connection, once for each cause."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone

from social.exporting import ExportPart
from social.jobs import JobRequest, enqueue, enqueue_many
from social.models import Channel, CircuitBreaker, Connection
from social.models.circuit_breaker import CREDITS
from social.people import AnyUser
from social.timing import from_now

from .kinds import (
    ABOUT_POSTS,
    FAILED_COMMENT,
    NOTICE_KINDS,
    PLACED_ANEW,
    QUESTIONS,
    STOPPED,
    TROUBLE,
)
from .mail_times import mail_time
from .notice_text import NoticeText, notice_text

UNREAD_COUNTED = 100  # by the bell
NOTICES_PER_SWEEP = 1_000
SWEEP_EVERY_SECONDS = 300
COMMENT_VERBS = ("retry", "drop")
OVER = Q(resolved_at__isnull=False) | Q(dismissed_at__isnull=False) & ~Q(kind__in=QUESTIONS)


class NeededNotices(NamedTuple):
    """The first of them, and whether there are more."""

    shown: list["Notice"]
    more: bool


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by whom they are for and whether they are settled."""

    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def open(self) -> Self:
        """Its cause is still there."""
        return self.filter(resolved_at=None)

    def unread(self) -> Self:
        return self.open().filter(read_at=None, dismissed_at=None)

    def unread_by(self, user: AnyUser) -> int:
        """For the bell on every page: no count goes far."""
        return self.of(user).unread().order_by()[:UNREAD_COUNTED].count()

    def needed(self) -> Self:
        """What its user has to settle. A question does not go away by being dismissed."""
        return self.open().filter(Q(dismissed_at=None) | Q(kind__in=QUESTIONS))

    def waiting_posts(self, user: Any) -> int:
        """How many posts wait for `user`, for the side bar: no count goes far."""
        return self.of(user).needed().filter(post__isnull=False).order_by()[:UNREAD_COUNTED].count()

    def over(self) -> Self:
        """Settled or dismissed; a question is not over before it is settled."""
        return self.filter(OVER)

    def open_first(self) -> Self:
        past = Case(When(OVER, then=1), default=0, output_field=models.SmallIntegerField())
        return self.annotate(past=past).order_by("past", "-raised_at", "-id")

    def unmailed(self) -> Self:
        """To be told by mail at `mail_at`, if its user does not read it before."""
        return self.unread().filter(mail_at__isnull=False)

    def with_all(self) -> Self:
        return self.select_related("user__profile", "post", "connection").prefetch_related(
            "post__deliveries__channel__connection", "connection__channels"
        )

    def needing(self, user: AnyUser, most: int) -> "NeededNotices":
        """The latest of what `user` has to settle."""
        rows = list(Notice.objects.of(user).needed().with_all()[: most + 1])
        return NeededNotices([row for row in rows if row.is_true][:most], len(rows) > most)

    # ── what a person does ────────────────────────────────────────────────────────────────────
    def mark_read(self) -> int:
        return self.filter(read_at=None).update(read_at=timezone.now())

    def dismiss(self) -> int:
        """Seen, and not to be shown any more."""
        self.mark_read()
        return self.filter(dismissed_at=None).update(dismissed_at=timezone.now())

    # ── what workers do ───────────────────────────────────────────────────────────────────────
    def mark_resolved(self) -> int:
        return self.open().update(resolved_at=timezone.now(), mail_at=None)

    def prune(self) -> int:
        """Forget what has been over for long; never what waits for somebody."""
        long_ago = timezone.now() - timedelta(days=settings.KEEP_NOTICES)
        old = self.over().filter(Q(resolved_at__lt=long_ago) | Q(dismissed_at__lt=long_ago))
        few = old.order_by("pk").values_list("pk", flat=True)[:NOTICES_PER_SWEEP]
        return self.filter(pk__in=list(few)).delete()[0]

    def reschedule_mail(self, person: User) -> int:
        """The user wishes it otherwise from now on."""
        unmailed = self.unread().filter(mailed_at=None).exclude(kind__in=(STOPPED, PLACED_ANEW))
        return unmailed.update(mail_at=mail_time(person, timezone.now()))

    def mail_soon_later(self, times: Mapping[int, datetime | None]) -> None:
        """A job for every person whose mail is due before the next sweep, at its time."""
        soon = from_now(SWEEP_EVERY_SECONDS)
        enqueue_many(
            JobRequest("publishing.tasks.mail_notices", user_id, owner=user_id, run_after=at)
            for user_id, at in times.items()
            if at and at < soon
        )

    def mail_later(self) -> None:
        """A job for every person whose mail is due."""
        due = self.unmailed().filter(mail_at__lte=timezone.now())
        people = due.order_by().values_list("user", flat=True).distinct()[:NOTICES_PER_SWEEP]
        for user_id in list(people):
            enqueue("publishing.tasks.mail_notices", user_id, owner=user_id)


class Notice(models.Model):
    """One row for each time that a cause appears. `key` names the cause among its user's: two
    workers that see it at once make one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=360)
    post = models.ForeignKey("publishing.Post", on_delete=models.CASCADE, null=True, blank=True)
    connection = models.ForeignKey(
        "social.Connection", on_delete=models.CASCADE, null=True, blank=True
    )
    network_name = models.CharField(max_length=20, blank=True, db_column="network")
    reason = models.CharField(max_length=40, blank=True)  # a Reason
    count = models.PositiveIntegerField(default=1)  # deliveries in it, or posts that wait for it
    due_at = models.DateTimeField(null=True, blank=True)  # of the first post that waits for it
    raised_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    mail_at = models.DateTimeField(null=True, blank=True)  # empty: not, or not any more
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()
    export = ExportPart(
        "notices",
        "kind post__public_id connection_id network_name reason count raised_at read_at "
        "dismissed_at resolved_at mailed_at",
    )

    class Meta:
        ordering = ["-raised_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-raised_at"], name="notice_of_user"),
            models.Index(
                fields=["user"],
                condition=Q(resolved_at=None, read_at=None, dismissed_at=None),
                name="notice_unread",
            ),
            models.Index(
                fields=["mail_at"], condition=Q(mail_at__isnull=False), name="notice_to_mail"
            ),
            models.Index(fields=["kind"], condition=Q(resolved_at=None), name="notice_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], condition=Q(resolved_at=None), name="notice_once_a_cause"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=NOTICE_KINDS), name="notice_kind_is_a_word"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} for {self.user}"

    def get_absolute_url(self) -> str:
        return self.text.url

    @property
    def is_new(self) -> bool:
        return self.read_at is None and not self.is_over

    @property
    def is_question(self) -> bool:
        return self.kind in QUESTIONS

    @property
    def is_over(self) -> bool:
        return bool(self.resolved_at or (self.dismissed_at and not self.is_question))

    @property
    def deliveries(self) -> list[Any]:
        """Those of its post that are still in that trouble."""
        rows = self.post.deliveries.all() if self.post else []
        if self.kind == FAILED_COMMENT:
            return [row for row in rows if row.lacks_comment]
        return [row for row in rows if (row.state, row.waiting_for) == TROUBLE.get(self.kind)]

    @property
    def is_true(self) -> bool:
        """Whether it is still so: a person may have settled it a moment ago."""
        if self.connection and self.kind not in (STOPPED, PLACED_ANEW):
            return bool(
                self.connection.blocked_reason
                or any(c.blocked_reason for c in self.connection.chosen)
            )
        return self.kind not in ABOUT_POSTS or bool(self.deliveries)

    @property
    def text(self) -> NoticeText:
        """In words: what it is, why, and where to look."""
        return notice_text(self)

    def act(self, verb: str) -> int:
        """A person settles all of it at once: `retry`, also for what is held, or `drop`. To how
        many it happened; each one may have changed meanwhile."""
        if self.kind == FAILED_COMMENT:
            rows = self.deliveries if verb in COMMENT_VERBS else []
            return sum(getattr(row.comment, verb)() for row in rows)
        drops = {"asked": "drop", "held": "cancel"}
        method = {"retry": "retry", "drop": drops.get(self.kind, "")}.get(verb)
        if not method or (verb == "retry" and self.kind == "asked"):
            return 0  # nobody has looked whether it is there
        return sum(getattr(delivery, method)() for delivery in self.deliveries)


def sync_connection_later(connection: Connection, channel: Channel) -> None:
    """What its user has to know about a connection may have changed."""
    is_open = Notice.objects.open().filter(connection=connection).exists()
    if not (is_open or connection.blocked_reason or channel.blocked_reason or channel.stopped_at):
        return
    note_connection_later(connection)


def note_connection_later(connection: Connection) -> None:
    enqueue("publishing.tasks.note_connection", str(connection.pk), owner=connection.user_id)


def sync_credits_later(breaker: CircuitBreaker) -> None:
    """Whoever runs the instance has to add credits; what else closes a network ends by itself, or
    they have closed it."""
    if breaker.kind == CREDITS:
        enqueue("publishing.tasks.note_credits")
