"""Verifying a delivery in doubt: read the account's own timeline, and believe it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from publishing.database_errors import retry_on_database_error
from publishing.states import CANCELED, FAILED, QUEUED, SENDING, SENT, UNCONFIRMED
from social.connections.tokens import channel_grant
from social.models import CircuitBreaker
from social.networks.errors import NetworkError, TemporaryError
from social.networks.shapes import Found, Grant, Outgoing, Published, Recent
from social.reasons import CANNOT_LOOK, Reason
from social.timing import from_now

from . import doubts, reconciling
from .attempt import Attempt
from .confirm import check_claim
from .delivery import STILL, Delivery
from .misses import mark_unread, verifications_of
from .outgoing import outgoing_of, pictures_of
from .queries import competing_deliveries, ids_of, own_posts, taken_ids
from .reconciling import (
    ABSENT,
    AGAIN,
    ASK,
    FOUND,
    REFUSED,
    RESENDS,
    RESENDS_BY_KEY,
    Doubt,
    Verdict,
    is_proof_by_key,
)
from .settle import is_repeatable
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
    until = from_now(reconciling.VERIFICATION_LEASE_SECONDS)
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
        doubts = [attempt.doubt for attempt in attempts if attempt]
        if delivery.reason == Reason.AWAY:  # one that we know nothing of
            since = delivery.doubted_since or delivery.due_at
            doubts.append(Doubt(delivery.content, since, Reason.AWAY, request=self._request_now()))
            doubts.sort(key=lambda doubt: doubt.started_at)
            attempts = [None, *attempts]
        return attempts, doubts

    def _request_now(self) -> Outgoing | None:
        """What would have been sent in a time that we know nothing of, by the key that it has."""
        if not self.delivery.channel.network.finds_by_key:
            return None
        return outgoing_of(self.delivery, pictures_of(self.delivery))

    @property
    def first_request(self) -> Outgoing | None:
        """That of the first attempt that may have landed, where it has a key."""
        return self.doubts[0].request if self.doubts else None

    @property
    def is_found_by_key(self) -> bool:
        """Whether the network tells of each of the attempts, by their keys, if it is there."""
        has_keys = bool(self.doubts) and all(doubt.request for doubt in self.doubts)
        return has_keys and self.delivery.channel.network.finds_by_key

    def lets_send(self, grant: Grant) -> bool:
        """Ask once, while it is being sent, whether an earlier attempt landed: whether it is still
        to be sent. What is there is sent; what may not be repeated is verified. Raises
        NetworkError."""
        if not self.doubts:
            return True
        delivery, recent = self.delivery, self._ask(grant)
        verdict = self._verdict(recent, is_proof=False)
        may_go = not delivery.is_repeat or is_repeatable(delivery, self.doubts)
        if verdict.kind == AGAIN and may_go:
            return True
        with transaction.atomic():
            self._verification(verdict, recent).save()
            if verdict.kind == FOUND:
                self._settle_found(verdict.posts, [SENDING])
            else:
                doubts.verify_instead(delivery, [SENDING])
        return False

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
        again_at = closed.again_at(delivery.account) if closed and may_wait else None
        return again_at is not None and delivery.verify_at(again_at)

    def settle_by_posts(self, posts: Sequence[Found], at: datetime) -> bool:
        """Somebody else has read a part of this account's timeline. Found counts whoever sees it;
        of what is not among `posts` nothing is known. Whether it was found."""
        delivery = self.delivery
        is_asked = delivery.waiting_for == "person"
        if not self.doubts or (is_asked and not delivery.reason.startswith(CANNOT_LOOK)):
            return False
        verdict = self._verdict_on_posts(Recent(tuple(posts), complete=False, at=at), False)
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
        grant = channel_grant(channel)
        recent = self._ask(grant)
        if self.is_found_by_key:
            return recent
        if retry_on_database_error(lambda: self._judge(recent)).rests_on_absence:
            query = (channel.remote_id, channel.handle, grant, since)
            recent = recent.with_more(channel.network.latest(*query, recent.read))
        return recent

    def _ask(self, grant: Grant) -> Recent:
        """What is there under the keys of the attempts; without such, since the first of them."""
        channel = self.delivery.channel
        if self.is_found_by_key:
            return self._ask_by_key(grant)
        since = reconciling.reads_since(self.doubts)
        return channel.network.recent(channel.remote_id, channel.handle, grant, since)

    def _ask_by_key(self, grant: Grant) -> Recent:
        channel = self.delivery.channel
        network, posts = channel.network, []
        requests = {
            doubt.request.key: (doubt.request, doubt.began)
            for doubt in self.doubts
            if doubt.request
        }
        for request, began in requests.values():
            if there := network.find(channel.remote_id, request, grant):
                posts.append(Found(there.remote_id, there.url, request.text, began))
        at = network.server_time(channel.home) or timezone.now()
        return Recent(tuple(posts), complete=True, at=at, read=len(requests))

    def _judge(self, recent: Recent) -> Verdict:
        delivery = self.delivery
        earlier = verifications_of(delivery).read()
        count, first = earlier.count() + 1, earlier.first()
        first_at = first.server_time if first else None
        now = timezone.now()
        if self.is_found_by_key:
            repeatable = is_repeatable(delivery, self.doubts)
            last, resends = is_proof_by_key(self.doubts, repeatable, now), RESENDS_BY_KEY
        else:
            seen = recent.at, first_at
            last = reconciling.is_proof(delivery.reason, count, self.doubts, now, *seen)
            resends = RESENDS
        verdict = self._verdict(recent, last)
        if verdict.kind == ABSENT:
            return reconciling.after_absence(delivery.reason, self.doubts, recent, resends)
        if verdict.kind == AGAIN and count >= reconciling.MOST_VERIFICATIONS:
            return Verdict(ASK, Reason.CANNOT_LOOK_AWAY)
        return verdict

    def _verdict(self, recent: Recent, is_proof: bool) -> Verdict:
        """What this reading says of the attempts; with `is_proof`, what is not shown is absent."""
        if not self.is_found_by_key:
            return self._verdict_on_posts(recent, is_proof)
        if not recent.posts:
            return Verdict(ABSENT if is_proof else AGAIN)
        if taken_ids(self.delivery, ids_of(recent)):
            return Verdict(ASK, Reason.TAKEN, recent.posts)
        return Verdict(FOUND, posts=recent.posts)

    def _verdict_on_posts(self, recent: Recent, is_proof: bool) -> Verdict:
        delivery = self.delivery
        recent = own_posts(delivery, recent)
        # In this order: one may settle just now.
        competing, taken = competing_deliveries(delivery), taken_ids(delivery, ids_of(recent))
        return reconciling.judge(self.doubts, recent, taken, is_proof, competing)

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
                soon = from_now(reconciling.VERIFY_AFTER_SECONDS[0])
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

    def _settle_found(
        self, posts: Sequence[Found], states: Sequence[str] = (UNCONFIRMED, QUEUED, CANCELED)
    ) -> None:
        """Like a late yes it wins over what a person decided meanwhile, but not over a newer try:
        that one may have made what we see."""
        pairs = [
            (self.attempts[number], Published(post.remote_id, post.url))
            for number, post in reconciling.assign(self.doubts, posts)
        ]
        first = pairs[0][1]
        if self.delivery.move(
            list(states),
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
