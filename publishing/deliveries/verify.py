"""A worker's steps with a delivery in doubt: look at the account's own timeline, and believe it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django_q.brokers import get_broker

from publishing.database_errors import insist
from publishing.deliveries import reconciling
from publishing.deliveries.reconciling import (
    ABSENT,
    AGAIN,
    ASK,
    AT_ONCE,
    FOUND,
    REFUSED,
    SEEN,
    Doubt,
    Verdict,
)
from publishing.states import CANCELED, FAILED, QUEUED, SENT, UNCONFIRMED
from social.models import Closure
from social.networks.errors import AuthorizationLost, NetworkError, TemporaryError
from social.networks.shapes import Found, Published, Recent
from social.timing import delay

from .attempt import Attempt
from .confirming import CLAIMED, Confirming
from .owning import names_of
from .verification import Look

AWAY = "away"  # the reason to doubt what no attempt of ours speaks of
Attempts = list[Attempt | None]
STILL = ("attempt", "next_look_at")  # nobody else has looked or decided meanwhile


class Looking(Confirming):
    """The part of a delivery that looks it up."""

    class Meta:
        abstract = True

    @property
    def is_looking(self) -> bool:
        return self.state == UNCONFIRMED and self.next_look_at is not None

    def look_up_later(self) -> None:
        broker = get_broker("publish")
        broker.run_after, broker.network = self.next_look_at, self.network_name
        broker.queue(
            "publishing.tasks.look_up_delivery", str(self.job_id), f"user:{self.post.user_id}"
        )

    def look_now(self) -> bool:
        """Sooner than planned, by a person; the proof takes its time all the same."""
        return self.is_looking and self._look_again(timezone.now())

    def take_look(self) -> bool:
        """One worker looks at a time; when it is gone, another one looks after LOOK_LEASE."""
        until = timezone.now() + delay(reconciling.LOOK_LEASE)
        mine = type(self)._default_manager.looking().filter(pk=self.pk, attempt=self.attempt)
        if not mine.filter(next_look_at=self.next_look_at).update(
            next_look_at=until, woken_at=timezone.now()
        ):
            return False
        self.next_look_at = until
        return True

    def look(self) -> None:
        """Look once and write down what came of it."""
        self.begun_at = timezone.now()
        attempts, doubts = self._doubts()
        if self.channel.state == "disconnected":
            self.ask("channel_gone_in_doubt")
        elif not doubts and not self.claimed_id:
            self._settle_answered()
        elif not self._wait_for_network(doubts):
            self.check_claim() if self.claimed_id else self._look_for(attempts, doubts)

    def _wait_for_network(self, doubts: Sequence[Doubt]) -> bool:
        """Whether it is known to be closed: nobody asks in vain, but for whom it takes too long."""
        closed = Closure.objects.over_reading(self.account, self.network_name)
        if closed is None or not doubts or not reconciling.may_wait(doubts, timezone.now()):
            return False
        return self._look_again(closed.again_at(self.account))

    def _doubts(self) -> tuple[Attempts, list[Doubt]]:
        attempts: Attempts = list(self.attempts.in_doubt())
        last = self.attempts.last()
        if not attempts and last and last.doubt.is_duplicate and self.reason != AWAY:
            attempts = [last]
        doubts = [attempt.doubt for attempt in attempts]
        if self.reason == AWAY:  # one that we know nothing of
            since = self.doubted_since or self.due_at
            doubts.append(Doubt(self.content, since, AWAY))
            doubts.sort(key=lambda doubt: doubt.started_at)
            attempts = [None, *attempts]
        return attempts, doubts

    def believe(self, posts: Sequence[Found], at: datetime) -> bool:
        """Somebody else has read a part of this account's timeline. Found counts whoever sees it;
        of what is not among `posts` nothing is known."""
        attempts, doubts = self._doubts()
        asked = self.waiting_for == "person" and not self.reason.startswith("cannot_look")
        if not doubts or asked:
            return False
        recent = self._own(Recent(tuple(posts), complete=False, at=at))
        rivals, taken = self._rivals(), self._taken(names_of(recent))  # so: one may settle just now
        verdict = reconciling.judge(doubts, recent, taken, last=False, rivals=rivals)
        if verdict.kind != FOUND:
            return False
        look = self._new_look(verdict, Recent(verdict.posts, complete=False, at=at))
        try:
            with transaction.atomic():
                look.save()
                self._settle_found(verdict.posts, attempts, doubts)
        except IntegrityError:  # another delivery took that post in this very moment
            return False
        return True

    def doubt_after_silence(self) -> bool:
        """Due while nobody ran: another one, or we in a time that is lost, may have sent it."""
        soon = timezone.now() + reconciling.first_look(AWAY)
        return self._move([QUEUED], UNCONFIRMED, ("attempt",), reason=AWAY, next_look_at=soon)

    def _look_for(self, attempts: Attempts, doubts: list[Doubt]) -> None:
        try:
            recent = self._read(doubts)
        except NetworkError as error:
            self.mark_unread(error)
        except Exception as error:  # a fault of ours
            self.mark_unread(TemporaryError("unreachable", repr(error)))
            raise
        else:
            insist(lambda: self._settle_read(recent, attempts, doubts))

    def _read(self, doubts: Sequence[Doubt]) -> Recent:
        """The account's own timeline: once more from the top, without a filter, where it would
        prove by what it does not show."""
        channel, since = self.channel, reconciling.reads_since(doubts)
        asked = (channel.remote_id, channel.handle, channel.token(), since)
        recent = channel.network.recent(*asked)
        if insist(lambda: self._judge(recent, doubts)).rests_on_absence:
            recent = recent.with_more(channel.network.latest(*asked, recent.read))
        return recent

    # ── What it showed ────────────────────────────────────────────────────────────────────────
    def _settle_read(self, recent: Recent, attempts: Attempts, doubts: Sequence[Doubt]) -> None:
        verdict = self._judge(recent, doubts)
        look = self._new_look(verdict, recent)
        try:
            with transaction.atomic():
                look.save()
                self._follow(verdict, attempts, doubts)
        except IntegrityError:  # another delivery took that post in this very moment
            look.pk, look.outcome = None, AGAIN
            with transaction.atomic():
                look.save()
                self._look_again(timezone.now() + delay(reconciling.LOOKS[0]))

    def _judge(self, recent: Recent, doubts: Sequence[Doubt]) -> Verdict:
        looks = self._looks().read()
        count, first = looks.count() + 1, looks.first()
        first_at = first.their_time if first else None
        last = reconciling.is_proof(self.reason, count, doubts, timezone.now(), recent.at, first_at)
        recent = self._own(recent)
        rivals, taken = self._rivals(), self._taken(names_of(recent))  # so: one may settle just now
        verdict = reconciling.judge(doubts, recent, taken, last, rivals)
        if verdict.kind == ABSENT:
            return reconciling.after_absence(self.reason, doubts, recent)
        if verdict.kind == AGAIN and count >= reconciling.MOST_LOOKS:
            return Verdict(ASK, "cannot_look_away")
        return verdict

    def _new_look(self, verdict: Verdict, recent: Recent) -> Look:
        look = Look(
            delivery=self,
            attempt=self.attempt,
            their_time=recent.at,
            outcome=verdict.kind,
            reason=verdict.reason,
            items=recent.read or len(recent.posts),
        )
        look.see(verdict.posts)
        return look

    def _follow(self, verdict: Verdict, attempts: Attempts, doubts: Sequence[Doubt]) -> None:
        if verdict.kind == FOUND:
            self._settle_found(verdict.posts, attempts, doubts)
        elif verdict.kind == ABSENT:
            self._send_once_more(doubts[-1].text)
        elif verdict.kind == ASK:
            self.ask(verdict.reason)
        elif verdict.kind == REFUSED:
            self._move([UNCONFIRMED], FAILED, STILL, reason=verdict.reason)
        else:
            looks = self._looks().read().count()
            self._look_again(timezone.now() + reconciling.next_look(looks, self.reason))

    def _settle_found(
        self, posts: Sequence[Found], attempts: Attempts, doubts: Sequence[Doubt]
    ) -> None:
        """Like a late yes it wins over what a person decided meanwhile, but not over a newer try:
        that one may have made what we see."""
        pairs = [
            (attempts[number], Published(post.remote_id, post.url))
            for number, post in reconciling.assign(doubts, posts)
        ]
        first = pairs[0][1]
        states = [UNCONFIRMED, QUEUED, CANCELED]
        if self._move(states, SENT, ("attempt",), remote_id=first.remote_id, remote_url=first.url):
            for attempt, published in pairs:
                if attempt is not None:
                    attempt.close_found(published)

    def _send_once_more(self, text: str) -> bool:
        """Proven absent: the very same words, at its old place in the order."""
        now = timezone.now()
        fields = {"reason": "absent", "next_attempt_at": now}
        if text != self.content:
            fields["text"] = text
        return self._move([UNCONFIRMED], QUEUED, STILL, **fields)

    # ── What kept us from seeing ──────────────────────────────────────────────────────────────
    def mark_unread(self, error: NetworkError) -> None:
        """The network did not let us look: later, or it is for its person to look."""
        insist(lambda: self._settle_unread(error))

    def _settle_unread(self, error: NetworkError) -> None:
        now = timezone.now()
        look = Look(delivery=self, attempt=self.attempt, claimed_id=self.claimed_id)
        look.miss(error)
        misses = self._looks().missed().count() + 1
        why = reconciling.unreadable(error, misses)
        at = reconciling.after_a_miss(error, misses, now)
        if isinstance(error, AuthorizationLost) and self._may_be_read_anew(error):
            why, at = "", at if self.channel.awaits_its_token else now
        with transaction.atomic():
            look.save()
            if why or at is None:
                self.ask(why or "cannot_look_away")
            else:
                self._look_again(at)

    def _may_be_read_anew(self, error: AuthorizationLost) -> bool:
        """A refused access token may only have ended early. What is really lost is remembered,
        but for the permission to read: posting may go on without it."""
        connection = self.channel.connection
        if self.channel.read_grant_again() or self.channel.awaits_its_token:
            return True
        if error.reason == "token_dead" and connection.may_be_renewed(since=self.begun_at):
            return True
        if error.reason != "permission_missing":
            (self.channel if error.place_only else connection).mark_lost(error.reason)
        return False

    # ── Moves ─────────────────────────────────────────────────────────────────────────────────
    def ask(self, reason: str) -> bool:
        """Looking does not help: its person is asked, with what we saw. What they said of it
        counts on where nobody could look."""
        fields = {"waiting_for": "person", "reason": reason}
        if reason.startswith("cannot_look"):
            fields["claimed_id"] = self.claimed_id
        return self._move([UNCONFIRMED], UNCONFIRMED, STILL, **fields)

    def look_anew(self) -> bool:
        """What kept us from looking is settled."""
        if self.state != UNCONFIRMED or not self.reason.startswith("cannot_look"):
            return False
        last = self.attempts.last()
        in_doubt = self.attempts.in_doubt().exists()
        if self.claimed_id:
            reason = CLAIMED
        elif last and last.doubt.is_duplicate:
            reason = SEEN if in_doubt else AT_ONCE
        else:
            reason = last.reason if in_doubt else AWAY
        return self._look_again(timezone.now(), reason)

    def _look_again(self, at: datetime, reason: str = "") -> bool:
        reason = reason or self.reason
        fields = {"reason": reason, "next_look_at": at, "claimed_id": self.claimed_id}
        return self._move([UNCONFIRMED], UNCONFIRMED, STILL, **fields)

    def _settle_answered(self) -> None:
        """Its worker was only slow and has said meanwhile how it ended: not with a yes."""
        last = self.attempts.last()
        if last and last.outcome == "refused":
            self._move([UNCONFIRMED], FAILED, STILL, reason=last.reason)
        else:
            fields = {"reason": "absent", "next_attempt_at": timezone.now()}
            self._move([UNCONFIRMED], QUEUED, STILL, **fields)

    def _looks(self) -> models.QuerySet[Look]:
        """At the timeline; or for the post that its person named."""
        return self.looks.filter(attempt=self.attempt, claimed_id=self.claimed_id)
