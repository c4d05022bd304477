"""JPEG (ITU-T T.81): segments that begin with a marker, and scans of compressed data."""

import re
from collections.abc import Iterator

from ..limits import (
    LARGEST_PROFILE,
    MOST_SCANNED,
    MOST_SCANS,
    MOST_SEGMENTS,
    TOO_COSTLY,
    UNREADABLE,
    Refused,
)
from . import exif
from .lean import UPRIGHT, Lean

SOI = b"\xff\xd8"
EOI, SOS, DHT, DAC, DQT, DNL, DRI = 0xD9, 0xDA, 0xC4, 0xCC, 0xDB, 0xDC, 0xDD
FRAMES = {*range(0xC0, 0xD0)} - {DHT, DAC, 0xC8}  # SOF0 to SOF15: how many pixels there are
ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a segment
TABLES = {DHT, DAC, DQT, DNL, DRI, *FRAMES}
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
KEPT = {APP0: b"JFIF\0", APP14: b"Adobe"}  # they say what the colours mean; the first of each
ICC = b"ICC_PROFILE\0"
MARKER = re.compile(rb"\xff[^\x00\xff]")
AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # restarts belong to the scan


def is_one(data: bytes) -> bool:
    return data.startswith(SOI + b"\xff")


def lean(data: bytes) -> Lean:
    """The first picture of `data`: many phones put a second one behind it."""
    parts = [SOI]
    profile: dict[bytes, bytes] = {}
    width = height = scans = 0
    turned, is_described, extras = UPRIGHT, False, dict(KEPT)
    for marker, body, whole in segments(data):
        if marker in FRAMES and len(body) >= 5:
            height, width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
        if marker == SOS:
            scans += 1
            check_scans(scans, width * height)
        if marker in TABLES or marker in (SOS, EOI):
            parts.append(whole)
        elif marker in extras and body.startswith(extras[marker]):
            del extras[marker]
            parts.append(whole)
        elif marker == APP1 and body.startswith(exif.EXIF_HEADER) and not is_described:
            turned, is_described = exif.orientation(body), True
        elif marker == APP2 and body.startswith(ICC):
            profile.setdefault(body[len(ICC) : len(ICC) + 1], body[len(ICC) + 2 :])
    if not width or not height or not scans:
        raise Refused(UNREADABLE)
    return Lean("JPEG", b"".join(parts), width, height, turned, joined(profile))


def segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(marker, what it says, all of it as it is to be written): a scan comes with its data. What is
    no segment is passed over."""
    at, counted = len(SOI), 0
    while found := MARKER.search(data, at):
        counted += 1
        if counted > MOST_SEGMENTS:
            raise Refused(TOO_COSTLY)
        start, marker = found.start(), found[0][1]
        at = start + 2
        if marker == EOI:
            yield marker, b"", found[0]
            return
        if marker in ALONE:
            continue
        end = at + max(2, int.from_bytes(data[at : at + 2]))
        body, at = data[at + 2 : end], end
        if marker == SOS:
            after = AFTER_SCAN.search(data, at)
            at = after.start() if after else len(data)
        yield marker, body, data[start:at]


def check_scans(scans: int, pixels: int) -> None:
    if scans > MOST_SCANS or scans * pixels > MOST_SCANNED:
        raise Refused(TOO_COSTLY)


def joined(profile: dict[bytes, bytes]) -> bytes:
    """Its parts in their order; nothing when it is too large to be one."""
    if sum(map(len, profile.values())) > LARGEST_PROFILE:
        return b""
    return b"".join(part for _, part in sorted(profile.items()))
