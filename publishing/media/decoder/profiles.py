"""Profiles of colours (ICC.1:2022), as far as pixels need them: whatever else rides in one stays
behind."""

from io import BytesIO

from PIL import ImageCms

from .limits import LARGEST_PROFILE

PROFILE_HEADER = 128  # bytes
PROFILE_SIGNATURE = b"acsp"  # at 36
COLOUR_SPACES = {
    b"RGB ": ("RGB", "RGBA", "P"),
    b"GRAY": ("L",),
}  # at 16 → modes of pictures it suits
CLASSES = (b"mntr", b"scnr", b"spac", b"prtr")  # at 12
TAG_ENTRY = 12  # bytes of the table of tags: a name, where, how long
MOST_PROFILE_TAGS = 100
COLOUR_TAGS = (  # one of these sets says how numbers become colours
    {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"},
    {b"kTRC"},
    {b"A2B0"},
)
SHORTEST_VALUE = 8  # bytes: its type, and four zeros
LONGEST_WORDS = 2048  # bytes
REQUIRED_TAGS = (b"desc", b"cprt")  # what one must have
KEPT_COLOUR_TAGS = tuple(
    b"wtpt bkpt chad rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC lumi cicp gamt"
    b" A2B0 A2B1 A2B2 B2A0 B2A1 B2A2".split()
)


def lean_profile(profile: bytes, mode: str) -> bytes:
    """`profile` with only what tells colours, or nothing when it is none that suits `mode`."""
    if not PROFILE_HEADER < len(profile) <= LARGEST_PROFILE or profile[36:40] != PROFILE_SIGNATURE:
        return b""
    if profile[12:16] not in CLASSES or mode not in COLOUR_SPACES.get(profile[16:20], ()):
        return b""
    tags = kept_tags(profile)
    if not any(needed <= tags.keys() for needed in COLOUR_TAGS):
        return b""
    rebuilt = written(profile[:PROFILE_HEADER], tags)
    if len(rebuilt) > LARGEST_PROFILE:  # its tags lie over each other
        return b""
    try:
        ImageCms.ImageCmsProfile(BytesIO(rebuilt))
    except (OSError, ValueError, TypeError):
        return b""
    return rebuilt


def kept_tags(profile: bytes) -> dict[bytes, bytes]:
    count = int.from_bytes(profile[PROFILE_HEADER : PROFILE_HEADER + 4])
    tags = {}
    for number in range(min(count, MOST_PROFILE_TAGS)):
        start = PROFILE_HEADER + 4 + TAG_ENTRY * number
        name = profile[start : start + 4]
        at, size = (int.from_bytes(profile[start + n : start + n + 4]) for n in (4, 8))
        value = profile[at : at + size]
        if len(value) != size or size < SHORTEST_VALUE:
            continue
        if name in KEPT_COLOUR_TAGS or (name in REQUIRED_TAGS and size <= LONGEST_WORDS):
            tags[name] = value
    return tags


def written(header: bytes, tags: dict[bytes, bytes]) -> bytes:
    """The file of them; what several share is there once."""
    table, values, places = len(tags).to_bytes(4), b"", {}
    start = PROFILE_HEADER + 4 + TAG_ENTRY * len(tags)
    for name, value in tags.items():
        if value not in places:
            places[value] = start + len(values)
            values += value + b"\0" * (-len(value) % 4)
        table += name + places[value].to_bytes(4) + len(value).to_bytes(4)
    size = len(header) + len(table) + len(values)
    # Its maker's names and fingerprint (bytes 48 to 63, 80 to 128) tell no colours.
    header = size.to_bytes(4) + header[4:48] + bytes(16) + header[64:80] + bytes(48)
    return header + table + values
