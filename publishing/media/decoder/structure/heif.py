"""HEIC and AVIF (ISO/IEC 23008-12, AV1 Image File Format): boxes, of which one says which items
there are, where their data is and what they are. One item is the picture; it may be a grid of
others, and another one may say what shines through."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..limits import (
    LARGEST_FILE,
    LARGEST_PROFILE,
    MOST_BOXES,
    MOST_TILES,
    MOVES,
    TOO_COSTLY,
    UNREADABLE,
    Refused,
    check_dimensions,
)
from .lean import UPRIGHT, Lean

BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
CODED = {b"hvc1": "HEIF", b"av01": "AVIF"}  # → as Pillow calls it
WRITTEN_BRANDS = {"HEIF": b"heic\0\0\0\0mif1heic", "AVIF": b"avif\0\0\0\0mif1miafavif"}
GRID = b"grid"
ALPHA = (b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
# Properties that make pixels. We turn and mirror, by the properties for that: by the standard EXIF
# does not count. The profile is kept beside.
PIXELS = (b"ispe", b"pixi", b"hvcC", b"av1C", b"colr", b"clap", b"pasp", b"auxC", b"a1op", b"lsel")
TURNED = {  # quarters against the clock, and what is mirrored then (1: left and right) → as in EXIF
    (0, None): UPRIGHT,
    (0, 0): 4,
    (0, 1): 2,
    (1, None): 8,
    (1, 0): 5,
    (1, 1): 7,
    (2, None): 3,
    (2, 0): 2,
    (2, 1): 4,
    (3, None): 6,
    (3, 0): 7,
    (3, 1): 5,
}


@dataclass
class HeifItem:
    """One of the things in a file."""

    kind: bytes
    data: bytes = field(default=b"", repr=False)
    properties: list[tuple[int, bytes, bytes]] = field(default_factory=list)  # index, name, body

    def said(self, name: bytes) -> bytes | None:
        return next((body for _, known, body in self.properties if known == name), None)

    @property
    def size(self) -> tuple[int, int]:
        width, height = struct.unpack(">II", (self.said(b"ispe") or bytes(12))[4:12])
        return width, height


def is_one(data: bytes) -> bool:
    if data[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(data[:4]), 1024)
    return any(data[at : at + 4] in BRANDS for at in range(8, length, 4))


def lean(data: bytes) -> Lean:
    """The picture that the file says is its first, written anew with what that needs."""
    try:
        return BoxReader(data).picture()
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise Refused(UNREADABLE) from error


class BoxReader:
    """Reads a file's boxes. Raises Refused; also what is broken raises, as Python does."""

    def __init__(self, data: bytes) -> None:
        self.data, self.counted, self.taken = data, 0, 0
        top = dict(reversed(list(self.boxes(data))))
        if b"meta" not in top:
            raise Refused(MOVES if b"moov" in top else UNREADABLE)
        self.is_film = b"moov" in top
        self.meta = dict(reversed(list(self.boxes(top[b"meta"][4:]))))
        self.kinds = dict(self.named())
        self.references = list(self.referred())
        self.properties = list(self.boxes(dict(self.boxes(self.meta[b"iprp"]))[b"ipco"]))
        self.associated = dict(self.associations())
        self.places = dict(self.located())

    def boxes(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(name, what is in it)"""
        at = 0
        while at + 8 <= len(data):
            self.count()
            length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
            start = at + 8
            if length == 1:
                length, start = int.from_bytes(data[start : start + 8]), start + 8
            end = at + length if length else len(data)
            if end < start:
                raise Refused(UNREADABLE)
            yield name, data[start:end]
            at = end

    def count(self, more: int = 1) -> None:
        self.counted += more
        if self.counted > MOST_BOXES:
            raise Refused(TOO_COSTLY)

    # ── what the box says ──
    def named(self) -> Iterator[tuple[int, bytes]]:
        """(id, kind) of each item"""
        body = self.meta[b"iinf"]
        for name, entry in self.boxes(body[8 if body[0] else 6 :]):
            if name == b"infe" and entry[0] in (2, 3):
                wide = entry[0] == 3
                at = 4 + (4 if wide else 2)
                yield int.from_bytes(entry[4:at]), entry[at + 2 : at + 6]

    def referred(self) -> Iterator[tuple[bytes, int, list[int]]]:
        """(how, from which item, to which)"""
        body = self.meta.get(b"iref", bytes(4))
        wide = 4 if body[0] else 2
        for name, entry in self.boxes(body[4:]):
            [number] = struct.unpack_from(">H", entry, wide)
            self.count(number)
            numbers = Numbers(entry, wide + 2)
            yield name, int.from_bytes(entry[:wide]), [numbers.next(wide) for _ in range(number)]

    def associations(self) -> Iterator[tuple[int, list[int]]]:
        """(item, the indices of its properties, from 1)"""
        for name, body in self.boxes(self.meta[b"iprp"]):
            if name != b"ipma":
                continue
            wide, far = (4 if body[0] else 2), body[3] & 1
            [number], at = struct.unpack_from(">I", body, 4), 8
            for _ in range(number):
                item, count = int.from_bytes(body[at : at + wide]), body[at + wide]
                self.count(1 + count)
                at += wide + 1
                step = 2 if far else 1
                mask = 0x7FFF if far else 0x7F
                ends = range(at, at + count * step, step)
                yield item, [int.from_bytes(body[one : one + step]) & mask for one in ends]
                at += count * step

    def located(self) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
        """(item, its pieces: in the box of data or not, from where, how long)"""
        body = self.meta[b"iloc"]
        version, sizes = body[0], int.from_bytes(body[4:6])
        of_offset, of_length, of_base, of_index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
        of_index = of_index if version else 0
        wide = 4 if version == 2 else 2
        numbers = Numbers(body, 6)
        for _ in range(numbers.next(wide)):
            item = numbers.next(wide)
            method = numbers.next(2) & 15 if version else 0
            if numbers.next(2):
                raise Refused(UNREADABLE)  # in another file
            base, pieces = numbers.next(of_base), []
            for _ in range(numbers.next(2)):
                self.count()
                numbers.next(of_index)
                offset, length = numbers.next(of_offset), numbers.next(of_length)
                pieces.append((method, base + offset, length))
            self.count()
            yield item, pieces

    # ── what the picture is made of ──
    def item(self, number: int) -> HeifItem:
        found, pieces = HeifItem(self.kinds[number]), []
        for method, start, length in self.places[number]:
            source = {0: self.data, 1: self.meta.get(b"idat", b"")}[method]
            if not length or start + length > len(source):
                raise Refused(UNREADABLE)
            self.taken += length
            if self.taken > LARGEST_FILE:  # the same bytes over and over
                raise Refused(TOO_COSTLY)
            pieces.append(source[start : start + length])
        found.data = b"".join(pieces)
        for index in self.associated.get(number, []):
            if index:
                found.properties.append((index, *self.properties[index - 1]))
        return found

    def picture(self) -> Lean:
        body = self.meta[b"pitm"]
        first = int.from_bytes(body[4:8] if body[0] else body[4:6])
        wanted = [first, *self.tiles(first)]
        alpha = self.alpha_of(first)
        if alpha:
            wanted += [alpha, *self.tiles(alpha)]
        items = {number: self.item(number) for number in wanted}
        kinds = {item.kind for item in items.values()} - {GRID}
        if len(kinds) != 1 or not kinds <= set(CODED):
            raise Refused(UNREADABLE)
        picture, format = items[first], CODED[kinds.pop()]
        size = picture.size
        for number in filter(None, (first, alpha)):
            parts = [items[tile] for tile in self.tiles(number)]
            check_grid(items[number], parts, format)
        if not all(size):
            raise Refused(UNREADABLE)
        kept = [entry for entry in self.references if entry[0] in (b"dimg", b"auxl", b"prem")]
        kept = [entry for entry in kept if {entry[1], *entry[2]} <= items.keys()]
        whole = written(format, first, items, kept)
        return Lean(format, whole, *size, turned(picture), profile_of(picture), self.is_film)

    def tiles(self, number: int) -> list[int]:
        if self.kinds[number] != GRID:
            return []
        [tiles] = [to for how, source, to in self.references if (how, source) == (b"dimg", number)]
        if len(tiles) > MOST_TILES:
            raise Refused(TOO_COSTLY)
        if any(self.kinds[tile] not in CODED for tile in tiles):
            raise Refused(UNREADABLE)
        return tiles

    def alpha_of(self, number: int) -> int | None:
        for how, source, to in self.references:
            if how == b"auxl" and number in to and source != number:
                named = [self.properties[index - 1] for index in self.associated.get(source, [])]
                if any(name == b"auxC" and body[4:].startswith(ALPHA) for name, body in named):
                    return source
        return None


@dataclass
class Numbers:
    """Numbers of so many bytes, one behind the other."""

    data: bytes
    at: int

    def next(self, size: int) -> int:
        if self.at + size > len(self.data):
            raise Refused(UNREADABLE)
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at])


def check_grid(item: HeifItem, tiles: list[HeifItem], format: str) -> None:
    """Its tiles are decoded one by one, and are of one size."""
    if item.kind != GRID:
        return check_dimensions(*item.size, format)
    wide = 4 if item.data[1] & 1 else 2
    rows, columns = item.data[2] + 1, item.data[3] + 1
    width, height = (int.from_bytes(item.data[at : at + wide]) for at in (4, 4 + wide))
    if len(tiles) != rows * columns or (width, height) != item.size:
        raise Refused(UNREADABLE)
    for tile in tiles:
        check_dimensions(*tile.size, format)
        if tile.size[0] * (columns - 1) >= width or tile.size[1] * (rows - 1) >= height:
            raise Refused(UNREADABLE)


def turned(item: HeifItem) -> int:
    quarters, mirror = item.said(b"irot"), item.said(b"imir")
    return TURNED[quarters[0] & 3 if quarters else 0, mirror[0] & 1 if mirror else None]


def profile_of(item: HeifItem) -> bytes:
    for _, name, body in item.properties:
        if name == b"colr" and body[:4] in (b"prof", b"rICC") and len(body) <= LARGEST_PROFILE:
            return body[4:]
    return b""


# ── Writing ───────────────────────────────────────────────────────────────────────────────────
def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + name + body


def written(
    format: str,
    first: int,
    items: dict[int, HeifItem],
    references: list[tuple[bytes, int, list[int]]],
) -> bytes:
    """A file of these items only, which are numbered anew."""
    numbers = {known: number for number, known in enumerate(items, 1)}
    head = box(b"ftyp", WRITTEN_BRANDS[format])
    plain = [
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"pitm", bytes(4), struct.pack(">H", numbers[first])),
        box(b"iinf", bytes(4), struct.pack(">H", len(items)), *named(items, numbers)),
        properties(items, numbers),
    ]
    links = [
        box(how, struct.pack(f">{2 + len(to)}H", numbers[source], len(to), *map(numbers.get, to)))
        for how, source, to in references
    ]
    if links:
        plain.append(box(b"iref", bytes(4), *links))
    locations = 8 + 4 + 2 + 2 + 14 * len(items)  # bytes of the box that says where they are
    start = len(head) + 8 + 4 + sum(map(len, plain)) + locations + 8
    rows, at = [], start
    for number, item in enumerate(items.values(), 1):
        rows.append(struct.pack(">HHHII", number, 0, 1, at, len(item.data)))
        at += len(item.data)
    where = box(b"iloc", bytes(4), b"\x44\0", struct.pack(">H", len(items)), *rows)
    data = box(b"mdat", *(item.data for item in items.values()))
    return head + box(b"meta", bytes(4), *plain, where) + data


def named(items: dict[int, HeifItem], numbers: dict[int, int]) -> list[bytes]:
    """What each is; those that the picture is made of are hidden."""
    rows = []
    for known, number in numbers.items():
        flags = b"\2\0\0\1" if number > 1 else b"\2\0\0\0"
        rows.append(box(b"infe", flags, struct.pack(">HH", number, 0), items[known].kind, b"\0"))
    return rows


def properties(items: dict[int, HeifItem], numbers: dict[int, int]) -> bytes:
    kept: dict[int, tuple[int, bytes]] = {}  # index as it was → as it is, and the box
    rows = []
    for known, item in items.items():
        row = []
        for index, name, body in item.properties:
            if name not in PIXELS or (name == b"colr" and body[:4] != b"nclx"):
                continue
            place, _ = kept.setdefault(index, (len(kept) + 1, box(name, body)))
            needed = name in (b"hvcC", b"av1C", b"clap", b"a1op", b"lsel")
            row.append(struct.pack(">H", place | (0x8000 if needed else 0)))
        rows.append(struct.pack(">HB", numbers[known], len(row)) + b"".join(row))
    table = box(b"ipma", b"\0\0\0\1", struct.pack(">I", len(rows)), *rows)
    return box(b"iprp", box(b"ipco", *(whole for _, whole in kept.values())), table)
