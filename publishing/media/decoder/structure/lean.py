"""What is left of a file once its structure was read."""

from dataclasses import dataclass, field

UPRIGHT = 1


@dataclass(frozen=True)
class Lean:
    """A file of the kind that Pillow calls `format`, with what the rest of the original said: its
    size in pixels, which of the eight ways it is turned (EXIF's numbers), its colours."""

    format: str
    data: bytes = field(repr=False)
    width: int
    height: int
    orientation: int = UPRIGHT
    profile: bytes = field(default=b"", repr=False)  # ICC, as it came
    is_film: bool = False  # of which this is the first picture
