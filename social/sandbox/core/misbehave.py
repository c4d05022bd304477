"""Sending an answer over the wire, properly or not."""

import re
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate

from .faults import TAMPERING
from .wire import Response, json_response

SLICE_S = 0.1
ENDINGS = {"hang_s", "close", "reset", "alert", "half_record", "goodbye"}
ALERT_LENGTHS = {2, 19}  # of a TLS record: in the clear, and sealed by TLS 1.3
# A TLS record that announces more than it brings.
HALF_RECORD = b"\x17\x03\x03\x01\x00" + bytes(100)


class Line:
    """One client's connection. `stale` says that the world was reset while we were waiting."""

    def __init__(self, connection: socket.socket, stale: Callable[[], bool]) -> None:
        self.connection, self.stale = connection, stale
        self.keep = True

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def wait(self, seconds: float, *, for_client: bool) -> bool:
        """False when nobody is left to wait for: the client went away, or the world did."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.stale() or (for_client and self.gone(min(left, SLICE_S))):
                return False
            if not for_client:
                time.sleep(min(left, SLICE_S))
        return not self.stale()

    def gone(self, seconds: float) -> bool:
        readable, _, _ = select.select([self.connection], [], [], seconds)
        try:
            if readable and self.is_over():
                return True
        except OSError:
            return True
        if readable:
            time.sleep(seconds)  # the next request is already there; it has to wait its turn
        return False

    def is_over(self) -> bool:
        """Whether what is there to be read is the end: also TLS's own goodbye (an alert)."""
        head = socket.socket.recv(self.connection, 5, socket.MSG_PEEK)
        is_secured = isinstance(self.connection, ssl.SSLSocket)
        return not head or (is_secured and int.from_bytes(head[3:5], "big") in ALERT_LENGTHS)

    def send_raw(self, data: bytes) -> None:
        """Past TLS, where there is any; nothing where there is none."""
        if isinstance(self.connection, ssl.SSLSocket):
            socket.socket.sendall(self.connection, data)

    def drip(self, data: bytes, seconds: float) -> None:
        for index in range(len(data)):
            self.send(data[index : index + 1])
            if not self.wait(seconds / max(1, len(data)), for_client=True):
                return

    def reset(self) -> None:
        """An RST instead of a proper goodbye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def tampering(action: dict) -> str:
    """What a fault does to the request itself, as `name` or `name:number`."""
    for name in TAMPERING & action.keys():
        value = action[name]
        return f"{name}:{value}" if name.startswith("kill_") else name
    return ""


def deliver(line: Line, response: Response, action: dict, now: float) -> None:
    """`response` is the true answer; `action` is what becomes of it (nothing: it is sent)."""
    if "hang_s" in action:
        line.wait(action["hang_s"], for_client=True)
    if action.keys() & ENDINGS:
        end(line, action)
        return
    response = changed(response, action, now)
    if "truncate" in action:
        line.keep = False
        line.send(response.head(len(response.body) + 100) + response.body)
    elif "drip_s" in action:
        drip(line, response, action)
    else:
        line.send(response.head() + response.body)


def end(line: Line, action: dict) -> None:
    """Instead of an answer."""
    line.keep = False
    if "reset" in action:
        line.reset()
    elif "alert" in action:
        line.send_raw(alert(action["alert"]))
    elif "half_record" in action:
        line.send_raw(HALF_RECORD)
    elif "goodbye" in action:
        say_goodbye(line.connection)


def alert(number: int) -> bytes:
    """A fatal TLS alert, by its number in RFC 8446, section 6."""
    return bytes([21, 3, 3, 0, 2, 2, number])


def say_goodbye(connection: socket.socket) -> None:
    """TLS's own end of a connection (close_notify), without waiting for the client's."""
    if isinstance(connection, ssl.SSLSocket):
        try:
            connection.settimeout(0)
            connection.unwrap()
        except (OSError, ValueError):
            pass  # it wants the client's goodbye too, or the client has gone


def changed(response: Response, action: dict, now: float) -> Response:
    response = Response(response.status, response.body, dict(response.headers))
    if "json" in action:
        response = json_response(dated(action["json"], now), int(action.get("status", 200)))
    elif "body" in action:
        response = Response(response.status, str(action["body"]).encode())
    elif "garbage" in action:
        response.body = b'{"data":{"id": oops'
    elif "status" in action:
        response = Response()
    response.status = int(action.get("status", response.status))
    response.headers["Date"] = formatdate(now, usegmt=True)  # whoever answers says when
    for name, value in action.get("headers", {}).items():
        response.headers[str(name)] = moment(str(value), now)
    if "no_content_type" in action:
        response.headers.pop("Content-Type", None)
    return response


def dated(said: object, now: float) -> object:
    """ "+12d" among what it says is a day from now."""
    if not isinstance(said, dict):
        return said
    days = {name: re.fullmatch(r"\+(\d{1,3})d", str(value)) for name, value in said.items()}
    dates = {name: day_of(now + 86_400 * int(it[1])) for name, it in days.items() if it}
    return said | dates


def day_of(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def moment(value: str, now: float) -> str:
    """ "+900" is a time from now, for reset headers."""
    return str(int(now) + int(value[1:])) if value[:1] == "+" and value[1:].isdigit() else value


def drip(line: Line, response: Response, action: dict) -> None:
    head, body = response.head(), response.body
    line.keep = False
    if not action.get("drip_headers"):
        line.send(head)
        head = b""
    line.drip(head + body, action["drip_s"])
