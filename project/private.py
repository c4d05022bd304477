"""Files that nobody else on this machine may read: database, secrets, log. No Django here."""

import os
import stat
import threading
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

OTHERS_MODE = stat.S_IRWXG | stat.S_IRWXO
# What SQLite and project/sqlite keep beside a database. SQLite gives its own the mode of the
# database, but those of an older installation are there already.
DATABASE_SUFFIXES = ("", "-wal", "-shm", "-journal", "-turn")


def make_private(path: Path) -> None:
    """Take from everybody but its owner what they may do with a file that is there; what belongs to
    somebody else is theirs to mend. Whatever else a setting names by mistake, as a folder of the
    system, stays as it is."""
    with suppress(OSError):
        if path.is_file():
            take_from_others(path)


def take_from_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & OTHERS_MODE:
        path.chmod(mode & ~OTHERS_MODE)


def private_folder(path: Path) -> None:
    """`path`, a folder of nobody but us, is there and private. Raises OSError where it cannot be
    made."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError):
        take_from_others(path)


def private_database(path: Path) -> None:
    """The SQLite file at `path`, made if it is not there, and what stands beside it."""
    with suppress(OSError):  # SQLite will say what is wrong
        make_unopened(path)
    for suffix in DATABASE_SUFFIXES:
        make_private(path.with_name(path.name + suffix))


def make_unopened(path: Path) -> None:
    """An empty file, made elsewhere: whoever closes a database's file takes every lock of SQLite's
    on it from the whole process (fcntl(2)). Then another process that ends deletes what the first
    has written and goes on writing to, and all of that is lost."""
    if path.exists():
        return
    new = path.with_name(f"{path.name}-{os.getpid()}-{threading.get_ident()}")
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        os.link(new, path)  # another may have been quicker
    finally:
        new.unlink()


def open_private(
    path: str, encoding: str | None = None, errors: str | None = None
) -> TextIOWrapper:
    """As `open` to write at its end, for the owner only. Raises OSError."""
    make_private(Path(path))

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    return open(path, "a", encoding=encoding, errors=errors, opener=opener)
