"""WebP (RFC 9649): a RIFF file of chunks, each a name, a length and data."""

from collections.abc import Iterator

from ..limits import LARGEST_PROFILE, MOST_WEBP_CHUNKS, MOVES, TOO_COSTLY, UNREADABLE, Refused
from . import exif
from .lean import UPRIGHT, Lean

HEAD = 12  # bytes: RIFF, a length, WEBP
WITH_METADATA = 0x20 | 0x08 | 0x04  # flags of VP8X: a profile, EXIF, XMP
WEBP_PIXELS = (b"VP8X", b"ALPH", b"VP8 ", b"VP8L", b"ANIM", b"ANMF")
SIZED = (b"VP8X", b"VP8 ", b"VP8L")  # the first of these says how many pixels there are


def is_one(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def lean(data: bytes) -> Lean:
    kept: dict[bytes, bytes] = {}
    size, turned, profile = (0, 0), UPRIGHT, b""
    for name, body in chunks(data):
        if name == b"ANMF" and name in kept:
            raise Refused(MOVES)
        if name in SIZED and not any(size):
            size = dimensions(name, body)
        if name == b"EXIF":
            turned = exif.orientation(body)
        elif name == b"ICCP" and len(body) <= LARGEST_PROFILE:
            profile = body
        elif name in WEBP_PIXELS:
            kept.setdefault(name, body)
    if not all(size):
        raise Refused(UNREADABLE)
    return Lean("WEBP", written(kept), *size, turned, profile)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, data), up to the end that the head names."""
    at, counted = HEAD, 0
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        counted += 1
        if counted > MOST_WEBP_CHUNKS:
            raise Refused(TOO_COSTLY)
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : min(end, at + 8 + length)]
        at += 8 + length + length % 2


def dimensions(name: bytes, body: bytes) -> tuple[int, int]:
    """Of the canvas (VP8X), or of the picture, in its own bits."""
    if name == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if name == b"VP8 ":
        sides = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        return sides[0] & 0x3FFF, sides[1] & 0x3FFF
    bits = int.from_bytes(body[1:5], "little")
    return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)


def written(kept: dict[bytes, bytes]) -> bytes:
    if flags := kept.get(b"VP8X"):
        kept |= {b"VP8X": bytes([flags[0] & ~WITH_METADATA]) + flags[1:]}
    parts = [
        name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
        for name, body in kept.items()
    ]
    return b"RIFF" + (4 + sum(map(len, parts))).to_bytes(4, "little") + b"WEBP" + b"".join(parts)
