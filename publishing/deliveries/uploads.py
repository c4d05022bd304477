"""Giving a network the pictures of a post before the post itself. Nobody sees an upload that no
post names, so it is done again as often as it takes; what is held already is not sent twice."""

import threading
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone

from social.networks.errors import Rejected, TemporaryError
from social.networks.shapes import Picture
from social.timing import Window, delay, scaled
from social.waiting import waiting_elsewhere

if TYPE_CHECKING:
    from ..media.media import Media

AT_A_TIME = threading.BoundedSemaphore(8)  # in one process; each takes 20 MB of memory at worst
MARGIN = 600  # seconds that an upload must still live to be named


class Upload(models.Model):
    """A picture as one network account holds it."""

    delivery = models.ForeignKey(
        "publishing.Delivery", on_delete=models.CASCADE, related_name="uploads"
    )
    media = models.ForeignKey("publishing.Media", on_delete=models.CASCADE, related_name="uploads")
    remote_id = models.CharField(max_length=128)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "media"], name="upload_once_a_delivery"),
        ]

    def __str__(self) -> str:
        return f"{self.media_id} is {self.remote_id}"


class Uploading(models.Model):
    """The part of a delivery that uploads."""

    class Meta:
        abstract = True

    def upload_pictures(self, token: str, window: Window) -> list[str]:
        """The network's ids of the post's pictures. A post of words costs no statement here."""
        if not self.post.picture_count:
            return []
        pictures = list(self.post.media.all())
        if len(pictures) != self.post.picture_count:
            raise Rejected("media_gone", "its rows are gone")
        held = self._held()
        return [held.get(one.pk) or self._upload(one, token, window) for one in pictures]

    def _held(self) -> dict[int, str]:
        """What the network holds of it and has not put into a post, as far as we know."""
        usable = self.uploads.filter(expires_at__gt=timezone.now() + delay(MARGIN))
        unused = Q(outcome="not authorized") | (Q(outcome="not sent") & ~Q(reason="media_failed"))
        used = {id for attempt in self.attempts.exclude(unused) for id in attempt.media_ids}
        return {
            upload.media_id: upload.remote_id for upload in usable if upload.remote_id not in used
        }

    def _upload(self, media: "Media", token: str, window: Window) -> str:
        with waiting_elsewhere():  # those who are ahead need a database connection to finish
            has_place = AT_A_TIME.acquire(timeout=scaled(window.left))
        if not has_place:
            raise TemporaryError("too_slow_here")
        try:
            data = media.original()
            if data is None:
                raise Rejected("media_gone", "its bytes were pruned")
            if not window.left:
                raise TemporaryError("media_slow")
            picture = Picture(data, media.mime, media.alt)
            network = self.channel.network
            uploaded = network.upload(self.channel.remote_id, token, picture, window.left)
        finally:
            AT_A_TIME.release()
        known = {"remote_id": uploaded.remote_id, "expires_at": uploaded.expires_at}
        self.uploads.update_or_create(media=media, defaults=known)
        return uploaded.remote_id
