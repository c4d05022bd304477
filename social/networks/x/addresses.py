"""Which parts of a text X takes for addresses, as twitter-text 3.1.0 does, in linear time.

The published pattern begins at every letter and tries all dots behind it: cubic time on `a.a.a.a`.
Here each stretch of letters and dots is read once, from its end, so that a beginning knows at once
how far its address goes. What looks odd below is what the pattern finds.
"""

import re
from collections.abc import Iterator
from string import ascii_letters, digits

from .tlds import LONGEST_TLD, TLDS

MOST_UNITS = 4096  # of UTF-16, for an address with its scheme
LONGEST_LABEL = 63  # of a host's name in DNS, as punycode
LONGEST_SLUG = 40  # of t.co

SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
TURNS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of a text
NEVER = "\ufffe\ufeff\uffff"
NO_HOST = rf"!'#%&()*+,\\/:;<=>?@\[\]^{{|}}~${SPACES}{NEVER}{TURNS}"  # and _ - . in some places
ACCENTED = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f"
    "\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
LETTERS = rf"a-z0-9{ACCENTED}"
PATH_END = rf"[{LETTERS}\u0400-\u04ff+\-=_#/]"
PATH_OTHER = r"[!*';:,.$%\[\]\u2013~@|&]"
PATH = f"[{PATH_END[1:-1]}{PATH_OTHER[1:-1]}]"
BRACKETS = rf"\((?:{PATH}++|{PATH}*+\({PATH}++\){PATH}*+)\)"
QUERY = r"\?(?:[!?*'@();:+$%\[\].,~|]*+[a-z0-9\-_&=#/])++"

NO_BEGINNING = rf"(?<![A-Za-z0-9@\uff20$#\uff03{NEVER}])"  # what no address follows
STRETCH = re.compile(rf"[^{NO_HOST}]+")
BEHIND = re.compile(rf"{NO_BEGINNING}[^{NO_HOST}_.\-]")
# A letter beyond U+FFFF is two in JavaScript: its first half may stand before its second.
BEGINNING = re.compile(rf"{BEHIND.pattern}|[\U00010000-\U0010ffff]")
SCHEME_BEFORE = re.compile(rf"{NO_BEGINNING}https?://\Z", re.ASCII | re.IGNORECASE)
PUNYCODE = re.compile(r"xn--[-0-9a-z]+", re.ASCII | re.IGNORECASE)
PATH_TOO = re.compile(
    rf"(?::[0-9]+)?(?P<path>/(?:(?:{PATH_OTHER}++|{BRACKETS})*+{PATH_END})*+(?:{BRACKETS})*+)?",
    re.IGNORECASE,
)
QUERY_TOO = re.compile(f"({QUERY})?", re.ASCII | re.IGNORECASE)
SHORTENED = re.compile(rf"https?://t\.co/([a-z0-9]+)({QUERY})?", re.ASCII | re.IGNORECASE)
PLAIN = re.compile(rf"[\-{LETTERS}]*+\Z", re.IGNORECASE)
DOTS_TOO = re.compile("[\u3002\uff0e\uff61]")  # in a host's name
NEVER_BEHIND_TLD = frozenset(f"{ascii_letters}{digits}@+-")


