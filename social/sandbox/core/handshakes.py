"""TLS with a client: the handshake, and what may go wrong in it."""

import select
import socket
import ssl
import time

from .certificates import Certificates
from .faults import Fault
from .misbehave import Line, alert

HANDSHAKE_RECORD = b"\x16"
PATIENCE = 30  # seconds for a whole handshake
SHOWN = {"wrong_host", "expired", "self_signed", "unknown_ca", "old_tls"}


def is_tls(connection: socket.socket) -> bool:
    """Whether this client speaks TLS: the same port answers in the clear as well."""
    connection.settimeout(PATIENCE)
    return connection.recv(1, socket.MSG_PEEK) == HANDSHAKE_RECORD


def shake(line: Line, certificates: Certificates, fault: Fault | None) -> ssl.SSLSocket | None:
    """The secured connection, or None where a fault has ended it. Raises OSError when the client
    does not like what it sees."""
    action = fault.action if fault else {}
    kind = action.get("handshake", "")
    if kind and kind not in SHOWN and not misbehaves(line, certificates, action):
        return None
    context = certificates.context(kind if kind in SHOWN else "")
    secured = context.wrap_socket(line.connection, server_side=True, do_handshake_on_connect=False)
    try:
        shake_in_time(secured)
    except OSError:
        secured.close()  # it has taken the connection over
        raise
    return secured


def shake_in_time(secured: ssl.SSLSocket) -> None:
    """One that drips must not keep a thread for ever: the timeout of a socket is per read."""
    until = time.monotonic() + PATIENCE
    while True:
        secured.settimeout(0)
        try:
            secured.do_handshake()
            break
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as wants:
            wait_for(secured, isinstance(wants, ssl.SSLWantWriteError), until)
    secured.settimeout(None)


def wait_for(connection: socket.socket, to_write: bool, until: float) -> None:
    left = until - time.monotonic()
    poll = select.poll()
    poll.register(connection, select.POLLOUT if to_write else select.POLLIN)
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError("a handshake took too long")


def misbehaves(line: Line, certificates: Certificates, action: dict) -> bool:
    """Do what the fault says with a client that has sent its hello. True: go on with it."""
    if action["handshake"] == "slow":
        return line.wait(action.get("delay_ms", 0) / 1000, for_client=True)
    hello = read_record(line.connection)
    if action["handshake"] == "hang":
        line.wait(action.get("hang_s", PATIENCE), for_client=True)
    elif action["handshake"] == "alert":
        line.connection.sendall(alert(action["alert"]))
    elif action["handshake"] == "reset":
        line.reset()
    elif action["handshake"] == "drip":
        line.drip(flight(certificates, hello), action["drip_s"])
    elif action["handshake"] == "cut_last":
        answer = flight(certificates, hello)
        line.connection.sendall(answer[: len(answer) // 2])
    return False  # "cut" is nothing but this


def read_record(connection: socket.socket) -> bytes:
    """The client's hello, off the line: what was not read would turn a cut into a reset."""
    found = b""
    while len(found) < 5 or len(found) < 5 + int.from_bytes(found[3:5], "big"):
        more = connection.recv(65536)
        if not more:
            raise ConnectionAbortedError("the client went away before its hello was whole")
        found += more
    return found


def flight(certificates: Certificates, hello: bytes) -> bytes:
    """All that the server has to say in a handshake (TLS 1.3: hello, certificate, finished)."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(hello)
    try:
        certificates.context("").wrap_bio(incoming, outgoing, server_side=True).do_handshake()
    except ssl.SSLWantReadError:
        pass  # the client's turn
    return outgoing.read()
