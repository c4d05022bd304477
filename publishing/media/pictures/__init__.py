"""Pictures as they are stored. The files are read in a process of its own
(`publishing.media.decoder`), one at a time; what networks would not take, and what would cost too
much, is refused in one sentence."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.media.decoder import limits
from publishing.media.decoder.limits import LARGEST, LARGEST_FILE
from social.words import Words

from .helper import TooCostly, Unavailable, UnreadablePicture
from .sharing import Busy, TooMuch, ask

__all__ = [
    "LARGEST",
    "LARGEST_FILE",
    "REFUSAL_SENTENCES",
    "Still",
    "Unavailable",
    "check_size",
    "cleaned",
    "fitted",
    "refused",
    "thumbnail",
]

REFUSAL_SENTENCES = {
    limits.UNREADABLE: _(
        "{name} cannot be read as a picture. Use a JPEG, PNG, WebP, GIF, HEIC or AVIF."
    ),
    limits.TOO_LARGE: _(
        "{name} is too large with {width:,} by {height:,} pixels; a JPEG may have 110 million, a "
        "WebP 40, another picture 50."
    ),
    limits.MOVES: _("{name} moves; only still pictures can be posted."),
    limits.DOES_NOT_FIT: _("{name} cannot be made to fit into 5 MB. Make it smaller."),
    limits.TOO_COSTLY: _(
        "{name} takes too much work to unpack. Save it anew with another program."
    ),
}
BUSY_SENTENCE = _("{name} was not added. We are busy with other pictures. Try again in a moment.")
TOO_MUCH_SENTENCE = _(
    "{name} was not added. Your last pictures took much work. Try again in a minute or two."
)
UNAVAILABLE_SENTENCE = _(
    "{name} was not added. Pictures cannot be read here at the moment. Try again later."
)


@dataclass(frozen=True)
class Still:
    """A picture that is fit to be sent."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int
    is_smaller: bool = False  # than the file was
    is_first_only: bool = False  # of the file, which moves

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def refused(name: str, sentence: Words, code: str = "picture", **facts: Any) -> ValidationError:
    """The refusal of a file, in one `sentence` that names it."""
    named = str(sentence).format(name=name or gettext("The picture"), **facts)
    return ValidationError(named, code=code)


def check_size(size: int, name: str) -> None:
    """Raises ValidationError for a file that is empty or too large."""
    if size == 0:
        raise refused(name, gettext("{name} is empty."))
    if size > LARGEST_FILE:
        sentence = gettext("{name} has {megabytes:.1f} MB; a picture may have 30 MB.")
        raise refused(name, sentence, megabytes=size / 1024**2)


def cleaned(data: bytes, name: str = "", person: Hashable = None) -> Still:
    """`data` as it may be sent. `person` is who wants it: the turns are shared out among them.
    Raises ValidationError with one sentence that names the picture."""
    check_size(len(data), name)
    try:
        answer, written = ask("clean", data, person)
    except Busy as error:
        raise refused(name, BUSY_SENTENCE, "busy") from error
    except TooMuch as error:
        raise refused(name, TOO_MUCH_SENTENCE, "busy") from error
    except Unavailable as error:
        raise refused(name, UNAVAILABLE_SENTENCE, "busy") from error
    except TooCostly as error:
        raise refused(name, REFUSAL_SENTENCES[limits.TOO_COSTLY]) from error
    except UnreadablePicture as error:
        raise refused(name, REFUSAL_SENTENCES[limits.UNREADABLE]) from error
    check_answer(answer, name)
    told = ("mime", "width", "height", "is_smaller", "is_first_only")
    return Still(written, *(answer[name] for name in told))


def fitted(data: bytes, most: int) -> Still | None:
    """A picture that was cleaned, in `most` bytes at most; None when it cannot be made so light.
    For jobs that send it. Raises Unavailable when a later try may have one."""
    try:
        answer, written = ask("fit", data, most=most)
    except (Busy, TooMuch) as error:
        raise Unavailable from error
    except (TooCostly, UnreadablePicture):
        return None
    if answer["is"] != "done":
        return None
    return Still(written, answer["mime"], answer["width"], answer["height"], True)


def check_answer(answer: dict[str, Any], name: str) -> None:
    """Raises ValidationError with one sentence for a picture that was refused."""
    if answer["is"] == "refused":
        raise refused(name, REFUSAL_SENTENCES[answer["reason"]], **answer["facts"])


def thumbnail(data: bytes) -> bytes | None:
    """A small WebP of a picture that was cleaned; None when there will never be one. For jobs: it
    waits for its turn. Raises Unavailable when a later try may have one."""
    try:
        answer, written = ask("thumbnail", data, is_patient=True)
    except (TooCostly, UnreadablePicture):
        return None
    return written if answer["is"] == "done" else None