class Stretch:
    """Letters and dots without anything between them, as the parts of a host's name."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.parts = [(start, end)]
        while (dot := text.find(".", start, end)) >= 0:
            self.parts[-1:] = [(start, dot), (dot + 1, end)]
            start = dot + 1
        self.tlds = [0, *(tld_end(text, *part) for part in self.parts[1:])]
        self.last = [0] * len(self.parts)  # for each: the part that ends what begins with it
        for index in range(len(self.parts) - 2, -1, -1):
            self.last[index] = self.last_behind(index, *self.parts[index])

    def last_behind(self, index: int, start: int, end: int) -> int:
        """The part that ends an address which begins with `start` to `end` of part `index`."""
        name = self.text[start:end]
        if not name or name[0] in "-_" or name[-1] in "-_":
            return 0
        if self.last[index + 1]:
            return self.last[index + 1]
        return index + 1 if self.tlds[index + 1] and "_" not in name else 0

    def beginning(self, index: int, position: int) -> int:
        """Where an address begins in part `index`, not before `position`; -1 for nowhere."""
        start, end = self.parts[index]
        start = max(start, position)
        if not self.last[index + 1]:
            start = max(start, self.text.rfind("_", start, end) + 1)
        found = BEGINNING.search(self.text, start, end)
        if found and found.start() == position and found[0] <= "\uffff":
            # A letter stands before each, but for the first of all if none other does.
            second = BEHIND.match(self.text, 1, end)
            if position or (second and self.last_behind(index, 1, end)):
                found = BEGINNING.search(self.text, position + 1, end)
        return found.start() if found and self.last_behind(index, found.start(), end) else -1

    def plain(self, index: int, start: int, last: int) -> list[tuple[int, int]]:
        """The names in Latin letters within the host that begins at `start`."""
        behind = [0] * (last + 1)
        for part in range(last - 1, index, -1):
            begin, end = self.parts[part]
            if begin < end and PLAIN.match(self.text, begin, end):
                behind[part] = behind[part + 1] or (part + 1 if self.tlds[part + 1] else 0)
        found = []
        while index < last:
            end = self.parts[index][1]
            label = PLAIN.search(self.text, max(start, self.parts[index][0]), end)
            begin = label.start() if label else end
            to = behind[index + 1] or (index + 1 if self.tlds[index + 1] else 0)
            if begin < end and to:
                start, index = self.tlds[to], to
                found.append((begin, start))
            else:
                index += 1
        return found


def tld_end(text: str, start: int, stop: int) -> int:
    """Where the top-level domain ends that `start` to `stop` begins with; 0 where none does."""
    for end in range(min(start + LONGEST_TLD, stop), start, -1):
        if text[end : end + 1] not in NEVER_BEHIND_TLD and text[start:end].lower() in TLDS:
            return end
    found = PUNYCODE.match(text, start)
    return found.end() if found else 0


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """The beginning and the end of every address in `text`, which is NFC."""
    position = next_stretch = 0
    while found := STRETCH.search(text, next_stretch):
        stretch, index = Stretch(text, *found.span()), 0
        scheme = SCHEME_BEFORE.search(text, max(position, found.start() - 8), found.start())
        while index < len(stretch.parts) - 1:
            before = scheme if scheme and index == 0 and stretch.last[0] else None
            start = found.start() if before else stretch.beginning(index, position)
            if start < 0:
                index += 1
                continue
            whole = Whole(stretch, index, start, before.start() if before else start)
            yield from whole.counted(position)
            position, index = whole.end, whole.last
        next_stretch = max(position, found.end())


class Whole:
    """What the pattern finds in one go: a host in a stretch, and what belongs to it."""

    def __init__(self, stretch: Stretch, index: int, host: int, start: int) -> None:
        self.text, self.start, self.host = stretch.text, start, host
        self.last = stretch.last_behind(index, host, stretch.parts[index][1])
        self.host_end = stretch.tlds[self.last]
        path = PATH_TOO.match(self.text, self.host_end)
        assert path is not None  # as below: it matches nothing as well
        query = QUERY_TOO.match(self.text, path.end())
        assert query is not None
        self.end = query.end()
        self.has_path = path["path"] is not None
        self.plain = stretch.plain(index, host, self.last)

    def counted(self, position: int) -> list[tuple[int, int]]:
        """The addresses in it that X counts as such, none of them before `position`."""
        if not self.is_possible():
            return []
        if self.start < self.host:
            return self.with_scheme()
        before = self.text[self.start - 1 : self.start] if self.start > position else ""
        return [] if before in tuple("-_./") else self.without_scheme()

    def is_possible(self) -> bool:
        scheme = len(self.text[self.start : self.host] or "https://")
        if scheme + units(self.text[self.start : self.end]) > MOST_UNITS:
            return False
        name = self.text[self.host : self.host_end]
        if name.startswith("xn--") and not self.plain:
            return False
        return all(map(is_label, name.split(".")))

    def with_scheme(self) -> list[tuple[int, int]]:
        shortened = SHORTENED.match(self.text, self.start, self.end)
        if shortened and len(shortened[1]) > LONGEST_SLUG:
            return []
        return [(self.start, shortened.end() if shortened else self.end)]

    def without_scheme(self) -> list[tuple[int, int]]:
        """Only Latin names are, and a path is the last one's, also where other letters stand
        between them: then the count begins there all the same, and is as long as the two."""
        if not self.has_path or not self.plain:
            return self.plain
        start, end = self.plain[-1]
        return [*self.plain[:-1], (start, end + self.end - self.host_end)]


def is_label(label: str) -> bool:
    """Does DNS take it, as punycode? That is never shorter."""
    if len(label) > LONGEST_LABEL:
        return False
    parts = DOTS_TOO.split(label)
    coded = [p if p.isascii() else "xn--" + p.encode("punycode").decode() for p in parts]
    return 0 < len(".".join(coded)) <= LONGEST_LABEL


def units(text: str) -> int:
    """The length of `text` for JavaScript."""
    return len(text) + sum(character > "\uffff" for character in text)
