"""Verifying a delivery in doubt: read the account's own timeline, and believe it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from publishing.database_errors import retry_on_database_error
from publishing.reasons import CANNOT_LOOK, Reason
from publishing.states import CANCELED, FAILED, QUEUED, SENT, UNCONFIRMED
from social.connections.tokens import channel_grant
from social.models import CircuitBreaker
from social.networks.errors import NetworkError, TemporaryError
from social.networks.shapes import Found, Published, Recent
from social.timing import delay

from . import reconciling
from .attempt import Attempt
from .confirm import check_claim
from .delivery import STILL, Delivery
from .misses import mark_unread, verifications_of
from .queries import competing_deliveries, ids_of, own_posts, taken_ids
from .reconciling import ABSENT, AGAIN, ASK, FOUND, REFUSED, Doubt, Verdict
from .verification import Verification

Attempts = list[Attempt | None]  # None: one that we know nothing of


def claim_verification(job_id: str) -> Delivery | None:
    """The delivery, now ours to verify; None when there is nothing to verify (yet)."""
    verifying = Delivery.objects.with_all().verifying()
    due = verifying.filter(next_verification_at__lte=timezone.now())
    delivery = due.filter(job_id=job_id).first()
    return delivery if delivery is not None and take_verification(delivery) else None


def take_verification(delivery: Delivery) -> bool:
    """One worker verifies at a time; when it is gone, another one does so after
    VERIFICATION_LEASE_SECONDS."""
    until = timezone.now() + delay(reconciling.VERIFICATION_LEASE_SECONDS)
    verifying = Delivery.objects.verifying().filter(pk=delivery.pk, attempt=delivery.attempt)
    if not verifying.filter(next_verification_at=delivery.next_verification_at).update(
        next_verification_at=until, woken_at=timezone.now()
    ):
        return False
    delivery.next_verification_at = until
    return True


def settle_by_posts(deliveries: Iterable[Delivery], posts: Sequence[Found], at: datetime) -> None:
    """What others have read of a timeline, at `at` by the network's clock, where one of these in
    doubt may be."""
    for delivery in deliveries:
        Verifier(delivery).settle_by_posts(posts, at)


class Verifier:
    """One verification of one delivery in doubt."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.begun_at = timezone.now()
        self.attempts, self.doubts = self._doubts()

    def _doubts(self) -> tuple[Attempts, list[Doubt]]:
        """The attempts that may have landed, oldest first."""
        delivery = self.delivery
        attempts: Attempts = list(delivery.attempts.in_doubt())
        last = delivery.attempts.last()
        if not attempts and last and last.doubt.is_duplicate and delivery.reason != Reason.AWAY:
            attempts = [last]
        doubts = [attempt.doubt for attempt in attempts]
        if delivery.reason == Reason.AWAY:  # one that we know nothing of
            since = delivery.doubted_since or delivery.due_at
            doubts.append(Doubt(delivery.content, since, Reason.AWAY))
            doubts.sort(key=lambda doubt: doubt.started_at)
            attempts = [None, *attempts]
        return attempts, doubts

    def verify(self) -> None:
        """Read the timeline once and write down what came of it. Whatever a network says is
        settled; raises only faults of ours, after they were written down as well."""
        delivery = self.delivery
        if delivery.channel.state == "disconnected":
            delivery.ask(Reason.CHANNEL_GONE_IN_DOUBT)
        elif not self.doubts and not delivery.claimed_id:
            self._settle_answered()
        elif not self._wait_for_network():
            if delivery.claimed_id:
                check_claim(delivery, self.begun_at)
            else:
                self._search()

    def _wait_for_network(self) -> bool:
        """Whether it is known to be closed: nobody asks in vain, but for whom it takes too long."""
        delivery = self.delivery
        closed = CircuitBreaker.objects.blocking_reads(
            delivery.account, delivery.network_name, delivery.channel.home
        )
        may_wait = self.doubts and reconciling.may_wait(self.doubts, timezone.now())
        if closed is None or not may_wait:
            return False
        return delivery.verify_at(closed.again_at(delivery.account))

    def settle_by_posts(self, posts: Sequence[Found], at: datetime) -> bool:
        """Somebody else has read a part of this account's timeline. Found counts whoever sees it;
        of what is not among `posts` nothing is known. Whether it was found."""
        delivery = self.delivery
        is_asked = delivery.waiting_for == "person"
        if not self.doubts or (is_asked and not delivery.reason.startswith(CANNOT_LOOK)):
            return False
        recent = own_posts(delivery, Recent(tuple(posts), complete=False, at=at))
        # In this order: one may settle just now.
        competing, taken = competing_deliveries(delivery), taken_ids(delivery, ids_of(recent))
        verdict = reconciling.judge(self.doubts, recent, taken, False, competing)
        if verdict.kind != FOUND:
            return False
        verification = self._verification(verdict, Recent(verdict.posts, complete=False, at=at))
        try:
            with transaction.atomic():
                verification.save()
                self._settle_found(verdict.posts)
        except IntegrityError:  # another delivery took that post in this very moment
            return False
        return True

    # ── Reading ───────────────────────────────────────────────────────────────────────────────
    def _search(self) -> None:
        try:
            recent = self._read()
        except NetworkError as error:
            mark_unread(self.delivery, error, self.begun_at)
        except Exception as error:  # a fault of ours
            unreachable = TemporaryError(Reason.UNREACHABLE, repr(error))
            mark_unread(self.delivery, unreachable, self.begun_at)
            raise
        else:
            retry_on_database_error(lambda: self._settle_read(recent))

    def _read(self) -> Recent:
        """The account's own timeline: once more from the top, without a filter, where it would
        prove by what it does not show."""
        channel, since = self.delivery.channel, reconciling.reads_since(self.doubts)
        query = (channel.remote_id, channel.handle, channel_grant(channel), since)
        recent = channel.network.recent(*query)
        if retry_on_database_error(lambda: self._judge(recent)).rests_on_absence:
            recent = recent.with_more(channel.network.latest(*query, recent.read))
        return recent

    def _judge(self, recent: Recent) -> Verdict:
        delivery = self.delivery
        earlier = verifications_of(delivery).read()
        count, first = earlier.count() + 1, earlier.first()
        first_at = first.server_time if first else None
        last = reconciling.is_proof(
            delivery.reason, count, self.doubts, timezone.now(), recent.at, first_at
        )
        recent = own_posts(delivery, recent)
        # In this order: one may settle just now.
        competing, taken = competing_deliveries(delivery), taken_ids(delivery, ids_of(recent))
        verdict = reconciling.judge(self.doubts, recent, taken, last, competing)
        if verdict.kind == ABSENT:
            return reconciling.after_absence(delivery.reason, self.doubts, recent)
        if verdict.kind == AGAIN and count >= reconciling.MOST_VERIFICATIONS:
            return Verdict(ASK, Reason.CANNOT_LOOK_AWAY)
        return verdict

    # ── What it showed ────────────────────────────────────────────────────────────────────────
    def _settle_read(self, recent: Recent) -> None:
        verdict = self._judge(recent)
        verification = self._verification(verdict, recent)
        try:
            with transaction.atomic():
                verification.save()
                self._follow(verdict)
        except IntegrityError:  # another delivery took that post in this very moment
            verification.pk, verification.outcome = None, AGAIN
            with transaction.atomic():
                verification.save()
                soon = timezone.now() + delay(reconciling.VERIFY_AFTER_SECONDS[0])
                self.delivery.verify_at(soon)

    def _verification(self, verdict: Verdict, recent: Recent) -> Verification:
        verification = Verification(
            delivery=self.delivery,
            attempt=self.delivery.attempt,
            server_time=recent.at,
            outcome=verdict.kind,
            reason=verdict.reason,
            items=recent.read or len(recent.posts),
        )
        verification.set_candidates(verdict.posts)
        return verification

    def _follow(self, verdict: Verdict) -> None:
        delivery = self.delivery
        if verdict.kind == FOUND:
            self._settle_found(verdict.posts)
        elif verdict.kind == ABSENT:
            self._send_once_more()
        elif verdict.kind == ASK:
            delivery.ask(verdict.reason)
        elif verdict.kind == REFUSED:
            delivery.move([UNCONFIRMED], FAILED, STILL, reason=verdict.reason)
        else:
            count = verifications_of(delivery).read().count()
            wait = reconciling.next_verification(count, delivery.reason)
            delivery.verify_at(timezone.now() + wait)

    def _settle_found(self, posts: Sequence[Found]) -> None:
        """Like a late yes it wins over what a person decided meanwhile, but not over a newer try:
        that one may have made what we see."""
        pairs = [
            (self.attempts[number], Published(post.remote_id, post.url))
            for number, post in reconciling.assign(self.doubts, posts)
        ]
        first = pairs[0][1]
        if self.delivery.move(
            [UNCONFIRMED, QUEUED, CANCELED],
            SENT,
            ("attempt",),
            remote_id=first.remote_id,
            remote_url=first.url,
        ):
            for attempt, published in pairs:
                if attempt is not None:
                    attempt.close_found(published)

    def _send_once_more(self) -> bool:
        """Proven absent: the very same words, at its old place in the order."""
        fields = {"reason": Reason.ABSENT, "next_attempt_at": timezone.now()}
        text = self.doubts[-1].text
        if text != self.delivery.content:
            fields["text"] = text
        return self.delivery.move([UNCONFIRMED], QUEUED, STILL, **fields)

    def _settle_answered(self) -> None:
        """Its worker was only slow and has said meanwhile how it ended: not with a yes."""
        last = self.delivery.attempts.last()
        if last and last.outcome == "refused":
            self.delivery.move([UNCONFIRMED], FAILED, STILL, reason=last.reason)
        else:
            fields = {"reason": Reason.ABSENT, "next_attempt_at": timezone.now()}
            self.delivery.move([UNCONFIRMED], QUEUED, STILL, **fields)
