"""What becomes of a picture file before anything is stored of it."""

import pytest
from django.core.exceptions import ValidationError

from publishing import pictures
from publishing.pictures import LARGEST, cleaned, thumbnail
from tests.pictures import bomb, drawn, from_phone, moving, opened


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (drawn(), "image/jpeg"),
        (drawn(mode="L"), "image/jpeg"),
        (drawn(mode="CMYK"), "image/jpeg"),
        (drawn(format="PNG"), "image/png"),
        (drawn(format="PNG", mode="1"), "image/png"),
        (drawn(format="PNG", mode="RGBA"), "image/png"),
        (drawn(format="PNG", mode="I;16"), "image/png"),
        (drawn(format="GIF", mode="P"), "image/png"),
        (drawn(format="WEBP"), "image/jpeg"),
        (drawn(format="WEBP", mode="RGBA"), "image/png"),
    ],
)
def test_it_works(data, mime):
    still = cleaned(data, "a picture")
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


def test_a_jpeg_that_stands_is_not_made_worse():
    """Only its metadata goes: it is written with the tables that it had."""
    data = drawn(quality=70, comment=b"SecretComment")
    still = cleaned(data)
    assert b"Secret" not in still.data
    assert opened(still.data).quantization == opened(data).quantization


def test_colours_keep_their_profile():
    profile = opened(drawn(icc_profile=b"a profile of colours")).info["icc_profile"]
    assert opened(cleaned(drawn(icc_profile=profile)).data).info["icc_profile"] == profile


def test_the_two_pictures_of_a_phone_are_one():
    """Some phones write a JPEG with a second picture inside, which is no film."""
    data = drawn(format="MPO", save_all=True, append_images=[opened(drawn())])
    assert cleaned(data).mime == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty."),
        (b"Hello, world!", "cannot be read as a picture. Use a JPEG, PNG, WebP or GIF."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "cannot be read as a picture."),
        (drawn(format="TIFF"), "cannot be read as a picture."),
        (drawn((900, 900))[:-2000], "cannot be read as a picture."),
        (drawn(format="PNG")[:60], "cannot be read as a picture."),
        (b"\xff\xd8\xff" + b"\0" * 50, "cannot be read as a picture."),
        (moving(), "moves; only still pictures can be posted."),
        (moving("PNG"), "moves; only still pictures can be posted."),
        (moving("WEBP"), "moves; only still pictures can be posted."),
        (b"\0" * (LARGEST + 200_000), "has 5.2 MB; a picture may have 5 MB."),
        (bomb(8200), "has too many pixels. Make it smaller."),
        (bomb(5600), "has too many pixels. Make it smaller."),
        (drawn((8300, 10)), "is too large with 8,300 by 10 pixels. Make it smaller."),
    ],
)
def test_what_will_not_do_is_refused_in_one_sentence(data, why):
    with pytest.raises(ValidationError) as refused:
        cleaned(data, "beach.jpg")
    [sentence] = refused.value.messages
    assert sentence.startswith(f"beach.jpg {why}")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    data = bomb(8100)
    monkeypatch.setattr(pictures.Image.Image, "load", None)  # would be a TypeError
    with pytest.raises(ValidationError, match="too many pixels"):
        cleaned(data)


def test_what_grows_too_large_is_written_smaller(monkeypatch):
    monkeypatch.setattr(pictures, "LARGEST", len(drawn((300, 300), "PNG")) - 1)
    monkeypatch.setattr(pictures, "check_size", lambda *_: None)
    with pytest.raises(ValidationError, match="cannot be made to fit into 5 MB"):
        cleaned(drawn((300, 300), "PNG", "RGBA"))
    monkeypatch.setattr(pictures, "LARGEST", 3000)
    still = cleaned(drawn((300, 300), quality=100))
    assert still.mime == "image/jpeg" and len(still.data) <= 3000
