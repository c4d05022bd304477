"""Sending one delivery that was claimed: upload, write ahead, send once, write down what came of
it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from publishing.posts.contents import length_at
from publishing.reasons import Reason
from publishing.sql import stored, update
from publishing.states import SENDING
from social.connections.tokens import channel_grant
from social.networks.errors import NetworkError, OutcomeUnknown, Rejected, TemporaryError
from social.networks.shapes import Held, Outgoing
from social.timing import Window, delay

from . import settle
from .attempt import Attempt
from .delivery import LEASE_SECONDS, Delivery
from .uploads import upload_pictures

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
            media_ids = upload_pictures(self.delivery, grant, window)
            attempt = self.write_ahead(media_ids)
            if attempt is None:
                return  # the lease ran out and somebody else has settled it
            if not window.left:
                raise TemporaryError(Reason.TOO_SLOW_HERE)
            with window:  # a machine that falls asleep here must not post when it wakes
                pictures = tuple(Held(remote_id) for remote_id in media_ids)
                outgoing = Outgoing(attempt.text, pictures, at=attempt.started_at)
                published = channel.network.publish(
                    channel.remote_id, channel.handle, outgoing, grant
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
        length = length_at([self.delivery.channel], self.delivery.content)
        if length.used > length.limit:
            raise Rejected(Reason.TOO_LONG)
        if not length.used and not self.delivery.says_enough:
            raise Rejected(Reason.EMPTY)

    def write_ahead(self, media_ids: Sequence[str] = ()) -> Attempt | None:
        """The attempt, committed before the first byte; None when the lease is no longer ours."""
        delivery = self.delivery
        with transaction.atomic():
            now = timezone.now()
            held = {"id": delivery.pk, "attempt": delivery.attempt, "state": SENDING}
            longer = {"lease_until": now + delay(LEASE_SECONDS)}
            if not update(Delivery, longer, held, "lease_until > %s", [stored(now)]):
                return None
            return Attempt.objects.create(
                delivery=delivery,
                number=delivery.attempt,
                worker=delivery.worker,
                text=delivery.content,
                media_ids=list(media_ids),
                server_time=delivery.channel.network.server_time(delivery.channel.home),
            )

    def mark_failed(self, error: NetworkError, attempt: Attempt | None) -> None:
        """Write down what went wrong, and move on."""
        settle.mark_failed(self.delivery, error, attempt, self.begun_at)
