"""Pictures of a post, and of a composer that is still open. Their bytes are in a table of their
own, so that no list ever loads them."""

import base64
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from os import SEEK_END
from pathlib import Path
from typing import IO, Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.deliveries.delivery import Delivery
from publishing.posts.characters import check_characters
from publishing.states import CANCELED, DONE, SENT
from social.exporting import ExportPart
from social.jobs import enqueue
from social.people import AnyUser

from .decoder.limits import MOVES
from .pictures import REFUSAL_SENTENCES, Still, check_size, cleaned, refused, thumbnail

PICTURES_PER_POST = 4
ALT_CHARACTERS = 1000  # no network must take more
UNUSED_PER_USER = 40  # older ones go
KEEP_UNUSED = timedelta(days=2)
KEEP_SENT = timedelta(days=7)  # originals of what is sent or canceled; thumbnails stay
KEEP_FAILED = timedelta(days=60)  # a person may still try again
PRUNED_PER_BATCH, PRUNED_BATCHES_PER_RUN = 500, 20  # rows
Octets = bytes  # in a class with a relation of that name
NONE_EVER = b""  # instead of a thumbnail that cannot be made
PICTURE_GONE = _("A picture is not kept here any more. Add it again.")


class MediaQuerySet(models.QuerySet["Media"]):
    """Pictures by whose they are and whether a post has them."""

    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def unused(self) -> Self:
        """Of no post and no draft, or not any more."""
        return self.filter(post=None, draft=None)

    def keep(self, user: User, file: bytes | IO[bytes], name: str = "", alt: str = "") -> "Media":
        """A picture of `user`'s, cleaned, for a post to come. Raises ValidationError with one
        sentence when it will not do."""
        media = self.prepare(user, file, name, alt)
        media.store(media.still.data)
        surplus = (
            self.of(user).unused().order_by("-id").values_list("pk", flat=True)[UNUSED_PER_USER:]
        )
        self.filter(pk__in=list(surplus)).delete()
        return media

    def prepare(self, user: User, file: bytes | IO[bytes], name: str, alt: str) -> "Media":
        """The same, and nothing is stored yet."""
        check_alt(alt)
        still = cleaned(contents(file, name), name, person=user.pk)
        media = Media(user=user, name=name[-200:], alt=alt)
        media.still = still
        media.mime, media.width, media.height = still.mime, still.width, still.height
        media.size, media.sha256 = len(still.data), still.sha256
        return media

    def given(self, user: User, media: Iterable[Any]) -> list["Media"]:
        """Pictures as a caller may name them: a row, bytes or a path; the last two also with an
        alt text, as a pair. What is new is prepared, not stored."""
        return [self._given(user, named) for named in media]

    def _given(self, user: User, named: Any) -> "Media":
        if isinstance(named, Media):
            if named.user_id != user.pk:
                raise ValidationError(gettext("That picture is somebody else's."), code="not_yours")
            return named
        what, alt = named if isinstance(named, tuple) else (named, "")
        if isinstance(what, bytes):
            return self._whole(user, what, "", alt)
        path = Path(what)
        try:
            with path.open("rb") as file:
                return self._whole(user, file, path.name, alt)
        except OSError as error:
            raise ValidationError(
                gettext("{path} cannot be read.").format(path=path), code="picture"
            ) from error

    def _whole(self, user: Any, file: bytes | IO[bytes], name: str, alt: str) -> "Media":
        """A program is not told that half of a film is left out: it is refused."""
        media = self.prepare(user, file, name, alt)
        if media.still.is_first_only:
            raise refused(name, REFUSAL_SENTENCES[MOVES])
        return media

    def attach(self, post: Any, media: Sequence["Media"]) -> None:
        """Make them the pictures of `post`, a Post, in this order and with the alt text they have
        now. Raises ValidationError when any of them is gone."""
        for number, picture in enumerate(media):
            if picture.pk is None:
                picture.store(picture.still.data)
            elif picture.post_id not in (None, post.pk):
                picture = picture.copy()
            mine = self.of(post.user).filter(Q(post=None) | Q(post=post), pk=picture.pk)
            if not mine.update(post=post, draft=None, number=number, alt=picture.alt):
                raise ValidationError(PICTURE_GONE, code="media_gone")

    def prunable(self) -> Self:
        """Originals that nobody needs any more: of what is sent or canceled for a while. What is
        not over is never pruned, nor what a draft shows; what failed, only after a person had long
        enough to try again."""
        now = timezone.now()
        needed = Delivery.objects.filter(post=OuterRef("post")).filter(
            ~Q(state__in=DONE)
            | Q(finished_at__gt=now - KEEP_SENT)
            | (~Q(state__in=(SENT, CANCELED)) & Q(finished_at__gt=now - KEEP_FAILED))
        )
        return self.filter(~Exists(needed), pruned_at=None, post__isnull=False, draft=None)

    def prune(self) -> None:
        """Let go of what nobody came back to, and of originals that did their work."""
        old = timezone.now() - KEEP_UNUSED
        unused = self.unused().filter(created_at__lt=old).values_list("pk", flat=True)
        over = self.prunable().filter(bytes__thumbnail__isnull=False).values_list("pk", flat=True)
        for _batch in range(PRUNED_BATCHES_PER_RUN):
            self.filter(pk__in=list(unused[:PRUNED_PER_BATCH])).delete()
            pks = list(over[:PRUNED_PER_BATCH])
            with transaction.atomic():
                MediaBytes.objects.filter(media__in=pks).update(original=None)
                self.filter(pk__in=pks).update(pruned_at=timezone.now())
            if len(pks) < PRUNED_PER_BATCH:
                return


