"""GIF (version 89a): a screen, its palette, and blocks, each a chain of up to 255 bytes."""

from ..limits import MOST_BLOCKS, TOO_COSTLY, UNREADABLE, Refused
from .lean import Lean

SCREEN = 13  # bytes, with the signature
EXTENSION, IMAGE, TRAILER = b"!", b",", b";"
CONTROL = 0xF9  # the extension that says which colour is transparent
DESCRIPTOR = 10  # bytes of an image before its palette


def is_one(data: bytes) -> bool:
    return data.startswith((b"GIF87a", b"GIF89a"))


def lean(data: bytes) -> Lean:
    """The picture of a file with one; of several, which are a film, the first."""
    reader = Reader(data)
    head = reader.take(SCREEN)
    head += reader.take(palette_size(head[10]))
    size = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    control = image = b""
    is_film = False
    while (kind := reader.next()) in (EXTENSION, IMAGE):
        if kind == EXTENSION:
            label = reader.take(1)
            blocks = reader.chain()
            if label[0] == CONTROL and not image:
                control = kind + label + blocks
            continue
        if is_film := bool(image):
            break
        image = kind + reader.take(DESCRIPTOR - 1)
        image += reader.take(palette_size(image[9])) + reader.take(1) + reader.chain()
    if not image:
        raise Refused(UNREADABLE)
    left, top, width, height = (
        int.from_bytes(image[at : at + 2], "little") for at in range(1, 9, 2)
    )
    size = max(size[0], left + width), max(size[1], top + height)
    return Lean("GIF", head + control + image + TRAILER, *size, is_film=is_film)


def palette_size(flags: int) -> int:
    return 3 * 2 ** (1 + (flags & 7)) if flags & 0x80 else 0


class Reader:
    """Takes pieces off the front of `data`. Raises Refused when there is too little or too much."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.blocks = data, 0, 0

    def take(self, size: int) -> bytes:
        taken = self.data[self.at : self.at + size]
        if len(taken) < size:
            raise Refused(UNREADABLE)
        self.at += size
        return taken

    def next(self) -> bytes:
        """One byte, which says what follows; none at the end, as some leave the trailer out."""
        return self.take(1) if self.at < len(self.data) else b""

    def chain(self) -> bytes:
        """Blocks up to the empty one, as they are written."""
        start = self.at
        while size := self.take(1)[0]:
            self.blocks += 1
            if self.blocks > MOST_BLOCKS:
                raise Refused(TOO_COSTLY)
            self.take(size)
        return self.data[start : self.at]
