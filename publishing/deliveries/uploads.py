"""Giving a network the pictures of a post before the post itself. Nobody sees an upload that no
post names, so it is done again as often as it takes; what is held already is not sent twice."""

import threading

from django.db import models
from django.db.models import Q
from django.utils import timezone

from publishing.media.media import Media
from publishing.reasons import Reason
from social.networks.errors import Rejected, TemporaryError
from social.networks.shapes import Grant, Picture
from social.timing import Window, delay, scaled
from social.waiting import waiting_elsewhere

from .delivery import Delivery

UPLOADS_AT_ONCE = threading.BoundedSemaphore(8)  # in a process; each takes 20 MB at worst
LIFE_LEFT_SECONDS = 600  # that an upload must still live to be named


class Upload(models.Model):
    """A picture as one network account holds it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="uploads")
    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="uploads")
    remote_id = models.CharField(max_length=320)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "media"], name="upload_once_a_delivery"),
        ]

    def __str__(self) -> str:
        return f"{self.media_id} is {self.remote_id}"


def upload_pictures(delivery: Delivery, grant: Grant, window: Window) -> list[str]:
    """The network's ids of the post's pictures, uploaded where it does not hold them. A post of
    words costs no statement here. Raises NetworkError."""
    if not delivery.post.picture_count:
        return []
    pictures = list(delivery.post.media.all())
    if len(pictures) != delivery.post.picture_count:
        raise Rejected(Reason.MEDIA_GONE, "its rows are gone")
    held = held_ids(delivery)
    return [held.get(media.pk) or upload(delivery, media, grant, window) for media in pictures]


def held_ids(delivery: Delivery) -> dict[int, str]:
    """What the network holds of it and has not put into a post, as far as we know: the remote id by
    the picture's."""
    usable = delivery.uploads.filter(expires_at__gt=timezone.now() + delay(LIFE_LEFT_SECONDS))
    unused = Q(outcome="not authorized") | (Q(outcome="not sent") & ~Q(reason=Reason.MEDIA_FAILED))
    used = {id for attempt in delivery.attempts.exclude(unused) for id in attempt.media_ids}
    return {row.media_id: row.remote_id for row in usable if row.remote_id not in used}


def upload(delivery: Delivery, media: Media, grant: Grant, window: Window) -> str:
    """Upload one picture and remember its remote id. Raises NetworkError."""
    with waiting_elsewhere():  # those who are ahead need a database connection to finish
        has_place = UPLOADS_AT_ONCE.acquire(timeout=scaled(window.left))
    if not has_place:
        raise TemporaryError(Reason.TOO_SLOW_HERE)
    try:
        data = media.original()
        if data is None:
            raise Rejected(Reason.MEDIA_GONE, "its bytes were pruned")
        if not window.left:
            raise TemporaryError(Reason.MEDIA_SLOW)
        picture, channel = Picture(data, media.mime, media.alt), delivery.channel
        uploaded = channel.network.upload(channel.remote_id, grant, picture, window.left)
    finally:
        UPLOADS_AT_ONCE.release()
    known = {"remote_id": uploaded.remote_id, "expires_at": uploaded.expires_at}
    delivery.uploads.update_or_create(media=media, defaults=known)
    return uploaded.remote_id
