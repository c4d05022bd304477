"""A table that a person brings, as CSV: read with care, and refused in one sentence."""

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from social.networks import NETWORKS

MOST_FILE_BYTES = 1_000_000
MOST_FILE_ROWS = 500
MOST_COLUMNS = 50
MOST_CELL_LETTERS = 100_000  # in a cell
DELIMITERS = ",;\t"
TEXT_SUFFIX = "_text"  # after a network's name


@dataclass(frozen=True)
class Line:
    """A row under the head, by its number in the file (the head is 1), and its cells by column."""

    number: int
    cells: dict[str, str]
    is_too_long: bool = False  # it has more cells than the head


@dataclass(frozen=True)
class Table:
    """What a file says."""

    text: str  # as a page carries it on
    lines: list[Line]
    unknown: list[str]  # columns that mean nothing here

    @property
    def digest(self) -> str:
        """The same for the same file, also when a browser wrote its line ends anew."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class BadTable(ValueError):
    """Why it cannot be read, in one sentence for people."""


def known_columns() -> list[str]:
    """Those that mean something here."""
    return ["text", *(f"{name}{TEXT_SUFFIX}" for name in NETWORKS), "at", "channels", "tags"]


def read_file(file: Any) -> Table:
    """Raises BadTable."""
    if file.size > MOST_FILE_BYTES:
        raise BadTable(gettext("A file may have 1 MB. Split it into several."))
    return read_table(decoded(file.read(MOST_FILE_BYTES + 1)))


def decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise not_in_utf8()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_in_utf8() from error


def not_in_utf8() -> BadTable:
    return BadTable(gettext("This is no CSV file in UTF-8. Save it as “CSV UTF-8” and try again."))


def read_table(text: str) -> Table:
    """Raises BadTable."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if "\0" in text or len(text.encode(errors="replace")) > MOST_FILE_BYTES:
        raise not_in_utf8()
    head, _newline, _rest = text.partition("\n")
    delimiter = max(DELIMITERS, key=head.count)
    try:
        lines = io.StringIO(text, newline="")
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        sentence = gettext("This is no whole CSV: a quotation mark or a cell has no end.")
        raise BadTable(sentence) from error
    return checked(text, rows)


def checked(text: str, rows: list[list[str]]) -> Table:
    columns = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if len(columns) > MOST_COLUMNS:
        raise BadTable(gettext("A file may have {most} columns.").format(most=MOST_COLUMNS))
    known = known_columns()
    if not any(name.endswith("text") and name in known for name in columns):
        sentence = gettext(
            "The first row must name the columns, one of them “text”. Known are: {names}."
        )
        raise BadTable(sentence.format(names=", ".join(known)))
    if len(set(columns) & set(known)) < sum(name in known for name in columns):
        raise BadTable(gettext("Two columns have the same name."))
    lines = [line_of(number, columns, row) for number, row in enumerate(rows[1:], 2) if any(row)]
    if len(lines) > MOST_FILE_ROWS:
        raise BadTable(
            gettext("A file may have {most} rows. Split it.").format(most=MOST_FILE_ROWS)
        )
    if not lines:
        raise BadTable(gettext("There is no row under the names of the columns."))
    if any(len(cell) > MOST_CELL_LETTERS for line in lines for cell in line.cells.values()):
        raise BadTable(gettext("A cell has more letters than any post may have."))
    return Table(text, lines, [name for name in columns if name and name not in known])


def line_of(number: int, columns: list[str], row: list[str]) -> Line:
    cells = dict(zip(columns, row, strict=False))
    return Line(number, cells, is_too_long=any(row[len(columns) :]))
