"""Writing a first comment below its post, once: the comments there are read before each try, and a
lost answer is looked for until it is found or proven absent."""

from datetime import datetime

from django.utils import timezone

from publishing.database_errors import retry_on_database_error
from publishing.deliveries.matching import match_key
from publishing.deliveries.reconciling import PROOF_SECONDS
from publishing.deliveries.retrying import MOST_TRIES, pause, retry_delay
from publishing.states import CANCELED, FAILED, QUEUED, SENDING, UNCONFIRMED
from social.connections.tokens import channel_grant, fresh_grant
from social.models import CircuitBreaker
from social.models.channel import ChannelState
from social.networks.errors import (
    AuthorizationLost,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.networks.shapes import Found, Grant, Recent
from social.reasons import Reason
from social.timing import Window, delay

from .comment import USABLE, Comment, CommentQuerySet, pass_on

COMMENT_WINDOW_SECONDS = 60  # from the claim, within which the first byte of the create must leave
LOOK_AFTER_SECONDS = (5, 15, 60, 180, 360)  # and then every ten minutes
LOOK_EVERY_SECONDS = 600
MOST_LOOKS = 12
MOST_ATTEMPTS = 3  # that begin by themselves after one was proven absent
OF_COMMENTS: dict[str, str] = {
    Reason.PERMISSION_MISSING: Reason.COMMENT_PERMISSION,
    Reason.NOT_FOUND: Reason.POST_GONE,
}
BLOCKED_SECONDS = 600  # until it is asked again, where a breaker does not say until when


def claim(pk: int) -> Comment | None:
    """The comment, now ours to send or to look for; None when there is nothing to do (yet)."""
    comment = Comment.objects.with_all().filter(pk=pk).first()
    if comment is None:
        return None
    if comment.state == SENDING and comment.is_abandoned:
        release(comment)
    if not comment.is_due or defer_if_blocked(comment) or not comment.take():
        return None
    return comment


def release(comment: Comment) -> bool:
    """Its worker is gone: either the create was about to leave, or it was not."""
    now = timezone.now()
    if comment.begun_at is None:
        return comment.move([SENDING], QUEUED, next_at=now + retry_delay(comment.tries))
    return comment.move(
        [SENDING], UNCONFIRMED, reason=Reason.INTERRUPTED, next_at=next_look(0, now)
    )


def defer_if_blocked(comment: Comment) -> bool:
    """Whether its network must not be asked now. Then it has been moved to where it waits."""
    channel, state = comment.delivery.channel, comment.state
    if channel.state == ChannelState.DISCONNECTED and state == QUEUED:
        return comment.move([QUEUED], CANCELED, reason=Reason.CHANNEL_GONE)
    if channel.state == ChannelState.DISCONNECTED:
        return comment.move([UNCONFIRMED], FAILED, reason=Reason.CHANNEL_GONE_IN_DOUBT)
    if channel.state not in USABLE:
        reason = Reason.PAUSED if channel.state == ChannelState.PAUSED else Reason.RECONNECT
        return comment.move([state], state, reason=reason, next_at=None)
    closed = CircuitBreaker.objects.blocking(
        channel.account, channel.network_name, home=channel.home
    )
    if closed is None:
        return False
    again_at = closed.again_at(channel.account) or timezone.now() + delay(BLOCKED_SECONDS)
    return comment.move([state], state, reason=closed.reason, next_at=again_at)


class Commenter:
    """One attempt, or one look, of one comment that `claim` has made ours."""

    def __init__(self, comment: Comment) -> None:
        self.comment, self.delivery = comment, comment.delivery
        self.channel = comment.delivery.channel
        self.network = self.channel.network

    def run(self) -> None:
        """Whatever a network says is settled; raises only faults of ours, after they were written
        down as well."""
        if self.comment.state == SENDING:
            self.send()
        else:
            self.look()

    # ── Writing it ────────────────────────────────────────────────────────────────────────────
    def send(self) -> None:
        comment, window = self.comment, Window(COMMENT_WINDOW_SECONDS)
        try:
            grant = channel_grant(self.channel)
            remote_id = self.found_in(self.read(grant))
            if not remote_id:
                self.check_permission()
                if not comment.begin(self.server_time()):
                    return  # the lease ran out and somebody else has settled it
                with window:
                    remote_id = self.network.comment(
                        self.delivery.remote_id, self.channel.remote_id, comment.text, grant
                    )
        except NetworkError as error:
            self.mark_failed(error)
        except Exception as error:  # a fault of ours
            unexpected: NetworkError = TemporaryError(Reason.WORKER_GONE, repr(error))
            if comment.begun_at:
                unexpected = OutcomeUnknown(Reason.INTERRUPTED, repr(error))
            self.mark_failed(unexpected)
            raise
        else:
            retry_on_database_error(lambda: comment.mark_sent(remote_id))

    def check_permission(self) -> None:
        """Raises AuthorizationLost where its person has not allowed that; asked before, because a
        refused create proves nothing."""
        permission = self.network.extra_permissions.get(self.network.first_comment, "")
        if permission and not self.network.permits(
            permission, fresh_grant(self.channel.connection)
        ):
            raise AuthorizationLost(Reason.PERMISSION_MISSING, f"{permission} was not granted")

    def read(self, grant: Grant) -> Recent:
        """The comments below its post that its own account wrote, or may have written."""
        return self.network.comments(self.delivery.remote_id, self.channel.remote_id, grant)

    def found_in(self, there: Recent) -> str:
        """The id of the one that says this; empty where none does."""
        key = match_key(self.comment.text)
        return next((post.remote_id for post in there.posts if self.is_it(post, key)), "")

    def is_it(self, post: Found, key: str) -> bool:
        is_ours = post.author_id in ("", self.channel.remote_id)
        return is_ours and match_key(post.text) == key

    def server_time(self) -> datetime:
        return self.network.server_time(self.channel.home) or timezone.now()

    def mark_failed(self, error: NetworkError) -> None:
        retry_on_database_error(lambda: self.settle_failed(error))

    def settle_failed(self, error: NetworkError) -> None:
        """One decision for each kind of error."""
        comment, now = self.comment, timezone.now()
        reason, detail = reason_of(error), {"detail": error.detail}
        if isinstance(error, OutcomeUnknown) or reason == Reason.DUPLICATE:
            refusal = getattr(error, "refusal", None)
            refused_as = reason_of(refusal) if refusal else ""
            at = next_look(0, now)
            comment.move(
                [SENDING], UNCONFIRMED, reason=reason, refusal=refused_as, next_at=at, **detail
            )
        elif isinstance(error, AuthorizationLost | Rejected) or comment.tries + 1 >= MOST_TRIES:
            comment.move([SENDING], FAILED, reason=reason, **detail)
        else:
            at = now + retry_delay(comment.tries)
            if isinstance(error, RateLimited):
                at = max(now, error.until or now + pause(error, comment.tries))
            comment.move(
                [SENDING], QUEUED, reason=reason, next_at=at, tries=comment.tries + 1, **detail
            )

    # ── Looking for it ────────────────────────────────────────────────────────────────────────
    def look(self) -> None:
        """In doubt: is it there?"""
        try:
            there = self.read(channel_grant(self.channel))
        except NetworkError as error:
            self.mark_unread(error)
        except Exception as error:  # a fault of ours
            self.mark_unread(TemporaryError(Reason.UNREACHABLE, repr(error)))
            raise
        else:
            retry_on_database_error(lambda: self.settle_read(there))

    def mark_unread(self, error: NetworkError) -> None:
        retry_on_database_error(lambda: self.settle_unread(error))

    def settle_unread(self, error: NetworkError) -> None:
        if isinstance(error, Rejected):  # its post is gone, and so is whatever was below it
            self.comment.move([UNCONFIRMED], FAILED, reason=reason_of(error), detail=error.detail)
        else:
            self.look_again(Reason.CANNOT_LOOK_AWAY, error.detail)

    def settle_read(self, there: Recent) -> None:
        comment = self.comment
        if remote_id := self.found_in(there):
            comment.mark_sent(remote_id)
        elif not self.is_proof(there):
            self.look_again(comment.reason if there.complete else Reason.TOO_MANY_THERE)
        elif comment.refusal:
            comment.move([UNCONFIRMED], FAILED, reason=comment.refusal)
        elif comment.attempt >= MOST_ATTEMPTS:
            comment.move([UNCONFIRMED], FAILED, reason=Reason.ABSENT_AGAIN)
        else:
            comment.move([UNCONFIRMED], QUEUED, reason=Reason.ABSENT, next_at=timezone.now())

    def is_proof(self, there: Recent) -> bool:
        """Whether what is not shown now is not there: all was read, long enough after."""
        begun = self.comment.begun_at
        return begun is not None and there.complete and there.at - begun >= delay(PROOF_SECONDS)

    def look_again(self, reason: str, detail: str = "") -> None:
        comment, looks = self.comment, self.comment.looks + 1
        if looks >= MOST_LOOKS:
            comment.move([UNCONFIRMED], FAILED, reason=reason, detail=detail)
            return
        at = next_look(looks, timezone.now())
        known = {"reason": comment.reason, "looks": looks, "next_at": at}
        comment.move([UNCONFIRMED], UNCONFIRMED, **known)


def next_look(looks: int, now: datetime) -> datetime:
    """After so many looks that did not settle it."""
    waits = LOOK_AFTER_SECONDS
    return now + delay(waits[looks] if looks < len(waits) else LOOK_EVERY_SECONDS)


def reason_of(error: NetworkError) -> str:
    """Why it is not there, in the words of a comment."""
    return OF_COMMENTS.get(error.reason, error.reason)


def sweep(comments: CommentQuerySet) -> None:
    """Settle what dead workers left behind, and wake what was forgotten."""
    if not comments.exists():
        return
    for comment in comments.with_all().filter(state=SENDING):
        if comment.is_abandoned:
            release(comment)
    pass_on(comments)
