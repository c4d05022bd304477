"""The structure of a picture file, read before any of it is decoded: it is counted, and written
anew with nothing in it but what makes pixels. Metadata, second pictures and whatever hangs on
behind the end never reach a decoder."""

from ..limits import UNREADABLE, Refused, check_dimensions
from . import gif, heif, jpeg, png, webp
from .lean import Lean

__all__ = ["Lean", "lean"]

FORMATS = (jpeg, png, webp, gif, heif)


def lean(data: bytes) -> Lean:
    """`data` without what makes no pixels. Raises Refused."""
    for kind in FORMATS:
        if kind.is_one(data):
            found = kind.lean(data)
            check_dimensions(found.width, found.height, found.format)
            return found
    raise Refused(UNREADABLE)
