"""PNG (W3C, third edition): chunks of a length, a name, data and a checksum."""

import zlib
from collections.abc import Iterator

from ..limits import LARGEST_PROFILE, MOST_CHUNKS, MOVES, TOO_COSTLY, UNREADABLE, Refused
from . import exif
from .lean import UPRIGHT, Lean

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MORE_THAN_DATA = 12  # bytes of a chunk: length, name, checksum
PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
LARGEST_CHUNK = {b"IHDR": 13, b"PLTE": 3 * 256, b"tRNS": 256}  # bytes
LONGEST_NAME = 79  # of a profile


def is_one(data: bytes) -> bool:
    return data.startswith(SIGNATURE)


def lean(data: bytes) -> Lean:
    parts, width, height = [SIGNATURE], 0, 0
    turned, profile = UPRIGHT, b""
    for name, body, whole in chunks(data):
        if len(body) > LARGEST_CHUNK.get(name, len(body)):
            raise Refused(UNREADABLE)
        if name == b"acTL" and int.from_bytes(body[:4]) > 1:
            raise Refused(MOVES)
        if name == b"IHDR" and len(parts) == 1:
            width, height = int.from_bytes(body[:4]), int.from_bytes(body[4:8])
        if name in PNG_PIXELS:
            parts.append(whole)
        elif name == b"eXIf":
            turned = exif.orientation(body)
        elif name == b"iCCP" and not profile:
            profile = unpacked(body)
    if not width or not height:
        raise Refused(UNREADABLE)
    return Lean("PNG", b"".join(parts), width, height, turned, profile)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(name, data, all of it), up to the end of the picture or of the file."""
    at, counted = len(SIGNATURE), 0
    while at + MORE_THAN_DATA <= len(data):
        counted += 1
        if counted > MOST_CHUNKS:
            raise Refused(TOO_COSTLY)
        end = at + MORE_THAN_DATA + int.from_bytes(data[at : at + 4])
        name, whole = data[at + 4 : at + 8], data[at:end]
        yield name, whole[8:-4] if end <= len(data) else whole[8:], whole
        if name == b"IEND":
            return
        at = end


def unpacked(body: bytes) -> bytes:
    """The profile in an iCCP chunk: a name, a zero, the method (0), and a zlib stream, of which no
    more is unpacked than a profile may have."""
    end = body.find(b"\0", 0, LONGEST_NAME + 1)
    if end < 0:
        return b""
    stream = zlib.decompressobj()
    try:
        profile = stream.decompress(body[end + 2 :], LARGEST_PROFILE + 1)
    except zlib.error:
        return b""
    return profile if len(profile) <= LARGEST_PROFILE else b""
