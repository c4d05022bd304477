"""Notices are kept in step with what is so: a cause that appeared raises one; when it is gone, so
is its notice.

They are never raised by an event alone. What an event wakes (a job), and what the sweep does every
few minutes, is to look at the rows of deliveries and connections again; so a lost job loses no
notice, and a doubled one doubles none.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.utils import timezone

from publishing.deliveries.delivery import Delivery
from publishing.deliveries.queryset import DeliveryQuerySet
from publishing.states import CANCELED, FAILED, QUEUED
from social.models import Channel, CircuitBreaker, Connection
from social.models.circuit_breaker import CREDITS, scope_of
from social.reasons import Reason

from .kinds import (
    ABOUT_POSTS,
    CONNECTION_LOST,
    FAILED_COMMENT,
    PLACED_ANEW,
    PLACES,
    STOPPED,
    TROUBLE,
)
from .mail_times import mail_time
from .notice import Notice

TOLD_FOR = timedelta(days=7)  # nobody is told of a failure that is older than that
POSTS_PER_SWEEP = 1_000
CHANGING = ("count", "reason", "due_at")  # while a cause lasts


@dataclass(frozen=True)
class Cause:
    """Something that one user has to know."""

    user_id: int
    kind: str
    about: str  # the id of what it is about
    count: int = 0
    reason: str = ""
    post_id: int | None = None
    connection_id: Any = None
    network_name: str = ""
    due_at: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.about}"


def sync_notices() -> None:
    """All of everybody's."""
    for kind in ABOUT_POSTS:
        sync_posts(posts_without_notice(kind))
        resolve_posts(kind)
    sync_connections()
    sync_credits()


# ── Posts ─────────────────────────────────────────────────────────────────────────────────────
def in_trouble(kind: str) -> Any:
    """The deliveries that a notice of this kind is about."""
    if kind == FAILED_COMMENT:
        return Delivery.objects.filter(comment__state=FAILED)
    state, waiting_for = TROUBLE[kind]
    rows = Delivery.objects.filter(state=state, waiting_for=waiting_for)
    return rows.filter(next_attempt_at=None) if state == QUEUED else rows


def posts_without_notice(kind: str) -> list[int]:
    """Posts in this trouble that have no notice of it."""
    notices = Notice.objects.open().filter(post=OuterRef("post"), kind=kind)
    rows = in_trouble(kind).filter(~Exists(notices), post__user__is_active=True)
    lately = timezone.now() - TOLD_FOR
    if kind == "failed":
        rows = rows.filter(finished_at__gt=lately)
    elif kind == FAILED_COMMENT:
        rows = rows.filter(comment__finished_at__gt=lately)
    # DISTINCT would make SQLite read every delivery there is, in the order of their posts.
    return list({*rows.order_by().values_list("post", flat=True)[:POSTS_PER_SWEEP]})


def resolve_posts(kind: str) -> None:
    """Settle the notices of this kind whose cause is gone."""
    here = in_trouble(kind).filter(post=OuterRef("post"))
    Notice.objects.open().filter(~Exists(here), kind=kind).mark_resolved()


def sync_posts(posts: Collection[int]) -> None:
    """All notices about these posts."""
    if posts:
        known = Notice.objects.open().filter(post__in=posts, kind__in=ABOUT_POSTS)
        sync([cause for kind in ABOUT_POSTS for cause in causes_at(kind, posts)], known)


def causes_at(kind: str, posts: Collection[int]) -> Iterable[Cause]:
    """What the users of these posts have to know of this kind."""
    rows = in_trouble(kind).filter(post__in=posts, post__user__is_active=True).order_by()
    reason = "comment__reason" if kind == FAILED_COMMENT else "reason"
    by_post = rows.values("post", "post__user").annotate(
        many=Count("pk"), why=Min(reason), first=Min("network_name")
    )
    for row in by_post:
        yield Cause(
            user_id=row["post__user"],
            kind=kind,
            about=str(row["post"]),
            count=row["many"],
            reason=row["why"],
            post_id=row["post"],
            network_name=row["first"],
        )


# ── Connections ───────────────────────────────────────────────────────────────────────────────
def sync_connections(ids: Collection[Any] | None = None) -> None:
    """Grants and places that the networks no longer accept: of these, or of everybody."""
    cut_off = Channel.objects.chosen().filter(connection=OuterRef("pk"), blocked_reason__gt="")
    rows = Connection.objects.connected().filter(user__is_active=True)
    rows = rows.filter(Q(blocked_reason__gt="") | Exists(cut_off))
    known = Notice.objects.open().filter(kind__in=(CONNECTION_LOST, PLACES))
    if ids is not None:
        rows, known = rows.filter(pk__in=ids), known.filter(connection__in=ids)
    lost = list(rows.prefetch_related("channels"))
    posts = posts_waiting_for(lost)
    sync([cause_of(row, *posts.get(row.pk, (0, None))) for row in lost], known)
    sync_stopped(ids)
    sync_placed_anew(ids)


def sync_stopped(ids: Collection[Any] | None = None) -> None:
    """What does not go out because its user stopped using a channel, until its time comes."""
    lost = Delivery.objects.filter(state=CANCELED, reason=Reason.CHANNEL_GONE)
    lost = lost.filter(finished_at__gte=F("channel__stopped_at"), due_at__gt=timezone.now())
    sync_rows(STOPPED, lost, ids)


def sync_placed_anew(ids: Collection[Any] | None = None) -> None:
    """What has another posting time than it was given first, until it goes out or is moved."""
    placed = Delivery.objects.filter(reason=Reason.PLACED_ANEW, state=QUEUED)
    sync_rows(PLACED_ANEW, placed, ids)


