"""The process that reads pictures, which also does what a test tells it by a "picture" of words:

    hold PATH    reads until there is a file PATH
    die NUMBER   ends by a signal
    leave PATH   ends in peace, but only while there is no file PATH
    spin, eat    use up processor time, or memory
    babble       answers nonsense

All else is a picture. As a WSGI application it is a page that reads what it is sent.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from publishing.media.decoder import __main__ as decoder
from publishing.media.pictures import cleaned, helper
from publishing.media.pictures.sharing import HELPER

COMMAND = [sys.executable, "-m", "tests.publishing.media.decoder_that"]
real = decoder.clean
LINK = 3  # the first that is free when it duplicates its standard input


def hold(path: bytes) -> None:
    while not os.path.exists(path):
        time.sleep(0.01)


def die(number: bytes) -> None:
    os.kill(os.getpid(), int(number))


def leave(path: bytes) -> None:
    if not os.path.exists(path):
        os.close(os.open(path, os.O_CREAT))
        os._exit(0)


def spin(_: bytes) -> None:
    while True:
        pass


def eat(_: bytes) -> None:
    kept = []
    while True:
        kept.append(bytearray(64 * 1024 * 1024))


def babble(_: bytes) -> None:
    os.write(LINK, b"nonsense" * 1000)
    time.sleep(60)


DEEDS = {deed.__name__.encode(): deed for deed in (hold, die, leave, spin, eat, babble)}


def clean(data: bytes) -> decoder.Written:
    deed, _, how = data.partition(b" ")
    if deed not in DEEDS:
        return real(data)
    try:
        DEEDS[deed](how)
    except MemoryError as error:
        raise decoder.Refused("too_costly") from error
    return decoder.Written(b"done", "image/png", 1, 1)


def application(environ: dict[str, Any], start: Callable) -> list[bytes]:
    helper.COMMAND = COMMAND
    if environ["PATH_INFO"] == "/pids":
        start("200 OK", [])
        reader = HELPER.process
        return [f"{os.getpid()} {reader.pid if reader else ''}".encode()]
    cleaned(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    start("200 OK", [])
    return [b"done"]


if __name__ == "__main__":
    decoder.WORK["clean"] = clean
    decoder.CPU_SECONDS = 0
    sys.exit(decoder.main())
