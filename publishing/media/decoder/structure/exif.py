"""Which way up a picture is, as its EXIF says: the one thing of it that we want to know."""

import struct

from .lean import UPRIGHT

EXIF_HEADER = b"Exif\0\0"
ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
ORIENTATION = 0x0112
SHORT = 3  # the type of its value
ENTRY = 12  # bytes
MOST_ENTRIES = 500  # of the first directory; cameras write twenty


def orientation(exif: bytes) -> int:
    """1 to 8, 1 for upright, and for nonsense too. `exif` begins with a TIFF header, which may have
    "Exif" in front of it."""
    tiff = exif.removeprefix(EXIF_HEADER)
    order = ORDERS.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        [start] = struct.unpack_from(f"{order}I", tiff, 4)
        [count] = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(min(count, MOST_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(
                f"{order}HHIH", tiff, start + 2 + ENTRY * number
            )
            if tag == ORIENTATION:
                return value if kind == SHORT and 1 <= value <= 8 else UPRIGHT
    except struct.error:
        pass  # it ends early
    return UPRIGHT
