"""What becomes of a picture file before anything is stored of it."""

import struct
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, ImageOps

from publishing.media.decoder import cleaning, limits
from publishing.media.decoder.limits import Refused
from publishing.media.pictures import LARGEST, LARGEST_FILE, cleaned, thumbnail
from tests.pictures import bomb, drawn, from_phone, moving, opened, profile_of


@pytest.mark.parametrize(
    ("draw", "mime"),
    [
        (lambda: drawn(), "image/jpeg"),
        (lambda: drawn(mode="L"), "image/jpeg"),
        (lambda: drawn(mode="CMYK"), "image/jpeg"),
        (lambda: drawn(format="PNG"), "image/png"),
        (lambda: drawn(format="PNG", mode="1"), "image/png"),
        (lambda: drawn(format="PNG", mode="RGBA"), "image/png"),
        (lambda: drawn(format="PNG", mode="I;16"), "image/png"),
        (lambda: drawn(format="GIF", mode="P"), "image/png"),
        (lambda: drawn(format="WEBP"), "image/jpeg"),
        (lambda: drawn(format="WEBP", mode="RGBA"), "image/png"),
    ],
)
def test_it_works(draw, mime):
    still = cleaned(draw(), "a picture")
    assert (still.mime, still.width, still.height) == (mime, 64, 48)
    assert opened(still.data).size == (64, 48)
    assert opened(thumbnail(still.data)).size == (64, 48)


def test_where_it_was_taken_is_gone_and_it_stands_upright():
    assert b"SecretPhone" in from_phone() and opened(from_phone()).getexif().get_ifd(0x8825)
    still = cleaned(from_phone())
    assert b"Secret" not in still.data and not dict(opened(still.data).getexif())
    assert (still.width, still.height) == (48, 64)
    red, blue = opened(still.data).getpixel((24, 5)), opened(still.data).getpixel((24, 60))
    assert red[0] > 200 > red[2] and blue[2] > 200 > blue[0]


def test_words_in_a_png_are_gone():
    data = drawn(format="PNG", exif=b"Exif\0\0SecretPhone")
    assert b"Secret" in data and b"Secret" not in cleaned(data).data


def read(profile: bytes) -> Any:
    return ImageCms.ImageCmsProfile(BytesIO(profile)).profile


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "MPO"])
@pytest.mark.parametrize("number", range(1, 9))
def test_all_eight_ways_to_lie_are_turned_as_pillow_would(number, format):
    exif = Image.Exif()
    exif[0x0112] = number
    more = {"save_all": True, "append_images": [opened(drawn())]} if format == "MPO" else {}
    data = drawn(format=format, exif=exif, **more)
    seen, wanted = opened(cleaned(data).data), ImageOps.exif_transpose(opened(data))
    assert seen.size == wanted.size
    for place in ((3, 3), (seen.width - 3, 3), (3, seen.height - 3)):
        pairs = zip(seen.getpixel(place)[:3], wanted.getpixel(place)[:3], strict=True)
        assert all(abs(one - other) < 9 for one, other in pairs)


def test_a_jpeg_that_stands_is_not_made_worse():
    """Only its metadata goes: it is written with the tables that it had."""
    data = drawn(quality=70, comment=b"SecretComment")
    still = cleaned(data)
    assert b"Secret" not in still.data
    assert opened(still.data).quantization == opened(data).quantization


def test_colours_keep_their_profile():
    profile = profile_of("sRGB")
    kept = opened(cleaned(drawn(icc_profile=profile)).data).info["icc_profile"]
    for name in ("red_primary", "green_primary", "media_white_point", "profile_description"):
        assert getattr(read(kept), name) == getattr(read(profile), name) is not None
    assert (
        opened(cleaned(drawn(format="PNG", icc_profile=profile)).data).info["icc_profile"] == kept
    )
    assert (
        opened(cleaned(drawn(format="WEBP", icc_profile=profile)).data).info["icc_profile"] == kept
    )


def test_a_profile_carries_colours_and_nothing_else():
    profile = profile_of("sRGB")
    [tags] = struct.unpack_from(">I", profile, 128)
    at = 132 + 12 * tags  # a tag more, whose value is behind the end
    moved = bytearray(profile[:128] + struct.pack(">I", tags + 1) + profile[132:at])
    for place in range(136, 136 + 12 * tags, 12):
        [value] = struct.unpack_from(">I", moved, place)
        struct.pack_into(">I", moved, place, value + 12)
    moved += b"note" + struct.pack(">II", len(profile) + 12, 60_000) + profile[at:]
    moved += b"text\0\0\0\0" + b"secret" * 9_999
    struct.pack_into(">I", moved, 0, len(moved))
    assert read(bytes(moved)).red_primary
    kept = opened(cleaned(drawn(icc_profile=bytes(moved))).data).info["icc_profile"]
    assert b"secret" not in kept and read(kept).red_primary == read(profile).red_primary


@pytest.mark.parametrize(
    "profile",
    [
        b"a profile of colours",
        b"x" * 1_000_000,
        profile_of("sRGB") + bytes(200_000),
        profile_of("LAB"),
        profile_of("sRGB")[:150],
        profile_of("sRGB")[:128] + b"\xff" * 400,
    ],
)
def test_what_is_no_profile_of_colours_is_dropped(profile):
    for format in ("JPEG", "PNG", "WEBP"):
        data = cleaned(drawn(format=format, icc_profile=profile)).data
        assert "icc_profile" not in opened(data).info and len(data) < 2000


