"""The environment, and the one rule by which all of it is read.

Spaces around a value do not count, nor does one pair of quotes around it. What is blank then is as
good as not set. Nothing else in it is special: `$`, `#` and `\\` are letters like any others. The
same holds for a line of `.env`; a comment there is a line of its own. What cannot mean anything is
said in one line that names the variable, and nothing starts.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from math import isfinite
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .private import open_private, private_folder

LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=(?P<value>.*)", re.ASCII)
FERNET = re.compile(r"[A-Za-z0-9_-]{43}=")  # 32 bytes
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
EVERYTHING = ip_network("0.0.0.0/0")
YES, NO = ("1", "true", "yes", "on", "y", "t"), ("0", "false", "no", "off", "n", "f")


@contextmanager
def one_line() -> Iterator[None]:
    """For a program that starts: what is wrong with the environment is one line and exit code 2."""
    try:
        yield
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def cleaned(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1].strip()
    return value


class Environment:
    """Reads variables. Every method raises ImproperlyConfigured for what it cannot be."""

    def __init__(self, values: MutableMapping[str, str] = os.environ) -> None:
        self.values = values
        self.asked: set[str] = set()

    def read_file(self, path: Path) -> None:
        """Take what a `.env` says, if it is there. The environment wins over it."""
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise ImproperlyConfigured(f"{path} is not text in UTF-8.") from error
        for number, line in enumerate(lines, 1):
            said = LINE.fullmatch(line)
            if said:
                self.values.setdefault(said["name"], cleaned(said["value"]))
            elif line.strip() and not line.lstrip().startswith("#"):
                raise ImproperlyConfigured(  # without the line, which may be half a secret
                    f"{path}, line {number}, is neither NAME=value nor a comment (# …)."
                )

    def text(self, name: str, default: str = "") -> str:
        self.asked.add(name)
        value = self.values.get(name)
        if value is None:
            return default
        plain = cleaned(value)
        if plain != value:
            self.values[name] = plain  # children and libraries read it there themselves
        return plain or default

    def is_blank(self, name: str) -> bool:
        """Whether it was set, to nothing."""
        return name in self.values and not self.text(name)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise ImproperlyConfigured(
                f"{name} is not set. Run `make setup` for a local .env, or set it in the"
                " environment."
            )
        return value

    def words(self, name: str, default: Iterable[str] = ()) -> list[str]:
        """What stands between commas; an empty list is as good as not set."""
        said = [cleaned(word) for word in self.text(name).split(",")]
        return [word for word in said if word] or list(default)

    def some_of(self, name: str, allowed: Iterable[str], default: Iterable[str]) -> list[str]:
        said = self.words(name, default)
        if unknown := [word for word in said if word not in allowed]:
            raise ImproperlyConfigured(
                f"{name} names {', '.join(unknown)}; there are {', '.join(allowed)}."
            )
        return said

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value and value not in YES + NO:
            raise ImproperlyConfigured(f"{name} is {self.text(name)!r}; it is 1 or 0.")
        return value in YES if value else default

    def word(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value.lower() not in allowed:
            raise ImproperlyConfigured(f"{name} is {value!r}; it is one of {', '.join(allowed)}.")
        return value.lower()

    def whole(self, name: str, default: int, least: int = 0, most: int = 1_000_000) -> int:
        value = self.text(name) or str(default)
        if not WHOLE.fullmatch(value) or not least <= int(value) <= most:
            raise ImproperlyConfigured(
                f"{name} is {value!r}; it is a whole number from {least} to {most}, like {default}."
            )
        return int(value)

    def factor(self, name: str, default: float) -> float:
        value = self.text(name) or str(default)
        try:
            number = float(value)
        except ValueError:
            number = 0
        if not (isfinite(number) and number > 0):
            raise ImproperlyConfigured(f"{name} is {value!r}; it is a number above 0.")
        return number

    def url(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not is_web_address(value):
            raise ImproperlyConfigured(f"{name} is {value!r}; it is like {default}.")
        return value

    def origins(self, name: str) -> list[str]:
        """Schemes with hosts, and a port where it is not the usual one; `*.` may stand first."""
        said = [word.rstrip("/") for word in self.words(name)]
        for origin in said:
            if not is_web_address(origin.replace("://*.", "://", 1)) or origin.count("/") > 2:
                raise ImproperlyConfigured(
                    f"{name} has {origin!r}; an origin is like https://fanfare.example.org."
                )
        return said

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        """Ranges of addresses, or single ones, all of them in private networks."""
        ranges = []
        for word in self.words(name):
            try:
                ranges.append(ip_network(word))
            except ValueError:
                ranges.append(EVERYTHING)
            if not ranges[-1].is_private:
                raise ImproperlyConfigured(
                    f"{name} has {word!r}; a private network is like 192.168.1.0/24 or 10.0.0.5."
                )
        return ranges

    def keys(self, name: str) -> list[str]:
        """Keys of Fernet; the first one seals, all of them open. Never shown."""
        self.required(name)
        said = self.words(name)
        if not said or not all(map(FERNET.fullmatch, said)):
            raise ImproperlyConfigured(
                f"{name} holds something that is not a key. `python -m project.local` writes a"
                " .env that has one."
            )
        return said

    def shaped(self, name: str, default: str, shape: str, like: str) -> str:
        value = self.text(name, default)
        if not re.fullmatch(shape, value):
            raise ImproperlyConfigured(f"{name} is {value!r}; it is like {like}.")
        return value

    def sender(self, name: str, default: str) -> str:
        value = self.text(name, default)
        address = parseaddr(value)[1]
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or not value.isprintable():
            raise ImproperlyConfigured(
                f"{name} is {value!r}; it is like Fanfare <fanfare@example.org>."
            )
        return value

    def readable(self, name: str) -> str:
        """A file or folder that is there, or nothing."""
        value = self.text(name)
        if value and not os.access(value, os.R_OK):
            raise ImproperlyConfigured(f"{name} names {value}, which cannot be read.")
        return value

    def log_file(self, name: str, folder: Path) -> str:
        """A file that can be written to, in a folder that is made for it; or nothing."""
        if not (value := self.text(name)):
            return ""
        path = folder / value
        try:
            if not path.parent.is_dir():
                private_folder(path.parent)
            open_private(str(path)).close()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name} names {value}, which cannot be written: {error.strerror}."
            ) from error
        return str(path)

    def widths(self, name: str, default: dict[str, int], most: int) -> dict[str, int]:
        """Numbers by name, like `a=1,b=2`; those that are not named stay as they are."""
        widths = dict(default)
        for said in self.words(name):
            key, _, width = (part.strip() for part in said.partition("="))
            if key not in default or not WHOLE.fullmatch(width) or not 1 <= int(width) <= most:
                raise ImproperlyConfigured(
                    f"{name} has {said}; it is like publish=48,import=4, of {', '.join(default)},"
                    f" each from 1 to {most}."
                )
            widths[key] = int(width)
        return widths

    def span(self, name: str, default: tuple[int, int], most: int) -> tuple[int, int]:
        """A number, or from..to."""
        value = self.text(name) or "{}..{}".format(*default)
        low, _, high = (part.strip() for part in value.partition(".."))
        ends = low, high if ".." in value else low
        if not all(map(WHOLE.fullmatch, ends)) or not 1 <= int(ends[0]) <= int(ends[1]) <= most:
            raise ImproperlyConfigured(
                f"{name} is {value!r}; it is a number up to {most}, or from..to, like 1..4."
            )
        return int(ends[0]), int(ends[1])


def is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        return False
    return bool(named) and text.isprintable() and not set(text) & set(" \\*'\"")
