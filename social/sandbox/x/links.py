"""What X sees as links, by the patterns that it published as twitter-text 3.1.0.

A reading of its own: whoever talks to the sandbox counts with something else, and is right only
where both agree. A host is read forward here, a run of labels at a time, and each run once.
"""

import re
from pathlib import Path

TLDS = frozenset(Path(__file__).with_name("tlds.txt").read_text("utf-8").split())
LONGEST_TLD = max(len(name) for name in TLDS)

# As they are called there.
INVALID_CHARS = "\ufffe\ufeff\uffff"
DIRECTIONAL_MARKERS = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
SPACES = "\u0009-\u000d\u0020\u0085\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
PUNCTUATION = r"""!'#%&()*+,\\\/:;<=>?@\[\]^{|}~$"""  # and - . _
LATIN_ACCENTS = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b"
    "\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
GENERAL_PATH = rf"a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{LATIN_ACCENTS}"
PATH_ENDING = rf"+\-a-z\u0400-\u04ff0-9=_#/{LATIN_ACCENTS}"

HOST_RUN = re.compile(f"[^{PUNCTUATION}{SPACES}{INVALID_CHARS}{DIRECTIONAL_MARKERS}]+")
CANNOT_PRECEDE = frozenset(
    f"@＠$#＃{INVALID_CHARS}0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
CANNOT_FOLLOW_TLD = re.compile("[0-9a-zA-Z@+-]")
PROTOCOL = re.compile("https?://", re.ASCII | re.IGNORECASE)
PUNYCODE = re.compile("xn--[-0-9a-z]+", re.ASCII | re.IGNORECASE)
PORT = re.compile("(?::[0-9]+)?")
PATH_PIECE = re.compile(
    rf"(?P<ending>[{PATH_ENDING}])|(?P<other>[{GENERAL_PATH}])"
    rf"|\((?:[{GENERAL_PATH}]++|[{GENERAL_PATH}]*+\([{GENERAL_PATH}]++\)[{GENERAL_PATH}]*+)\)",
    re.IGNORECASE,
)
QUERY = re.compile(r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?", re.A | re.I)
TCO = re.compile(rf"https?://t\.co/([a-z0-9]+){QUERY.pattern}", re.ASCII | re.IGNORECASE)
PLAIN_LABEL = re.compile(rf"[\-a-z0-9{LATIN_ACCENTS}]+", re.IGNORECASE)
MAX_URL_LENGTH, MAX_SLUG_LENGTH, MAX_LABEL_LENGTH = 4096, 40, 63


def links_in(text: str) -> list[tuple[int, int]]:
    """Where links begin and end in `text`, which is NFC already."""
    links: list[tuple[int, int]] = []
    done = after = 0
    while run := HOST_RUN.search(text, after):
        host = Run(text, run.start(), run.end())
        index = 0
        while index + 1 < len(host.labels):
            begin = host.begin(index, done)
            if begin is None:
                index += 1
                continue
            done, index, found = host.link(index, begin, done)
            links += found
        after = max(done, run.end())
    return links


class Run:
    """Labels with dots between them, and how far a host goes that begins with each."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start = text, start
        self.labels: list[tuple[int, int]] = []
        for label in text[start:end].split("."):
            self.labels.append((start, start + len(label)))
            start += len(label) + 1
        self.tlds = [0, *(self.tld(*label) for label in self.labels[1:])]
        self.ends = [0] * (len(self.labels) + 1)
        first = 0
        for index in range(len(self.labels)):
            if index + 1 == len(self.labels) or not self.is_label(*self.labels[index]):
                self.close(first, index)
                first = index + 1

    def is_label(self, start: int, end: int) -> bool:
        return start < end and not {self.text[start], self.text[end - 1]} & {"-", "_"}

    def close(self, first: int, index: int) -> None:
        """What begins with a label from `first` on ends in `index` or before it, if anywhere."""
        for end in range(index, first, -1):
            if self.tlds[end] and "_" not in self.text[slice(*self.labels[end - 1])]:
                self.ends[first:end] = [end] * (end - first)
                return

    def tld(self, start: int, end: int) -> int:
        """Where the top-level domain ends that a label begins with, or 0."""
        for stop in range(min(start + LONGEST_TLD, end), start, -1):
            if not CANNOT_FOLLOW_TLD.match(self.text, stop):
                if self.text[start:stop].lower() in TLDS:
                    return stop
        punycode = PUNYCODE.match(self.text, start)
        return punycode.end() if punycode else 0

    def begin(self, index: int, done: int) -> int | None:
        """Where in a label a host begins, `done` being the end of the last link."""
        start, end = self.labels[index]
        if not self.ends[index + 1]:
            if not self.tlds[index + 1]:
                return None
            start = max(start, self.text.rfind("_", start, end) + 1)
        if start == done == 0 and end > 1 and self.text[0] <= "\uffff":
            # A letter that may precede a link does so, if that makes one.
            if self.text[0] not in CANNOT_PRECEDE and self.is_label(1, end):
                return 1
        for at in range(max(start, done), end):
            if self.may_begin(at, done) and self.is_label(at, end):
                return at
        return None

    def may_begin(self, at: int, done: int) -> bool:
        """Beyond U+FFFF the first unit of a letter precedes the second."""
        precedes = at > done and self.text[at - 1] not in CANNOT_PRECEDE
        return precedes or at == 0 or self.text[at] > "\uffff" or self.protocol(at) is not None

    def protocol(self, at: int) -> int | None:
        """Where the protocol begins that ends at `at`."""
        for start in (at - len("https://"), at - len("http://")):
            if at == self.start and start >= 0 and PROTOCOL.fullmatch(self.text, start, at):
                if start == 0 or self.text[start - 1] not in CANNOT_PRECEDE:
                    return start
        return None

    def link(self, index: int, at: int, done: int) -> tuple[int, int, list[tuple[int, int]]]:
        """Where the match ends that begins at `at`, in which label, and the links in it."""
        last = self.ends[index + 1] or index + 1
        host_end = self.tlds[last]
        port = PORT.match(self.text, host_end)
        assert port is not None  # as below: it matches nothing as well
        path, end = self.path(port.end())
        query = QUERY.match(self.text, end)
        assert query is not None
        end = query.end()
        plain, protocol = self.plain(index, at, last), self.protocol(at)
        start = at if protocol is None else protocol
        found: list[tuple[int, int]] = []
        if not is_valid(self.text[start:at], self.text[at:host_end], self.text[host_end:end]):
            pass
        elif self.text.startswith("xn--", at) and not plain:
            pass
        elif protocol is not None:
            found = tco(self.text, start, end)
        elif at <= done or self.text[at - 1] not in "-_./":
            found = plain
            if path and plain:
                begin, stop = plain[-1]
                found = [*plain[:-1], (begin, stop + end - host_end)]
        return end, last, found

    def path(self, start: int) -> tuple[bool, int]:
        """Is there a path, and where it ends: behind what may end one, or brackets behind that."""
        if not self.text.startswith("/", start):
            return False, start
        at = end = start + 1
        adjacent = True
        while piece := PATH_PIECE.match(self.text, at):
            at = piece.end()
            adjacent = not piece["other"] and (adjacent or bool(piece["ending"]))
            end = at if adjacent else end
        return True, end

    def plain(self, index: int, at: int, last: int) -> list[tuple[int, int]]:
        """The names in Latin letters, from `at` in a label to the last one, its TLD."""
        names: list[tuple[int, int]] = []
        while index < last:
            start, end = max(self.labels[index][0], at), self.labels[index][1]
            begin = end
            while begin > start and PLAIN_LABEL.fullmatch(self.text, begin - 1, begin):
                begin -= 1
            best, next_one = 0, index + 1
            while begin < end:
                best = next_one if self.tlds[next_one] else best
                label = self.labels[next_one]
                if next_one == last or not PLAIN_LABEL.fullmatch(self.text, *label):
                    break
                next_one += 1
            if best:
                names.append((begin, self.tlds[best]))
                index, at = best, self.tlds[best]
            else:
                index = next_one
        return names


def is_valid(protocol: str, host: str, rest: str) -> bool:
    units = sum(1 + (letter > "\uffff") for letter in host + rest)
    if len(protocol or "https://") + len(protocol) + units > MAX_URL_LENGTH:
        return False
    return all(0 < dns_length(label) <= MAX_LABEL_LENGTH for label in host.split("."))


def dns_length(label: str) -> int:
    """Of a label as ASCII; what is too long anyway need not be put so."""
    if label.isascii() or len(label) > MAX_LABEL_LENGTH:
        return len(label)
    parts = re.split("[\u3002\uff0e\uff61]", label)
    lengths = [len(p) if p.isascii() else len(b"xn--" + p.encode("punycode")) for p in parts]
    return sum(lengths) + len(parts) - 1


def tco(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """What is shortened already has nothing behind its slug but a query."""
    short = TCO.match(text, start, end)
    if short is None:
        return [(start, end)]
    return [(start, short.end())] if len(short[1]) <= MAX_SLUG_LENGTH else []