def test_the_two_pictures_of_a_phone_are_one():
    """Some phones write a JPEG with a second picture inside, which is no film."""
    data = drawn(format="MPO", save_all=True, append_images=[opened(drawn())])
    assert cleaned(data).mime == "image/jpeg"


@pytest.mark.parametrize(
    ("draw", "why"),
    [
        (lambda: b"", "is empty."),
        (
            lambda: b"Hello, world!",
            "cannot be read as a picture. Use a JPEG, PNG, WebP, GIF, HEIC or AVIF.",
        ),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "cannot be read as a picture."),
        (lambda: drawn(format="TIFF"), "cannot be read as a picture."),
        (lambda: drawn((900, 900))[:-2000], "cannot be read as a picture."),
        (lambda: drawn(format="PNG")[:60], "cannot be read as a picture."),
        (lambda: b"\xff\xd8\xff" + b"\0" * 50, "cannot be read as a picture."),
        (lambda: moving("PNG"), "moves; only still pictures can be posted."),
        (lambda: moving("WEBP"), "moves; only still pictures can be posted."),
        (lambda: b"\0" * (LARGEST_FILE + 200_000), "has 30.2 MB; a picture may have 30 MB."),
        (lambda: bomb(11_000), "is too large with 11,000 by 11,000 pixels; a JPEG may have 110"),
        (lambda: bomb(7100), "is too large with 7,100 by 7,100 pixels; a JPEG may have 110"),
        (lambda: drawn((30_100, 10)), "is too large with 30,100 by 10 pixels; a JPEG may have 110"),
    ],
)
def test_what_will_not_do_is_refused_in_one_sentence(draw, why):
    data = draw()
    with pytest.raises(ValidationError) as refused:
        cleaned(data, "beach.jpg")
    [sentence] = refused.value.messages
    assert sentence.startswith(f"beach.jpg {why}")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(cleaning, "opened", None)  # would be a TypeError
    with pytest.raises(Refused, match=limits.TOO_LARGE):
        cleaning.clean(bomb(7100))


# ── Too large for any network ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("draw", "size"),
    [
        (lambda: drawn((8000, 4000)), (4096, 2048)),  # 32 megapixels
        (lambda: drawn((4000, 8000), "PNG"), (2048, 4096)),
        (lambda: drawn((12_240, 8_100)), (4096, 2711)),  # 99 megapixels
        (lambda: drawn((9000, 60)), (4096, 27)),  # a panorama
        (lambda: from_phone((8000, 4000)), (2048, 4096)),  # turned, and without where it was taken
        (lambda: bomb(6000), (4096, 4096)),
    ],
)
def test_it_is_made_smaller(draw, size):
    still = cleaned(draw())
    assert (still.width, still.height) == size == opened(still.data).size
    assert still.is_smaller and len(still.data) <= LARGEST and b"Secret" not in still.data


@pytest.mark.parametrize(("format", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA")])
def test_a_file_of_many_megabytes_is_made_to_fit(format, mode):
    """Noise, which nothing packs well."""
    noise = [Image.effect_noise((2600, 2000), 90) for _ in mode]
    output = BytesIO()
    Image.merge(mode, noise).save(output, format, **({"quality": 97} if mode == "RGB" else {}))
    assert len(output.getvalue()) > LARGEST
    still = cleaned(output.getvalue())
    assert still.is_smaller and len(still.data) <= LARGEST
    assert opened(still.data).size == (still.width, still.height)
    assert opened(still.data).mode == mode


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_heavy_photo_stays_as_large_as_it_is(mode):
    """As a PNG, as some programs save them: an alpha that hides nothing is none."""
    size = (3000, 2000)
    rough = Image.effect_noise(size, 40).resize(size)
    photo = Image.merge(
        "RGB", [Image.blend(rough, drawn_grey(size, turn), 0.5) for turn in (0, 90, 180)]
    )
    output = BytesIO()
    photo.convert(mode).save(output, "PNG", compress_level=1)
    assert len(output.getvalue()) > LARGEST
    still = cleaned(output.getvalue())
    assert (still.width, still.height, still.mime) == (*size, "image/jpeg")


def drawn_grey(size: tuple[int, int], turn: int) -> Image.Image:
    return Image.linear_gradient("L").rotate(turn).resize(size)


def test_what_fits_is_not_made_smaller():
    still = cleaned(drawn((4000, 3000)))
    assert (still.width, still.height, still.is_smaller) == (4000, 3000, False)


def test_what_grows_too_large_is_written_smaller(monkeypatch):
    monkeypatch.setattr(limits, "LARGEST", 10)
    with pytest.raises(Refused, match=limits.DOES_NOT_FIT):
        cleaning.clean(drawn((300, 300), "PNG", "RGBA"))
    monkeypatch.setattr(limits, "LARGEST", 3000)
    written = cleaning.clean(drawn((300, 300), quality=100))
    assert written.mime == "image/jpeg" and len(written.data) <= 3000
