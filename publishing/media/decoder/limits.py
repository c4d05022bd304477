"""What a picture may have and may cost, and how a refusal is said between the processes."""

from typing import Any

# As it comes. A large JPEG is decoded at half its size, others as they are.
LARGEST_FILE = 30 * 1024 * 1024  # bytes
MOST_PIXELS_READ = {"JPEG": 110_000_000, "WEBP": 40_000_000}  # WebP takes 16 bytes for each
MOST_PIXELS_UNPACKED = 50_000_000  # of what else there is: 200 MB of memory
LONGEST_SIDE_READ = 30_000

# As it is kept and goes out; what has more is made smaller.
LARGEST = 5 * 1024 * 1024  # bytes; no network must take more
MOST_PIXELS = 30_000_000  # 120 MB of memory while one is decoded, twice that to turn it
LONGEST_SIDE = 8192
SMALLER_SIDES = (4096, 2048, 1024)  # the longer side of what is made smaller; none shows more
LARGEST_PROFILE = 128 * 1024  # of colours; a camera's or a screen's has 0.5 to 4 kB

# Structure, counted before anything is decoded. What cameras, phones and programs write stays far
# below: ten to twenty scans, a few dozen segments, a thousand chunks.
MOST_SCANS = 32
MOST_SCANNED = 600_000_000  # pixels times scans: each scan is a walk over all of them
MOST_SEGMENTS = 1_000  # of a JPEG
MOST_CHUNKS = 20_000  # of a PNG
MOST_WEBP_CHUNKS = 100
MOST_BLOCKS = 100_000  # of a GIF; they have up to 255 bytes
MOST_BOXES = 20_000  # of a HEIC or AVIF, with the rows in them; a phone's has a thousand
MOST_TILES = 512  # that such a picture is put together of; a phone's has 50 to 200

# One picture in the decoding process.
CPU_SECONDS = 5
MEMORY = 768 * 1024 * 1024  # bytes of address space; the largest honest ones take 510 MB
NICENESS = 5  # pages come first

UNREADABLE = "unreadable"  # reasons for a refusal, as they go over the wire
TOO_LARGE = "too_large"
MOVES = "moves"
TOO_COSTLY = "too_costly"
DOES_NOT_FIT = "does_not_fit"


class Refused(Exception):
    """A picture that will not do: `reason` is one of those above, `facts` are for its sentence."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


def check_dimensions(width: int, height: int, format: str = "JPEG") -> None:
    """A small file may unpack to gigabytes. Raises Refused."""
    most = MOST_PIXELS_READ.get(format, MOST_PIXELS_UNPACKED)
    if width * height > most or max(width, height) > LONGEST_SIDE_READ:
        raise Refused(TOO_LARGE, width=width, height=height)
