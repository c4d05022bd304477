"""A worker's steps with one delivery: take, write ahead, send once, write down what came of it."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from publishing.database_errors import insist
from publishing.deliveries.reconciling import DUPLICATE, SEND_DEADLINE, first_look
from publishing.deliveries.retrying import LATE, Decision, backoff, decide
from publishing.states import CHANNEL_GONE, QUEUED, SENDING, SENT, STATES, UNCONFIRMED
from social.disk import unsynced
from social.holding import this_process
from social.models import Closure
from social.networks.errors import (
    AuthorizationLost,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    TemporaryError,
)
from social.networks.shapes import Published
from social.timing import Window, delay

from ..posts.contents import length_at
from ..sql import add, update
from .attempt import TAKEN, Attempt
from .outages import close_for
from .queries import LEASE
from .turns import DUE, nobody_ahead, stored, words
from .uploads import Uploading

# Seconds from the claim within which the first byte must leave; the call has its own deadline.
SEND_WINDOW = 30


class Sending(Uploading):
    """The part of a delivery that workers call."""

    class Meta:
        abstract = True

    def set_aside(self) -> bool:
        """Whether it must not be sent now: it is there, or may be, its channel cannot, or it is
        late."""
        yes = self.attempt and self.attempts.unsettled().first()
        if yes:  # written down by a worker that was gone before it said so here
            self._settle_sent(yes.published)
            return True
        state = self.channel.state
        if state == "disconnected":
            return self.cancel(CHANNEL_GONE)
        if state == "paused":
            return self._wait("paused", "paused")
        if state in ("reconnect", "offered"):
            reason = self.channel.trouble or self.channel.connection.trouble
            return self._wait("reconnect", reason or "reconnect")
        closed = Closure.objects.over(self.account, self.network_name)
        if closed:
            return self._wait(closed.kind, closed.reason, closed.again_at(self.account))
        if self.doubted_since:
            return self.doubt_after_silence()
        if timezone.now() - self.due_at > delay(LATE):
            return self._wait("held", "late")
        return False

    def _wait(self, waiting_for: str, reason: str, until: datetime | None = None) -> bool:
        return self._move(
            [QUEUED],
            QUEUED,
            unchanged=("attempt", "due_at"),
            waiting_for=waiting_for,
            reason=reason,
            next_attempt_at=until,
        )

    def take(self) -> bool:
        """QUEUED → SENDING, if it is this one's turn at its account. On the disk it is at the
        latest with the attempt, before the first byte."""
        with unsynced():
            # Looked at again once it says that it waits: who finishes just before does not see it.
            return self._take() or (self._wait_for_turn() and self._take())

    def _take(self) -> bool:
        now = timezone.now()
        taken = {"state": SENDING, "waiting_for": "", "reason": "", "attempt": self.attempt + 1}
        taken |= {"lease_until": now + delay(LEASE), "worker": this_process()}
        known = {"id": self.pk, "attempt": self.attempt, "state": QUEUED}
        turn, given = nobody_ahead(self.account, self.due_at, self.pk)
        try:
            # One statement is a transaction of its own; within another one it must not spoil that.
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                if update(type(self), taken, known, f"{DUE} AND {turn}", [stored(now), *given]):
                    self._set(taken)
                    return True
        except IntegrityError:
            pass  # another one is being sent to this account
        return False

    def _wait_for_turn(self) -> bool:
        """Say so, that whoever is ahead wakes it. Whether it is still there to wait."""
        waits = {"waiting_for": "turn", "reason": "turn"}
        if self.waiting_for == "turn":
            return True
        known = {"id": self.pk, "attempt": self.attempt, "state": QUEUED}
        return bool(update(type(self), waits, known, DUE, [stored(timezone.now())]))

    def read_again(self) -> None:
        """Now that it is ours: its person may have edited it a moment ago."""
        self.text, self.post.text, self.post.picture_count = words(self.pk)

    def send(self) -> None:
        """Send it once and write down what came of it."""
        window, attempt, self.begun_at = Window(SEND_WINDOW), None, timezone.now()
        try:
            self._check_length()
            token = self.channel.token()
            media_ids = self.upload_pictures(token, window)
            attempt = self._write_ahead(media_ids)
            if attempt is None:
                return  # the lease ran out and somebody else has settled it
            if not window.left:
                raise TemporaryError("too_slow_here")
            with window:  # a machine that falls asleep here must not post when it wakes
                published = self.channel.network.publish(
                    self.channel.remote_id, self.channel.handle, token, attempt.text, media_ids
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
        length = length_at([self.channel], self.content)
        if length.used > length.limit:
            raise Rejected("too_long")
        if not length.used and not self.says_enough:
            raise Rejected("empty")

    def _write_ahead(self, media_ids: Sequence[str] = ()) -> Attempt | None:
        """The attempt, committed before the first byte; None when the lease is no longer ours."""
        with transaction.atomic():
            now = timezone.now()
            ours = {"id": self.pk, "attempt": self.attempt, "state": SENDING}
            longer = {"lease_until": now + delay(LEASE)}
            if not update(type(self), longer, ours, "lease_until > %s", [stored(now)]):
                return None
            attempt = Attempt(delivery=self, number=self.attempt, worker=self.worker)
            attempt.text, attempt.media_ids = self.content, list(media_ids)
            attempt.their_time = self.channel.network.time_there()
            add(attempt)
            return attempt

    def mark_sent(self, published: Published, attempt: Attempt) -> None:
        """The network said yes: attempt and delivery say so at once. Where that cannot be, the id
        is saved by itself; nothing may undo it. It is on the disk at the latest with the end of its
        job: should the power fail before, the attempt in doubt is looked up, and found."""
        try:
            with unsynced():
                insist(lambda: self._settle_sent(published, attempt))
        except Exception:
            insist(lambda: attempt.close_sent(published))
            raise

    def _settle_sent(self, published: Published, attempt: Attempt | None = None) -> bool:
        """`attempt`, if it does not say so already."""
        try:
            with transaction.atomic():
                if attempt:
                    attempt.close_sent(published)
                # A late yes wins over what was assumed of this delivery meanwhile.
                return self._move(
                    [state for state in STATES if state != SENT],
                    SENT,
                    remote_id=published.remote_id,
                    remote_url=published.url,
                )
        except IntegrityError:
            if attempt:
                attempt.close_sent(published)
            return self._ask_whose(published)

    def _ask_whose(self, published: Published) -> bool:
        """Another delivery, in doubt about the same words, took our post for its own: which of the
        two lacks one, only their person can say. An answer to that is not asked about again."""
        with transaction.atomic():
            asked = self._move(
                [QUEUED, SENDING, UNCONFIRMED], UNCONFIRMED, waiting_for="person", reason=TAKEN
            )
            if asked:
                yes = self.attempts.filter(outcome="sent", remote_id=published.remote_id)
                yes.update(reason=TAKEN)
            return asked

    def mark_failed_to_send(self, error: NetworkError, attempt: Attempt | None) -> None:
        """Write down what went wrong and move on by the one decision for its kind."""
        insist(lambda: self._settle_failed(error, attempt, self._decide(error)))

    def _decide(self, error: NetworkError) -> Decision:
        now = timezone.now()
        if isinstance(error, AuthorizationLost):
            return self._decide_authorization(error, now)
        if isinstance(error, OutcomeUnknown) and isinstance(error.refusal, AuthorizationLost):
            self._decide_authorization(error.refusal, now)  # for what else would go there
        closed = close_for(error, self.network_name, self.account, self.pk)
        if closed and not isinstance(error, OutcomeUnknown):
            again_at = closed.again_at(self.account)
            return Decision(QUEUED, closed.reason, closed.kind, again_at)
        in_doubt = error.reason == DUPLICATE and self._is_in_doubt()
        return decide(error, self.tries, self.attempt, in_doubt, now)

    def _is_in_doubt(self) -> bool:
        """Whether an earlier attempt may have landed."""
        return self.attempts.in_doubt().exclude(number=self.attempt).exists()

    def _decide_authorization(self, error: AuthorizationLost, now: datetime) -> Decision:
        """A refused access token may only have ended early: renew it and come back, once."""
        connection = self.channel.connection
        # Made anew by its person while this was on its way: the refusal was of the old grant.
        is_new = self.channel.read_grant_again()
        if self.channel.awaits_its_token:
            later = now + backoff(self.tries)
            return Decision(QUEUED, error.reason, "backoff", later, costs_a_try=True)
        if is_new or (
            error.reason == "token_dead" and connection.may_be_renewed(since=self.begun_at)
        ):
            return Decision(QUEUED, error.reason, "backoff", now, costs_a_try=True)
        (self.channel if error.place_only else connection).mark_lost(error.reason)
        return decide(error, self.tries, self.attempt, False, now)

    def _settle_failed(
        self, error: NetworkError, attempt: Attempt | None, decision: Decision
    ) -> None:
        with transaction.atomic():
            # None: it failed before its attempt was written, or in the moment of writing it.
            attempt = attempt or self.attempts.filter(number=self.attempt).first()
            attempt = attempt or Attempt(delivery=self, number=self.attempt, text=self.content)
            attempt.their_time = attempt.their_time or self._began_there(attempt)
            attempt.close_failed(error)
            self._move(
                [SENDING],
                decision.state,
                unchanged=("attempt",),
                waiting_for=decision.waiting_for,
                reason=decision.reason,
                next_attempt_at=decision.next_attempt_at,
                next_look_at=decision.next_look_at,
                tries=self.tries + decision.costs_a_try,
            )

    def _began_there(self, attempt: Attempt) -> datetime | None:
        """When this process had never heard the network before: by what its answer says of now."""
        took = min(max(timezone.now() - attempt.started_at, delay(0)), delay(SEND_DEADLINE))
        at = self.channel.network.time_there()
        return at and at - took

    def release(self) -> bool:
        """Its worker is gone. Without an attempt nothing left; with one we do not know, unless
        the yes was written down just before."""
        with transaction.atomic():
            attempt = self.attempts.select_for_update().filter(number=self.attempt).first()
            if attempt is None:
                return self._release_unsent()
            if attempt.outcome == "sent":
                return self._settle_sent(attempt.published)
            moved = self._move(
                [SENDING],
                UNCONFIRMED,
                unchanged=("attempt", "lease_until"),
                reason="interrupted",
                next_look_at=timezone.now() + first_look("interrupted"),
            )
            if moved:
                attempt.close_unknown("interrupted")
            return moved

    def _release_unsent(self) -> bool:
        gone = TemporaryError("worker_gone")
        again = decide(gone, self.tries, self.attempt, False, timezone.now())
        # A worker that writes its attempt in this moment renews the lease: then it stays.
        return self._move(
            [SENDING],
            again.state,
            unchanged=("attempt", "lease_until"),
            waiting_for=again.waiting_for,
            reason=again.reason,
            next_attempt_at=again.next_attempt_at,
            tries=self.tries + 1,
        )
