"""Files that are made to cost much: they are refused in one sentence, or what is too much in them
is never looked at."""

import pytest
from django.core.exceptions import ValidationError

from publishing.media.decoder import limits
from publishing.media.decoder.cleaning import clean
from publishing.media.decoder.limits import Refused
from publishing.media.decoder.structure import lean
from publishing.media.pictures import cleaned
from tests import hostile
from tests.pictures import drawn, opened


@pytest.mark.parametrize("make", hostile.REFUSED, ids=lambda make: make.__name__)
def test_what_costs_too_much_is_refused_before_it_is_decoded(make):
    """Its structure says enough: `lean` decodes nothing."""
    data = make()
    with pytest.raises(Refused):
        lean(data)
    with pytest.raises(ValidationError) as refused:
        cleaned(data, "beach.jpg")
    [sentence] = refused.value.messages
    assert sentence.startswith(f"beach.jpg {hostile.REFUSED[make]}")


@pytest.mark.parametrize("make", hostile.HARMLESS, ids=lambda make: make.__name__)
def test_what_makes_no_pixels_never_reaches_a_decoder(make):
    found = lean(make())
    assert make in hostile.PART_OF_PIXELS or len(found.data) < 2000
    still = cleaned(make())
    assert (still.width, still.height) == (64, 48) and len(still.data) < 2000


@pytest.mark.parametrize("make", hostile.LONG, ids=lambda make: make.__name__)
def test_the_most_that_is_allowed_ends_with_a_picture_or_a_sentence(make):
    try:
        assert cleaned(make()).width == 5400
    except ValidationError as refused:
        assert "takes too much work" in refused.messages[0]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_that_ends_anywhere_is_a_picture_or_a_sentence(format):
    data = drawn(format=format)
    for end in [*range(1, 60), *range(60, len(data), 7)]:
        try:
            assert cleaned(data[:end]).width == 64
        except ValidationError as refused:
            assert "cannot be read as a picture" in refused.messages[0]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_hangs_on_behind_a_picture_does_not_come_along(format):
    """A page, an archive, a film: many files are two at once."""
    data = drawn(format=format) + b"<script>alert(1)</script>PK\3\4" * 100
    assert b"script" not in lean(data).data and b"script" not in cleaned(data).data


@pytest.mark.parametrize("payload", [b"<?php secret" * 5000, b"\0" * 60_000, hostile.zeros(10**9)])
def test_a_profile_that_carries_anything_is_left_behind(payload):
    data = hostile.carrying(payload)
    assert b"secret" not in cleaned(data).data
    assert "icc_profile" not in opened(cleaned(data).data).info


def test_what_takes_too_much_memory_is_refused(monkeypatch):
    def too_much(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("publishing.media.decoder.cleaning.fitting", too_much)
    with pytest.raises(Refused, match=limits.TOO_COSTLY):
        clean(drawn())


# ── Honest ones: what cameras and programs write ──────────────────────────────────────────────
@pytest.mark.parametrize(
    "data",
    [
        drawn((640, 480), progressive=True),
        drawn((640, 480), progressive=True, mode="CMYK"),
        drawn((640, 480), mode="L", optimize=True),
        drawn((640, 480), restart_marker_blocks=1),
        drawn((640, 480), progressive=True, restart_marker_rows=1),
        drawn((640, 480), exif=b"Exif\0\0MM\0*" + bytes(60_000), comment=b"words" * 1000),
        drawn((640, 480), format="PNG", bits=2, mode="P"),
        drawn((640, 480), format="PNG", mode="LA"),
        drawn((640, 480), format="WEBP", lossless=True),
        drawn((640, 480), format="WEBP", mode="RGBA", exif=b"Exif\0\0II*\0", xmp=b"<x/>"),
        drawn((640, 480), format="GIF", mode="P", transparency=0, comment=b"words" * 1000),
        drawn((640, 480), format="GIF", mode="P")[:-1],  # some leave the end out
        hostile.many_scans(20, (640, 480)),
    ],
)
def test_honest_pictures_are_as_they_were(data):
    seen, wanted = opened(cleaned(data).data).convert("RGB"), opened(data).convert("RGB")
    assert seen.size == (640, 480)
    for place in ((20, 20), (600, 20), (300, 400)):
        pairs = zip(seen.getpixel(place), wanted.getpixel(place), strict=True)
        assert all(abs(one - other) < 12 for one, other in pairs)


def test_an_interlaced_one_is_read():
    assert cleaned(hostile.interlaced((64, 48))).width == 64
