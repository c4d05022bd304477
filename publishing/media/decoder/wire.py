"""Messages between the two processes: two lengths, a head of JSON, a body of bytes."""

import json
import socket
import struct
import time
from typing import Any

LENGTHS = struct.Struct("!II")
LONGEST_HEAD = 4096  # bytes
CHUNK = 256 * 1024


def send(link: socket.socket, head: dict[str, Any], body: bytes, seconds: float | None) -> None:
    """Send one message. Raises TimeoutError after `seconds`, other OSErrors when nobody listens."""
    packed = json.dumps(head).encode()
    link.settimeout(seconds)
    link.sendall(LENGTHS.pack(len(packed), len(body)) + packed + body)


def receive(
    link: socket.socket, longest: int, seconds: float | None
) -> tuple[dict[str, Any], bytes]:
    """One message, its body of at most `longest` bytes. Raises TimeoutError after `seconds`,
    EOFError at the end of the link, ValueError for what is no message."""
    until = None if seconds is None else time.monotonic() + seconds
    head, body = LENGTHS.unpack(exactly(link, LENGTHS.size, until))
    if head > LONGEST_HEAD or body > longest:
        raise ValueError("a message is longer than agreed")
    said = json.loads(exactly(link, head, until))
    if not isinstance(said, dict):
        raise ValueError("the head of a message is not an object")
    return said, exactly(link, body, until)


def exactly(link: socket.socket, size: int, until: float | None) -> bytes:
    """`size` bytes, come as they may."""
    received = bytearray()
    while len(received) < size:
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError("no message in time")
        link.settimeout(left)
        chunk = link.recv(min(CHUNK, size - len(received)))
        if not chunk:
            raise EOFError("the other end is gone")
        received += chunk
    return bytes(received)
