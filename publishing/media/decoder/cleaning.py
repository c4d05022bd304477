"""Pictures as they are stored: decoded once to be sure of them, upright, and without the metadata
that says where somebody lives."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO

from PIL import AvifImagePlugin, Image
from pillow_heif import register_heif_opener

from . import limits
from .limits import (
    DOES_NOT_FIT,
    MOVES,
    SMALLER_SIDES,
    TOO_COSTLY,
    UNREADABLE,
    Refused,
    check_dimensions,
)
from .profiles import lean_profile
from .structure import Lean, lean
from .structure.lean import UPRIGHT

QUALITIES = (92, 85, 75)
FITTED_SIDES = (2000, 1600, 1200, 800, 400)  # of what one network alone wants lighter
THUMBNAIL = (480, 480)
ROUGHLY_FIRST = 2.0  # how much of making smaller is done quickly: down to twice the size
TRANSPOSITIONS = {  # EXIF's number → what makes it upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
Image.MAX_IMAGE_PIXELS = None  # we look ourselves, before it does
ONE_THREAD = 1  # each more takes 64 MB of address space
AvifImagePlugin.DEFAULT_MAX_THREADS = ONE_THREAD
register_heif_opener(thumbnails=False, decode_threads=ONE_THREAD)


@dataclass(frozen=True)
class Written:
    """A file that is made here."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int
    is_smaller: bool = False  # than what came
    is_first_only: bool = False  # of a film


def clean(data: bytes) -> Written:
    """`data` as it may be sent, a JPEG or PNG of at most limits.LARGEST bytes. Raises Refused."""
    try:
        found = lean(data)
        with opened(found) as image:
            if is_large(found):  # a JPEG is decoded at a fraction of its size, where that is enough
                image.draft(image.mode, within(image.size, SMALLER_SIDES[0]))
            image.load()
            return fitting(image, found)
    except Refused:
        raise
    except MemoryError as error:
        raise Refused(TOO_COSTLY) from error
    except Exception as error:  # a broken file makes Pillow raise nearly anything
        raise Refused(UNREADABLE) from error


def thumbnail(data: bytes) -> Written:
    """A small WebP of a picture that was cleaned. Raises Refused."""
    try:
        with opened(lean(data)) as image:
            image.draft("RGB", THUMBNAIL)  # a JPEG is decoded at a fraction of its size
            image.thumbnail(THUMBNAIL)
            output = BytesIO()
            plain(image).save(output, "WEBP", quality=80)
            return Written(output.getvalue(), "image/webp", *image.size)
    except Refused:
        raise
    except MemoryError as error:
        raise Refused(TOO_COSTLY) from error
    except Exception as error:
        raise Refused(UNREADABLE) from error


def fitted(data: bytes, most: int) -> Written:
    """A picture that was cleaned, as a JPEG of `most` bytes at most: what shines through is white
    then. Raises Refused."""
    try:
        found = lean(data)
        with opened(found) as image:
            image.draft(image.mode, within(image.size, FITTED_SIDES[0]))
            image.load()
            for written in lighter_and_lighter(on_white(plain(image)), found):
                if len(written.data) <= most:
                    return replace(written, is_smaller=True)
        raise Refused(DOES_NOT_FIT)
    except Refused:
        raise
    except MemoryError as error:
        raise Refused(TOO_COSTLY) from error
    except Exception as error:
        raise Refused(UNREADABLE) from error


def lighter_and_lighter(image: Image.Image, found: Lean) -> Iterator[Written]:
    colours = lean_profile(found.profile, image.mode)
    for side in FITTED_SIDES:
        if side == FITTED_SIDES[0] or max(image.size) > side:
            image.thumbnail((side, side), reducing_gap=ROUGHLY_FIRST)
            for quality in QUALITIES:
                yield encoded(image, "JPEG", colours, quality=quality)


def on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def opened(found: Lean) -> Image.Image:
    """Pillow's own idea of it, before it is decoded."""
    image = Image.open(BytesIO(found.data), formats=[found.format])
    check_dimensions(*image.size, found.format)
    if getattr(image, "is_animated", False):
        raise Refused(MOVES)
    return image


