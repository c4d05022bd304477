"""Sending an answer over the wire, properly or not."""

import select
import socket
import struct
import time
from collections.abc import Callable

from .faults import TAMPERING
from .wire import Response, json_response

SLICE_S = 0.1


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
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return True
        except OSError:
            return True
        if readable:
            time.sleep(seconds)  # the next request is already there; it has to wait its turn
        return False

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
    if action.keys() & {"hang_s", "close", "reset"}:
        line.keep = False
        if "reset" in action:
            line.reset()
        return
    response = changed(response, action, now)
    if "truncate" in action:
        line.keep = False
        line.send(response.head(len(response.body) + 100) + response.body)
    elif "drip_s" in action:
        drip(line, response, action)
    else:
        line.send(response.head() + response.body)


def changed(response: Response, action: dict, now: float) -> Response:
    response = Response(response.status, response.body, dict(response.headers))
    if "json" in action:
        response = json_response(action["json"], response.status)
    elif "body" in action:
        response = Response(response.status, str(action["body"]).encode())
    elif "garbage" in action:
        response.body = b'{"data":{"id": oops'
    elif "status" in action:
        response = Response()
    response.status = int(action.get("status", response.status))
    for name, value in action.get("headers", {}).items():
        response.headers[str(name)] = moment(str(value), now)
    if "no_content_type" in action:
        response.headers.pop("Content-Type", None)
    return response


def moment(value: str, now: float) -> str:
    """ "+900" is a time from now, for reset headers."""
    return str(int(now) + int(value[1:])) if value[:1] == "+" and value[1:].isdigit() else value


def drip(line: Line, response: Response, action: dict) -> None:
    head, body = response.head(), response.body
    line.keep = False
    if not action.get("drip_headers"):
        line.send(head)
        head = b""
    data = head + body
    pause = action["drip_s"] / max(1, len(data))
    for index in range(len(data)):
        line.send(data[index : index + 1])
        if not line.wait(pause, for_client=True):
            return
