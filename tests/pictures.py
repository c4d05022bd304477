"""Pictures for tests, made on the spot, and looking into those that arrived."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

register_heif_opener()


def drawn(
    size: tuple[int, int] = (64, 48), format: str = "JPEG", mode: str = "RGB", **more: Any
) -> bytes:
    """Red on the left, blue on the right: it shows which way up it is."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    output = BytesIO()
    if mode == "RGBA":
        image.putalpha(128)
    image.convert(mode).save(output, format, **more)
    return output.getvalue()


def turned_heic(
    quarters: int, mirrored: int | None = None, size: tuple[int, int] = (64, 48)
) -> bytes:
    """As phones write it: to be turned against the clock, then mirrored (1: left and right)."""
    whole = drawn(size, format="HEIF")
    turns = {b"irot": quarters, b"imir": mirrored}
    for name, spare in zip(turns, (b"pixi\0\0\0\0\3\x08\x08\x08", b"colrnclx"), strict=True):
        at = whole.index(spare)
        if turns[name] is not None:  # in the place of a property that it does without
            room = len(spare) - 4
            whole = (
                whole[:at] + name + bytes([turns[name]]) + bytes(room - 1) + whole[at + 4 + room :]
            )
    return whole


def from_phone(size: tuple[int, int] = (64, 48)) -> bytes:
    """Lying on its side, and telling where it was taken and by whom."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretPhone", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0)})
    return drawn(size, exif=exif, comment=b"SecretComment", xmp=b"<x:xmpmeta>SecretPlace</x>")


def moving(format: str = "GIF") -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    output = BytesIO()
    frames[0].save(output, format, save_all=True, append_images=frames[1:])
    return output.getvalue()


def bomb(side: int) -> bytes:
    """A few kilobytes that unpack to `side` by `side` pixels."""
    output = BytesIO()
    Image.new("1", (side, side)).save(output, "PNG")
    return output.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def profile_of(colours: str) -> bytes:
    """A real one: of "sRGB", "XYZ" or "LAB"."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(colours)).tobytes()
