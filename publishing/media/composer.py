"""The pictures of a composer: those that its page had kept, files that came along now, and what a
person did to their order. Nothing that was uploaded is asked for again."""

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, ngettext

from publishing.posts.contents import tidy
from social.people import AnyUser

from .incoming import LeftOut
from .media import ALT_CHARACTERS, PICTURES_PER_POST, Media, check_alt

BUTTONS = ("attach", "remove", "earlier", "later", "group")  # they publish nothing


def is_arranging(request: HttpRequest) -> bool:
    """Whether this request arranges pictures or channels only."""
    return any(name in request.POST for name in BUTTONS)


class ComposerMedia:
    """`media` in their order, with the alt text of the page; `problems` are sentences."""

    most, most_letters = PICTURES_PER_POST, ALT_CHARACTERS

    def __init__(self, media: Iterable[Media] = ()) -> None:
        self.media = list(media)
        self.problems: list[str] = []
        self.notes: list[str] = []

    @classmethod
    def sent(
        cls, user: AnyUser, fields: QueryDict, files: MultiValueDict | None = None
    ) -> "ComposerMedia":
        """As a page sent them."""
        composed = cls(kept(user, fields.getlist("media")))
        for media in composed.media:
            composed.describe(media, fields.get(f"alt_{media.public_id}", media.alt))
        for file in files.getlist("files") if files else ():
            composed.add(cast(User, user), file)
        composed.remove(fields.get("remove"))
        composed.move(fields.get("earlier"), -1)
        composed.move(fields.get("later"), 1)
        return composed

    @property
    def is_full(self) -> bool:
        return len(self.media) >= PICTURES_PER_POST

    def describe(self, media: Media, alt: str) -> None:
        media.alt = tidy(alt)
        try:
            check_alt(media.alt)
        except ValidationError as error:
            self.problems += error.messages

    def add(self, user: User, file: UploadedFile) -> None:
        if self.is_full or (isinstance(file, LeftOut) and not file.is_too_large):
            sentence = ngettext(
                "{name} was left out: a post may have {count} picture.",
                "{name} was left out: a post may have {count} pictures.",
                PICTURES_PER_POST,
            )
            self.problems.append(sentence.format(name=file.name, count=PICTURES_PER_POST))
            return
        try:
            media = Media.objects.keep(user, file, file.name or "")
        except ValidationError as error:
            self.problems += error.messages
            return
        self.media.append(media)
        self.notes += notes_on(media)

    def remove(self, id: str | None) -> None:
        self.media = [media for media in self.media if str(media.public_id) != id]

    def move(self, id: str | None, places: int) -> None:
        ids = [str(media.public_id) for media in self.media]
        if id in ids and 0 <= ids.index(id) + places < len(ids):
            self.media.insert(ids.index(id) + places, self.media.pop(ids.index(id)))


def notes_on(media: Media) -> list[str]:
    """What was changed of a picture that was kept a moment ago, in sentences."""
    notes = []
    if media.still.is_first_only:
        notes.append(gettext("{name} moves: the first picture only.").format(name=media))
    if media.still.is_smaller:
        sentence = gettext(
            "{name} was made smaller: {width:,} by {height:,} pixels, {megabytes:.1f} MB."
        )
        size = {"width": media.width, "height": media.height}
        notes.append(sentence.format(name=media, megabytes=media.size / 1024**2, **size))
    return notes


def kept(user: AnyUser, ids: Sequence[str]) -> list[Media]:
    """In the order of the page."""
    wanted = [id for id in dict.fromkeys(map(as_uuid, ids)) if id][:PICTURES_PER_POST]
    if not wanted:
        return []
    rows = {row.public_id: row for row in Media.objects.of(user).filter(public_id__in=wanted)}
    return [rows[id] for id in wanted if id in rows]


def as_uuid(text: str) -> UUID | None:
    """None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
