"""Sending one delivery that was claimed: upload, write ahead, send once, write down what came of
it."""

from dataclasses import asdict, replace

from django.db import transaction
from django.utils import timezone

from publishing.posts.contents import length_at
from publishing.sql import stored, update
from publishing.states import SENDING
from social.connections.tokens import channel_grant
from social.networks.errors import NetworkError, OutcomeUnknown, Rejected, TemporaryError
from social.networks.shapes import Grant, Outgoing
from social.reasons import Reason
from social.timing import Window, delay

from . import settle
from .attempt import Attempt
from .card_upload import card_again, card_for
from .delivery import SEND_LEASE_SECONDS, Delivery
from .outgoing import outgoing_of, pictures_of
from .uploads import upload_pictures
from .verify import Verifier

# From the claim, within which the first byte must leave; the call has its own deadline.
SEND_WINDOW_SECONDS = 30


class Sender:
    """One send of one delivery, which `claims.claim` has made ours."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.begun_at = timezone.now()

    def send(self) -> None:
        """Send it once and write down what came of it. Whatever a network says is settled; raises
        only faults of ours, after they were written down as well."""
        window, attempt, channel = Window(SEND_WINDOW_SECONDS), None, self.delivery.channel
        try:
            self.check_length()
            grant = channel_grant(channel)
            outgoing = self.request(grant, window)
            if outgoing is None:
                return  # an earlier one is there, or is verified
            attempt = self.write_ahead(outgoing)
            if attempt is None:
                return  # the lease ran out and somebody else has settled it
            if not window.left:
                raise TemporaryError(Reason.TOO_SLOW_HERE)
            with window:  # a machine that falls asleep here must not post when it wakes
                published = channel.network.publish(
                    channel.remote_id, channel.handle, attempt.outgoing, grant
                )
        except NetworkError as error:
            self.mark_failed(error, attempt)
        except Exception as error:
            # A fault of ours. Before the attempt was written nothing can have left.
            unexpected: NetworkError = TemporaryError(Reason.WORKER_GONE, repr(error))
            if attempt:
                unexpected = OutcomeUnknown(Reason.INTERRUPTED, repr(error))
            self.mark_failed(unexpected, attempt)
            raise
        else:
            settle.mark_sent(self.delivery, published, attempt)

    def check_length(self) -> None:
        """Raises Rejected for what its network would not take."""
        delivery = self.delivery
        length = length_at([delivery.channel], delivery.content, delivery.extras)
        if length.used > length.limit:
            raise Rejected(Reason.TOO_LONG)
        if not length.used and not delivery.says_enough:
            raise Rejected(Reason.EMPTY)

    def request(self, grant: Grant, window: Window) -> Outgoing | None:
        """What is to be sent, with its pictures uploaded; None where the network was asked about an
        earlier request first, and that one is there, or is verified now. Raises NetworkError."""
        delivery, earlier = self.delivery, None
        if delivery.attempt > 1 and (delivery.is_repeat or delivery.channel.network.finds_by_key):
            verifier = Verifier(delivery)
            if not verifier.lets_send(grant):
                return None
            earlier = verifier.first_request
        if earlier and delivery.is_repeat:
            return earlier
        media = pictures_of(delivery)
        pictures = upload_pictures(delivery, media, grant, window)
        outgoing = outgoing_of(delivery, media, pictures, card_for(delivery, grant, window))
        if earlier is not None and earlier.key == outgoing.key:
            return replace(outgoing, at=earlier.at, card=card_again(delivery, earlier.card))
        return outgoing

    def write_ahead(self, outgoing: Outgoing | None = None) -> Attempt | None:
        """The attempt, committed before the first byte; None when the lease is no longer ours."""
        delivery = self.delivery
        outgoing = outgoing or outgoing_of(delivery)
        with transaction.atomic():
            now = timezone.now()
            held = {"id": delivery.pk, "attempt": delivery.attempt, "state": SENDING}
            longer = {"lease_until": now + delay(SEND_LEASE_SECONDS)}
            if not update(Delivery, longer, held, "lease_until > %s", [stored(now)]):
                return None
            return Attempt.objects.create(
                delivery=delivery,
                number=delivery.attempt,
                worker=delivery.worker,
                text=outgoing.text,
                media_ids=outgoing.media_ids,
                media_details=[{"alt": p.alt, "about": dict(p.about)} for p in outgoing.pictures],
                extras=dict(outgoing.extras),
                card=asdict(outgoing.card) if outgoing.card else {},
                key=outgoing.key,
                first_started_at=outgoing.at or (now if outgoing.key else None),
                server_time=delivery.channel.network.server_time(delivery.channel.home),
            )

    def mark_failed(self, error: NetworkError, attempt: Attempt | None) -> None:
        """Write down what went wrong, and move on."""
        settle.mark_failed(self.delivery, error, attempt, self.begun_at)
