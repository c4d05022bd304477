"""Giving a network the pictures of a post before the post itself. Nobody sees an upload that no
post names, so it is done again as often as it takes; what is held already is not sent twice."""

import threading
from collections.abc import Sequence

from django.db import models
from django.db.models import Q

from publishing.media.media import Media
from publishing.media.pictures import Unavailable, fitted
from social.networks.errors import Rejected, TemporaryError
from social.networks.shapes import Grant, Held, Picture
from social.reasons import Reason
from social.timing import Window, from_now, scaled
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
    about = models.JSONField(default=dict)  # what a post must say of it again

    export = None  # means something to a worker alone, for a day

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "media"], name="upload_once_a_delivery"),
        ]

    def __str__(self) -> str:
        return f"{self.media_id} is {self.remote_id}"


def upload_pictures(
    delivery: Delivery, pictures: Sequence[Media], grant: Grant, window: Window
) -> list[Held]:
    """The post's pictures as the network holds them, uploaded where it does not. A post of words
    costs no statement here. Raises NetworkError."""
    if len(pictures) != delivery.post.picture_count:
        raise Rejected(Reason.MEDIA_GONE, "its rows are gone")
    uploads = usable_uploads(delivery) if pictures else {}
    return [
        held(media, uploads.get(media.pk) or upload(delivery, media, grant, window))
        for media in pictures
    ]


def held(media: Media, upload: Upload) -> Held:
    """A picture as a post names it."""
    return Held(upload.remote_id, media.alt, upload.about)


def usable_uploads(delivery: Delivery) -> dict[int, Upload]:
    """What the network holds of it and has not put into a post, as far as we know, by the picture's
    id. One that is asked for by key may name the same picture again: it is the same post."""
    usable = delivery.uploads.filter(expires_at__gt=from_now(LIFE_LEFT_SECONDS))
    unused = Q(outcome="not authorized") | (Q(outcome="not sent") & ~Q(reason=Reason.MEDIA_FAILED))
    used = {
        remote_id
        for attempt in delivery.attempts.exclude(unused)
        for remote_id in attempt.media_ids
        if not (attempt.key and attempt.may_have_landed)
    }
    return {row.media_id: row for row in usable if row.remote_id not in used}


def upload(delivery: Delivery, media: Media, grant: Grant, window: Window) -> Upload:
    """Upload one picture and remember it. Raises NetworkError."""
    with waiting_elsewhere():  # those who are ahead need a database connection to finish
        has_place = UPLOADS_AT_ONCE.acquire(timeout=scaled(window.left))
    if not has_place:
        raise TemporaryError(Reason.TOO_SLOW_HERE)
    try:
        channel = delivery.channel
        picture = picture_for(media, channel.network.picture_bytes)
        if not window.left:
            raise TemporaryError(Reason.MEDIA_SLOW)
        uploaded = channel.network.upload(channel.remote_id, grant, picture, window.left)
    finally:
        UPLOADS_AT_ONCE.release()
    known = {
        "remote_id": uploaded.remote_id,
        "expires_at": uploaded.expires_at,
        "about": dict(uploaded.about),
    }
    row, _ = delivery.uploads.update_or_create(media=media, defaults=known)
    return row


def picture_for(media: Media, most: int) -> Picture:
    """A picture as a network takes it, of `most` bytes; 0: as it is. Raises Rejected where it is
    not kept any more or cannot be made so light, and TemporaryError."""
    data = media.original()
    if data is None:
        raise Rejected(Reason.MEDIA_GONE, "its bytes were pruned")
    if not most or len(data) <= most:
        return Picture(data, media.mime, media.alt, media.width, media.height)
    try:
        still = fitted(data, most)
    except Unavailable as error:
        raise TemporaryError(Reason.MEDIA_SLOW, "no picture can be made smaller now") from error
    if still is None:
        raise Rejected(Reason.MEDIA_REFUSED, f"it cannot be made to fit into {most} bytes")
    return Picture(still.data, still.mime, media.alt, still.width, still.height)