def sync_rows(kind: str, rows: DeliveryQuerySet, ids: Collection[Any] | None) -> None:
    """One notice a connection, with how many posts these deliveries are, and the first's time."""
    rows = rows.filter(post__user__is_active=True)
    known = Notice.objects.open().filter(kind=kind)
    if ids is not None:
        rows, known = rows.filter(channel__connection__in=ids), known.filter(connection__in=ids)
    names = ("channel__connection", "channel__connection__network_name", "post__user")
    by_connection = (
        rows.order_by()
        .values(*names)
        .annotate(many=Count("post", distinct=True), first=Min("due_at"))
    )
    sync(
        [
            Cause(
                user_id=row["post__user"],
                kind=kind,
                about=str(row["channel__connection"]),
                count=row["many"],
                connection_id=row["channel__connection"],
                network_name=row["channel__connection__network_name"],
                due_at=row["first"],
            )
            for row in by_connection
        ],
        known,
    )


def cause_of(connection: Connection, posts: int, due_at: datetime | None) -> Cause:
    """What its user has to know about a connection that is cut off, with so many posts."""
    reasons = [connection.blocked_reason, *(c.blocked_reason for c in connection.chosen)]
    return Cause(
        user_id=connection.user_id,
        kind=CONNECTION_LOST if connection.blocked_reason else PLACES,
        about=str(connection.pk),
        count=posts,
        due_at=due_at,
        reason=next(filter(None, reasons)),
        connection_id=connection.pk,
        network_name=connection.network_name,
    )


def posts_waiting_for(connections: list[Connection]) -> dict[Any, tuple[int, datetime]]:
    """How many posts cannot go out, of those that are queued, and the first's time: by
    connection."""
    stopped = [
        channel
        for connection in connections
        for channel in connection.chosen
        if connection.blocked_reason or channel.blocked_reason
    ]
    queued = Delivery.objects.queued().filter(
        account__in={channel.account for channel in stopped}, channel__in=stopped
    )
    counted = (
        queued.order_by()
        .values("channel__connection")
        .annotate(many=Count("post", distinct=True), first=Min("due_at"))
    )
    return {row["channel__connection"]: (row["many"], row["first"]) for row in counted}


# ── Credits ───────────────────────────────────────────────────────────────────────────────────
def sync_credits() -> None:
    """Whoever runs the instance is told once for a network, or a home, however many posts wait."""
    closed = CircuitBreaker.objects.tripped().of_networks().filter(kind=CREDITS)
    by_scope = {breaker.scope: breaker for breaker in closed}
    networks = {breaker.network_name for breaker in closed}
    waiting = Delivery.objects.queued().filter(waiting_for=CREDITS, network_name__in=networks)
    homes = waiting.order_by().values_list("network_name", "channel__connection__home")
    counted = homes.annotate(Count("post", distinct=True))
    posts = {scope_of(network, home): count for network, home, count in counted}
    staff = get_user_model().objects.filter(is_active=True, is_staff=True) if by_scope else []
    sync(
        [
            Cause(
                user_id=person.pk,
                kind=CREDITS,
                about=scope,
                count=posts.get(scope, 0),
                reason=breaker.reason,
                network_name=breaker.network_name,
            )
            for person in staff
            for scope, breaker in by_scope.items()
        ],
        Notice.objects.open().filter(kind=CREDITS),
    )


# ── From causes to notices ───────────────────────────────────────────────────────────
def sync(causes: Iterable[Cause], known: Iterable[Notice]) -> None:
    """Raise what is not among `known`, the open notices about the same things; say what changed;
    resolve the rest."""
    now = {(cause.user_id, cause.key): cause for cause in causes}
    before = {(notice.user_id, notice.key): notice for notice in known}
    gone = [notice.pk for name, notice in before.items() if name not in now]
    if gone:
        Notice.objects.filter(pk__in=gone).mark_resolved()
    raise_notices([cause for name, cause in now.items() if name not in before])
    for name in now.keys() & before.keys():
        change(before[name], now[name])


def change(notice: Notice, cause: Cause) -> None:
    """Say on a notice that its cause has grown, or has another reason."""
    fields: dict[str, Any] = {name: getattr(cause, name) for name in CHANGING}
    if all(getattr(notice, name) == value for name, value in fields.items()):
        return
    if cause.post_id and cause.count > notice.count:  # more of it failed since it was seen
        fields |= {"read_at": None, "dismissed_at": None}
    Notice.objects.open().filter(pk=notice.pk).update(**fields)


def raise_notices(causes: list[Cause]) -> None:
    """One insert; what another worker has raised a moment ago stays as it is."""
    if not causes:
        return
    users = (
        get_user_model()
        .objects.select_related("profile")
        .in_bulk({cause.user_id for cause in causes})
    )
    now = timezone.now()
    mail_at = {user_id: mail_time(user, now) for user_id, user in users.items()}
    Notice.objects.bulk_create(
        [
            Notice(
                user_id=cause.user_id,
                kind=cause.kind,
                key=cause.key,
                post_id=cause.post_id,
                connection_id=cause.connection_id,
                network_name=cause.network_name,
                reason=cause.reason,
                count=cause.count,
                due_at=cause.due_at,
                raised_at=now,
                # What they have done themselves was answered where they did it.
                mail_at=None if cause.kind in (STOPPED, PLACED_ANEW) else mail_at[cause.user_id],
            )
            for cause in causes
            if cause.user_id in users
        ],
        ignore_conflicts=True,
    )
    Notice.objects.mail_soon_later(mail_at)
