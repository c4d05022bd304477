"""Picture files made to cost much, made on the spot: small, and of every kind that is read."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image

from tests.pictures import drawn

MEGABYTES = 4 * 1024 * 1024
BLOCK = 1024 * 1024


def blank(size: tuple[int, int], format: str, mode: str = "RGB", **more: object) -> bytes:
    output = BytesIO()
    Image.new(mode, size).save(output, format, **more)
    return output.getvalue()


# ── JPEG ──────────────────────────────────────────────────────────────────────────────────────
def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def many_scans(scans: int = 160, size: tuple[int, int] = (5400, 5400)) -> bytes:
    """Its last scan over and over: each is a walk over all pixels."""
    whole = blank(size, "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * (scans - 10) + b"\xff\xd9"


def with_segments(extra: bytes, whole: bytes = b"") -> bytes:
    whole = whole or drawn()
    return whole[:2] + extra + whole[2:]


def many_segments() -> bytes:
    return with_segments(segment(0xE5, b"") * (MEGABYTES // 4))


def endless_metadata() -> bytes:
    return with_segments(segment(0xFE, b"words " * 10_000) * 70)


def many_fills() -> bytes:
    return with_segments(b"\xff" * MEGABYTES)


def many_restarts() -> bytes:
    whole = blank((5400, 5400), "JPEG")
    return whole[:-2] + bytes([0xFF, 0xD0]) * (MEGABYTES // 2) + b"\xff\xd9"


def many_tables() -> bytes:
    table = bytes([0x10]) + bytes([0, 1] + [0] * 14) + b"\0"
    return with_segments(segment(0xC4, table * 3600) * 70)


def many_exif_entries() -> bytes:
    """Each of five thousand names says that all of the segment is its value."""
    entries = b"".join(struct.pack("<HHII", 0x9000 + n, 7, 65_000, 8) for n in range(5_400))
    tiff = b"II*\0" + struct.pack("<IH", 8, 5_400) + entries
    return with_segments(segment(0xE1, b"Exif\0\0" + tiff))


def many_pictures() -> bytes:
    """An MPO that names a thousand pictures, all of them itself."""
    entry = struct.pack("<IIIHH", 0x030000, 1000, 0, 0, 0)
    names = [(0xB000, 7, 4, b"0100"), (0xB001, 4, 1, struct.pack("<I", 1000))]
    ifd = b"".join(struct.pack("<HHI", *name[:3]) + name[3] for name in names)
    ifd += struct.pack("<HHII", 0xB002, 7, 16_000, 50)
    mpf = b"MPF\0II*\0" + struct.pack("<IH", 8, 3) + ifd + struct.pack("<I", 0) + entry * 1000
    return with_segments(segment(0xE2, mpf)) * 50


def carrying(payload: bytes) -> bytes:
    """As an ICC profile that is none."""
    parts = [payload[at : at + 60_000] for at in range(0, len(payload), 60_000)]
    head = [b"ICC_PROFILE\0" + bytes([n + 1, len(parts)]) for n in range(len(parts))]
    return with_segments(
        b"".join(segment(0xE2, h + part) for h, part in zip(head, parts, strict=True))
    )


# ── PNG ───────────────────────────────────────────────────────────────────────────────────────
def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunks(extra: bytes, whole: bytes = b"") -> bytes:
    """Behind the head of a PNG."""
    whole = whole or drawn(format="PNG")
    return whole[:33] + extra + whole[33:]


def many_chunks(name: bytes = b"teXt") -> bytes:
    return with_chunks(chunk(name, b"") * (MEGABYTES // 12))


def many_data_chunks() -> bytes:
    return with_chunks(chunk(b"IDAT", b"") * (MEGABYTES // 12))


def zeros(size: int) -> bytes:
    """`size` zeros, packed: one block of them as often as it takes, and their checksum."""
    head = zlib.compress(b"", 9)[:2]
    raw = zlib.compressobj(9, wbits=-15)
    block = raw.compress(bytes(BLOCK)) + raw.flush(zlib.Z_FULL_FLUSH)
    times = size // BLOCK
    end = zlib.compressobj(9, wbits=-15).flush()
    return head + block * times + end + struct.pack(">HH", times * BLOCK % 65_521, 1)


def packed_text(name: bytes = b"zTXt") -> bytes:
    """Text of which a kilobyte unpacks to a megabyte, many times."""
    words = b"words\0" + {b"zTXt": b"\0", b"iTXt": b"\1\0\0\0", b"iCCP": b"\0"}[name]
    return with_chunks(chunk(name, words + zeros(900 * 1024 * 1024)) * 4)


def packed_profile() -> bytes:
    return packed_text(b"iCCP")


def giant_palette() -> bytes:
    whole = blank((64, 48), "PNG", "P")
    return with_chunks(chunk(b"PLTE", bytes(3 * (MEGABYTES // 3))), whole)


def giant_transparency() -> bytes:
    whole = blank((64, 48), "PNG", "P")
    at = whole.index(b"IDAT") - 4
    return whole[:at] + chunk(b"tRNS", bytes(MEGABYTES)) + whole[at:]


def more_data_than_pixels() -> bytes:
    head = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zeros(3 * 1024**3)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def largest_interlaced() -> bytes:
    """The most pixels that are allowed, in seven passes."""
    return interlaced((5400, 5400))


def interlaced(size: tuple[int, int]) -> bytes:
    rows = size[0] * size[1] * 8 + BLOCK
    head = struct.pack(">IIBBBBB", *size, 16, 6, 0, 0, 1)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zeros(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


# ── WebP and GIF ──────────────────────────────────────────────────────────────────────────────
def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def canvas(width: int, height: int, flags: int = 0) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


def many_webp_chunks() -> bytes:
    return riff(canvas(64, 48), webp_chunk(b"junk", b"") * (MEGABYTES // 8))


def giant_canvas() -> bytes:
    inner = blank((8, 8), "WEBP")[12:]
    frame = webp_chunk(b"ANMF", bytes(6) + b"\7\0\0\7\0\0" + bytes(4) + inner)
    return riff(canvas(16383, 16383, 2), webp_chunk(b"ANIM", bytes(6)), frame)


def many_frames() -> bytes:
    inner = blank((8, 8), "WEBP")[12:]
    frame = webp_chunk(b"ANMF", bytes(6) + b"\7\0\0\7\0\0" + bytes(4) + inner)
    return riff(canvas(64, 64, 2), webp_chunk(b"ANIM", bytes(6)), frame * 50_000)


def long_film() -> bytes:
    whole = blank((64, 48), "GIF")
    return whole[:-1] + whole[whole.index(b",", 13) : -1] * 50_000 + b";"


def many_blocks() -> bytes:
    whole = blank((64, 48), "GIF")
    comment = b"!\xfe" + b"\1x" * (MEGABYTES // 2) + b"\0"
    at = whole.index(b",", 13)
    return whole[:at] + comment + whole[at:]


def frame_beyond_its_screen() -> bytes:
    whole = bytearray(blank((64, 48), "GIF"))
    at = whole.index(b",", 13)
    whole[at + 5 : at + 9] = struct.pack("<HH", 65_535, 65_535)
    return bytes(whole)


# ── HEIC and AVIF ─────────────────────────────────────────────────────────────────────────────
def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + name + body


def with_heic_boxes(extra: bytes) -> bytes:
    whole = drawn(format="HEIF")
    [head] = struct.unpack_from(">I", whole)
    return whole[:head] + extra + whole[head:]


def many_boxes() -> bytes:
    return with_heic_boxes(box(b"free") * 50_000)


def grid_of(tiles: int, pieces: int = 1, size: tuple[int, int] = (64, 48)) -> bytes:
    """A grid whose tiles are one item, over and over; each of `pieces` is all of the file."""
    grid = bytes([0, 1, 0, 0]) + struct.pack(">II", *size)
    items = ((1, b"grid"), (2, b"hvc1"))
    names = [box(b"infe", b"\2\0\0\0", struct.pack(">HH", n, 0), k, b"\0") for n, k in items]
    links = box(b"dimg", struct.pack(">HH", 1, tiles), struct.pack(">H", 2) * tiles)
    sizes = [box(b"ispe", bytes(4), struct.pack(">II", *size))]
    table = box(b"ipma", bytes(4), struct.pack(">I", 2), b"\0\1\1\1", b"\0\2\1\1")
    place = struct.pack(">HHHH", 1, 1, 0, 1) + struct.pack(">II", 0, len(grid))
    place += struct.pack(">HHHH", 2, 0, 0, pieces) + struct.pack(">II", 0, MEGABYTES) * pieces
    meta = box(
        b"meta",
        bytes(4),
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"pitm", bytes(4), b"\0\1"),
        box(b"iinf", bytes(4), b"\0\2", *names),
        box(b"iref", bytes(4), links),
        box(b"iprp", box(b"ipco", *sizes), table),
        box(b"iloc", b"\1\0\0\0", b"\x44\0\0\2", place),
        box(b"idat", grid),
    )
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + meta + box(b"mdat", bytes(MEGABYTES))


def many_tiles() -> bytes:
    return grid_of(10_000)


def the_same_bytes_over_and_over() -> bytes:
    return grid_of(1, pieces=5_000)


def giant_tiles() -> bytes:
    return grid_of(1, size=(60_000, 60_000))


def giant_avif() -> bytes:
    whole = drawn(format="AVIF")
    return whole.replace(struct.pack(">II", 64, 48), struct.pack(">II", 60_000, 60_000))


def film_without_a_picture() -> bytes:
    return box(b"ftyp", b"avis\0\0\0\0avis") + box(b"moov", bytes(100))


def in_another_file() -> bytes:
    whole = drawn(format="HEIF")
    at = whole.index(b"iloc") + 8  # its sizes and how many, then the first item's
    row = at + 4
    return whole[: row + 2] + whole[row + 2 : row + 4] + b"\0\7" + whole[row + 6 :]


HEIF_REFUSED: dict[Callable[[], bytes], str] = {
    many_boxes: "too_costly",
    many_tiles: "too_costly",
    the_same_bytes_over_and_over: "too_costly",
    giant_tiles: "too_large",
    giant_avif: "too_large",
    film_without_a_picture: "moves",
    in_another_file: "unreadable",
}

REFUSED: dict[Callable[[], bytes], str] = {  # → why, in words of its sentence
    many_scans: "takes too much work",
    many_segments: "takes too much work",
    many_chunks: "takes too much work",
    many_data_chunks: "takes too much work",
    many_webp_chunks: "takes too much work",
    many_blocks: "takes too much work",
    giant_palette: "cannot be read",
    giant_transparency: "cannot be read",
    giant_canvas: "is too large",
    frame_beyond_its_screen: "is too large",
    many_frames: "moves",
}
HARMLESS = (  # what is too much of them is never looked at
    endless_metadata,
    long_film,
    many_fills,
    many_tables,
    many_exif_entries,
    many_pictures,
    packed_text,
    packed_profile,
    more_data_than_pixels,
)
PART_OF_PIXELS = (many_tables, more_data_than_pixels)  # these a decoder must see
LONG = (many_restarts, largest_interlaced)  # they may take what a picture may take