def bytes_of(media_id: int) -> dict[str, str]:
    """What an export says of a picture besides its columns: the original while it is kept, and then
    its thumbnail."""
    media = Media.objects.get(pk=media_id)
    data, mime = media.original(), media.mime
    if data is None:
        data, mime, _ = media.shown()
    return {"data": base64.b64encode(data or b"").decode(), "data_mime": mime}


class Media(models.Model):
    """A still picture: of a post, of a draft, or uploaded and of neither yet."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="media"
    )
    post = models.ForeignKey(
        "publishing.Post", null=True, blank=True, on_delete=models.CASCADE, related_name="media"
    )
    draft = models.ForeignKey(  # that shows it, also beside the post it was taken from
        "publishing.Draft", null=True, blank=True, on_delete=models.SET_NULL, related_name="media"
    )
    number = models.PositiveSmallIntegerField(default=0)  # its place in the post
    alt = models.CharField(max_length=ALT_CHARACTERS, blank=True)  # what it shows, in words
    name = models.CharField(max_length=200, blank=True)  # of the file it came in
    mime = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # of the original, in bytes
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    pruned_at = models.DateTimeField(null=True, blank=True)  # the original; the thumbnail stays

    objects = MediaQuerySet.as_manager()
    export = ExportPart(
        "media",
        "public_id post__public_id draft__public_id number alt name mime width height size "
        "created_at",
        details=bytes_of,
    )

    class Meta:
        verbose_name_plural = "media"
        ordering = ["number", "id"]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(post=None, draft=None), name="media_unused"
            ),
            models.Index(fields=["id"], condition=Q(pruned_at=None), name="media_with_original"),
        ]

    still: Still  # of one that is prepared

    def __str__(self) -> str:
        return self.name or f"picture {self.public_id}"

    def store(self, original: Octets) -> None:
        with transaction.atomic():
            self.save()
            MediaBytes.objects.create(media=self, original=original)
            self.make_thumbnail_later()

    def original(self) -> Octets | None:
        """Its bytes as they go out; None when they were pruned."""
        data = MediaBytes.objects.filter(media=self).values_list("original", flat=True).first()
        return None if data is None else bytes(data)

    def shown(self) -> tuple[Octets | None, str, bool]:
        """Bytes and mime of its thumbnail, or of the original while there is none; and whether
        that is how it stays."""
        row = MediaBytes.objects.filter(media=self)
        data = row.values_list("thumbnail", flat=True).first()
        if data:
            return bytes(data), "image/webp", True
        return self.original(), self.mime, False

    def make_thumbnail_later(self) -> None:
        enqueue("publishing.tasks.make_thumbnail", str(self.public_id), owner=self.user_id)

    def make_thumbnail(self) -> None:
        original = self.original()
        if original is not None:
            small = thumbnail(original) or NONE_EVER
            MediaBytes.objects.filter(media=self).update(thumbnail=small)

    def copy(self) -> "Media":
        """The same picture once more: one that is in a post stays there."""
        original = self.original()
        if original is None:
            raise ValidationError(PICTURE_GONE, code="media_gone")
        fields = {field.attname: getattr(self, field.attname) for field in self._meta.fields}
        for own in ("id", "public_id", "post_id", "draft_id", "created_at"):
            del fields[own]
        copied = Media(**fields)
        copied.store(original)
        return copied


class MediaBytes(models.Model):
    """What a picture is made of, apart from it: no list loads this."""

    media = models.OneToOneField(
        Media, on_delete=models.CASCADE, primary_key=True, related_name="bytes"
    )
    original = models.BinaryField(null=True)
    thumbnail = models.BinaryField(null=True)

    export = None  # told with their picture

    class Meta:
        verbose_name_plural = "media bytes"

    def __str__(self) -> str:
        return f"bytes of {self.media_id}"


def contents(file: bytes | IO[bytes], name: str) -> bytes:
    """Not even read when it is too large."""
    if isinstance(file, bytes):
        return file
    check_size(getattr(file, "size", None) or file.seek(0, SEEK_END), name)
    file.seek(0)
    return file.read()


def check_alt(alt: str) -> None:
    """Raises ValidationError for a description that no network takes."""
    check_characters(alt)
    if len(alt) > ALT_CHARACTERS:
        raise ValidationError(
            gettext("The description of a picture may have {most:,} characters.").format(
                most=ALT_CHARACTERS
            ),
            code="alt",
        )
