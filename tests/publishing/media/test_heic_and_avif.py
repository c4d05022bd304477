"""The pictures of phones: HEIC and AVIF, honest ones and those that are made to cost much."""

import struct
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

from publishing.media.decoder.limits import Refused
from publishing.media.decoder.structure import lean
from publishing.media.pictures import cleaned
from tests import hostile
from tests.pictures import drawn, moving, opened, turned_heic


def is_alike(data: bytes, wanted: Image.Image) -> bool:
    seen = opened(data)
    if seen.size != wanted.size:
        return False
    for place in ((3, 3), (seen.width - 3, 3), (3, seen.height - 3)):
        pairs = zip(seen.getpixel(place)[:3], wanted.getpixel(place)[:3], strict=True)
        if any(abs(one - other) > 30 for one, other in pairs):
            return False
    return True


def test_all_ways_to_lie_are_turned_and_nothing_of_the_phone_comes_along():
    for number in range(1, 9):
        exif = Image.Exif()
        exif[0x010F], exif[0x0112] = "SecretPhone", number
        wanted = ImageOps.exif_transpose(opened(drawn(exif=exif)))
        data = drawn(format="AVIF", exif=exif)
        still = cleaned(data)
        assert b"Secret" in data and b"Secret" not in still.data + lean(data).data
        assert is_alike(still.data, wanted), number
    upright = opened(drawn())
    for quarters in range(4):
        turned = upright.rotate(90 * quarters, expand=True)
        for mirrored, wanted in (
            (None, turned),
            (0, ImageOps.flip(turned)),
            (1, ImageOps.mirror(turned)),
        ):
            still = cleaned(turned_heic(quarters, mirrored))
            assert is_alike(still.data, wanted), (quarters, mirrored)


def test_what_they_are_made_of_is_put_together():
    """A grid of tiles, and what shines through."""
    for format in ("HEIF", "AVIF"):
        still = cleaned(drawn(format=format, mode="RGBA"))
        assert still.mime == "image/png" and abs(opened(still.data).getpixel((3, 3))[3] - 128) < 3
        assert cleaned(drawn(format=format, mode="L")).mime == "image/jpeg"
    grid = drawn((600, 400), format="HEIF", tile_size=256)
    assert b"grid" in lean(grid).data
    still = cleaned(grid)
    assert is_alike(still.data, opened(drawn((600, 400))))


def test_of_several_it_is_the_first():
    film = cleaned(moving("AVIF"))
    assert film.is_first_only and opened(film.data).getpixel((20, 15))[0] > 200
    several = cleaned(moving("HEIF"))
    assert (several.width, several.height) == (40, 30)


def test_what_ends_anywhere_or_carries_more_is_a_picture_or_a_sentence():
    for format in ("HEIF", "AVIF"):
        data = drawn(format=format)
        for end in range(1, len(data), 5):
            with pytest.raises(ValidationError, match="cannot be read as a picture"):
                cleaned(data[:end])
        for at in range(0, len(data) - 4, 9):  # any number may be anything
            broken = data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]
            try:
                assert cleaned(broken).data
            except ValidationError as refused:
                assert len(refused.messages) == 1
        carried = data + hostile.box(b"free", b"secret" * 100_000)
        assert b"secret" not in lean(carried).data and cleaned(carried).width == 64


def test_what_costs_too_much_is_refused_before_it_is_decoded():
    for make, reason in hostile.HEIF_REFUSED.items():
        with pytest.raises(Refused) as refused:
            lean(make())
        assert refused.value.reason == reason, make.__name__
        with pytest.raises(ValidationError):
            cleaned(make(), "beach.heic")


def test_their_colours_are_kept_when_they_are_colours():
    profile = Image.open(BytesIO(drawn())).info.get("icc_profile", b"")
    assert not profile and "icc_profile" not in opened(cleaned(drawn(format="HEIF")).data).info
    junk = drawn(format="AVIF", icc_profile=b"secret" + struct.pack(">I", 1) * 100)
    assert b"secret" not in cleaned(junk).data