def within(size: tuple[int, int], side: int) -> tuple[int, int]:
    """So small that its longer side is `side`."""
    width, height = (max(1, length * side // max(size)) for length in size)
    return width, height


def is_large(found: Lean) -> bool:
    """Whether no network would take it as it is."""
    width, height = found.width, found.height
    too_many = width * height > limits.MOST_PIXELS or max(width, height) > limits.LONGEST_SIDE
    return too_many or is_heavy(found)


def is_heavy(found: Lean) -> bool:
    """A PNG of it would hardly be lighter, after ten seconds of packing."""
    return len(found.data) > limits.LARGEST


def is_hopeless(image: Image.Image, found: Lean) -> bool:
    """Whether this version of it is as a PNG by far too heavy, to judge by what came; the smallest
    version is always tried."""
    share = image.width * image.height / (found.width * found.height)
    is_smallest = max(image.size) <= SMALLER_SIDES[-1]
    return not is_smallest and len(found.data) * share > 2 * limits.LARGEST


def fitting(image: Image.Image, found: Lean) -> Written:
    """The largest version and the first way to write it that is small enough."""
    for number, version in enumerate(versions(image, found)):
        for written in ways_to_write(version, found):
            if len(written.data) <= limits.LARGEST:
                is_smaller = number > 0 or is_large(found)
                return replace(written, is_smaller=is_smaller, is_first_only=found.is_film)
    raise Refused(DOES_NOT_FIT)


def versions(image: Image.Image, found: Lean) -> Iterator[Image.Image]:
    """As it is, unless that is too much; then smaller and smaller."""
    if not is_large(found):
        yield image
    image = plain(image)
    for side in SMALLER_SIDES:
        is_first = side == SMALLER_SIDES[0] and is_large(found)
        if is_first or max(image.size) > side:
            image.thumbnail((side, side), reducing_gap=ROUGHLY_FIRST)
            yield image


def ways_to_write(image: Image.Image, found: Lean) -> Iterator[Written]:
    """Encoded anew, so that nothing but pixels and colours comes along."""
    colours = lean_profile(found.profile, image.mode)
    is_upright, is_drawn = found.orientation == UPRIGHT, found.format in ("PNG", "GIF")
    is_as_it_came = image.size == (found.width, found.height) and not is_large(found)
    if found.format == "JPEG" and is_as_it_came and is_upright and image.mode in ("L", "RGB"):
        image.info = {}
        # With the same tables as before: as good as not encoded anew.
        yield encoded(image, "JPEG", colours, quality="keep")
    image = plain(image if is_upright else image.transpose(TRANSPOSITIONS[found.orientation]))
    if image.mode == "RGBA" and not is_hopeless(image, found):
        yield encoded(image, "PNG", colours, compress_level=1 if is_heavy(found) else 6)
    elif is_drawn and not is_heavy(found):
        yield encoded(image, "PNG", colours)
    if image.mode != "RGBA":
        for quality in QUALITIES:
            yield encoded(image, "JPEG", colours, quality=quality)


def plain(image: Image.Image) -> Image.Image:
    """In a mode that both kinds of file know, and without `info`, which Pillow would write down."""
    if image.has_transparency_data:
        image, mode = image.convert("RGBA"), "RGBA"
        if image.getchannel("A").getextrema() == (255, 255):  # nothing shines through
            mode = "RGB"
    else:
        mode = "L" if image.mode in ("1", "L") else "RGB"
    if image.mode.startswith(("I", "F")):  # 16 bits of grey
        image = image.convert("I").point(lambda grey: grey / 256).convert("L")
        mode = "L"
    image = image if image.mode == mode else image.convert(mode)
    image.info = {}
    return image


def encoded(image: Image.Image, format: str, colours: bytes, **options: object) -> Written:
    output = BytesIO()
    image.save(output, format, icc_profile=colours or None, **options)
    return Written(output.getvalue(), f"image/{format.lower()}", *image.size)
