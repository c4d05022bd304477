"""Pictures as they are stored: decoded once to be sure of them, upright, and without the metadata
that says where somebody lives. What networks would not take is refused in one sentence."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

LARGEST = 5 * 1024 * 1024  # bytes; X takes no more
MOST_PIXELS = 30_000_000  # 120 MB of memory while one is decoded, twice that to turn it
LONGEST_SIDE = 8192
READ = ("JPEG", "PNG", "WEBP", "GIF")  # MPO is what some phones call a JPEG
MIMES = {"JPEG": "image/jpeg", "PNG": "image/png"}  # both networks take these two
QUALITIES = (92, 85, 75)
ORIENTATION = 0x0112  # in EXIF: 1 is upright
LARGEST_PROFILE = 1024 * 1024  # of colours
THUMBNAIL = (480, 480)
Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # Pillow's own guard; we look before it does
TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
ONE_AT_A_TIME = threading.Lock()  # a decoded picture is large, and a web process has many threads


@dataclass(frozen=True)
class Still:
    """A picture that is fit to be sent."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def refused(name: str, why: str) -> ValidationError:
    return ValidationError(f"{name or 'The picture'} {why}", code="picture")


def cleaned(data: bytes, name: str = "") -> Still:
    """`data` as it may be sent. Raises ValidationError with one sentence that names it."""
    check_size(len(data), name)
    with ONE_AT_A_TIME:
        try:
            with Image.open(BytesIO(data), formats=READ) as image:
                check_kind(image, name)
                image.load()
                return fitting(image, name)
        except ValidationError:
            raise
        except TOO_MANY_PIXELS as error:
            raise refused(name, "has too many pixels. Make it smaller.") from error
        except Exception as error:  # a broken file makes Pillow raise nearly anything
            raise refused(
                name, "cannot be read as a picture. Use a JPEG, PNG, WebP or GIF."
            ) from error


def check_size(size: int, name: str) -> None:
    if size == 0:
        raise refused(name, "is empty.")
    if size > LARGEST:
        raise refused(name, f"has {size / 1024**2:.1f} MB; a picture may have 5 MB.")


def check_kind(image: Image.Image, name: str) -> None:
    """By what its head says, before any of it is decoded: a small file may unpack to gigabytes."""
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise refused(name, f"is too large with {width:,} by {height:,} pixels. Make it smaller.")
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise refused(name, "moves; only still pictures can be posted.")


def fitting(image: Image.Image, name: str) -> Still:
    """The first way to write it that is small enough."""
    for data, mime, size in written(image):
        if len(data) <= LARGEST:
            return Still(data, mime, *size)
    raise refused(name, "cannot be made to fit into 5 MB. Make it smaller.")


def written(image: Image.Image) -> Iterator[tuple[bytes, str, tuple[int, int]]]:
    """Encoded anew, so that nothing but pixels and colours comes along."""
    profile = image.info.get("icc_profile") or b""
    colours = profile if len(profile) <= LARGEST_PROFILE and image.mode != "CMYK" else b""
    is_upright, is_drawn = stands(image), image.format in ("PNG", "GIF")
    if image.format == "JPEG" and is_upright and image.mode in ("L", "RGB"):
        image.info = {}
        # With the same tables as before: as good as not encoded anew.
        yield encoded(image, "JPEG", colours, quality="keep"), "image/jpeg", image.size
    image = plain(image if is_upright else ImageOps.exif_transpose(image))
    if is_drawn or image.mode == "RGBA":
        yield encoded(image, "PNG", colours), "image/png", image.size
    if image.mode != "RGBA":
        for quality in QUALITIES:
            yield encoded(image, "JPEG", colours, quality=quality), "image/jpeg", image.size


def stands(image: Image.Image) -> bool:
    try:
        return image.getexif().get(ORIENTATION, 1) == 1
    except Exception:  # it is not Pillow's fault that some write nonsense there
        return True


def plain(image: Image.Image) -> Image.Image:
    """In a mode that both kinds of file know, and without `info`, which Pillow would write down."""
    if image.has_transparency_data:
        mode = "RGBA"
    else:
        mode = "L" if image.mode in ("1", "L") else "RGB"
    if image.mode.startswith(("I", "F")):  # 16 bits of grey
        image = image.convert("I").point(lambda grey: grey / 256).convert("L")
        mode = "L"
    image = image if image.mode == mode else image.convert(mode)
    image.info = {}
    return image


def encoded(image: Image.Image, format: str, colours: bytes, **options: object) -> bytes:
    output = BytesIO()
    image.save(output, format, icc_profile=colours or None, **options)
    return output.getvalue()


def thumbnail(data: bytes) -> bytes:
    """A small WebP of a picture that was cleaned."""
    with ONE_AT_A_TIME, Image.open(BytesIO(data), formats=READ) as image:
        image.draft("RGB", THUMBNAIL)  # a JPEG is decoded at a fraction of its size
        image.thumbnail(THUMBNAIL)
        output = BytesIO()
        plain(image).save(output, "WEBP", quality=80)
        return output.getvalue()
