"""Servers that behave in ways no polite one does: each is one function of a connected socket."""

import contextlib
import datetime
import re
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
YES = OK + b"Content-Length: 2\r\n\r\n{}"
Behaviour = Callable[[socket.socket], None]


class Listener:
    """`seen` is what each connection sent first; `url` is where it listens. With a `certificate`
    for localhost, it does all of it behind TLS."""

    def __init__(self, behave: Behaviour, certificate: Path | None = None) -> None:
        self.seen: list[bytes] = []
        is_wrapped = certificate and not getattr(behave, "speaks_first", False)
        self.behave = secure(certificate, behave, self.seen) if is_wrapped else behave
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        where = "https://localhost" if certificate else "http://127.0.0.1"
        self.url = f"{where}:{self.port}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=[connection], daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if not getattr(self.behave, "speaks_first", False):
                self.seen.append(read_request(connection))
            self.behave(connection)


def read_request(connection: socket.socket) -> bytes:
    """The head of it; the body is taken off the line too."""
    data = b""
    while b"\r\n\r\n" not in data and (more := connection.recv(65536)):
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]) and (more := connection.recv(65536)):
        body += more
    return head


@contextlib.contextmanager
def listening(behave: Behaviour, certificate: Path | None = None) -> Iterator[Listener]:
    listener = Listener(behave, certificate)
    try:
        yield listener
    finally:
        listener.socket.close()


def says(data: bytes) -> Behaviour:
    return lambda connection: connection.sendall(data)


def says_nothing(connection: socket.socket) -> None:
    select.select([connection], [], [], 30)  # until the other side has had enough


def drips(start: bytes, drop: bytes) -> Behaviour:
    """`start` at once, then `drop` byte after byte, for as long as somebody listens."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            connection.sendall(drop)
            time.sleep(0.05)

    return behave


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def secure(certificate: Path, behave: Behaviour, seen: list[bytes] | None = None) -> Behaviour:
    """The same behind TLS; `behave` gets the TLS socket after it has read a request into `seen`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def handshake(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError):
            tls = context.wrap_socket(connection, server_side=True)
            request = read_request(tls)
            if seen is not None:
                seen.append(request)
            behave(tls)

    handshake.speaks_first = True
    return handshake


def drips_handshake(connection: socket.socket) -> None:
    """A TLS record that announces 16 kB and comes byte by byte."""
    drips(b"\x16\x03\x03\x40\x00", b"\x02")(connection)


drips_handshake.speaks_first = True


def certificate_for(name: str, file: Path) -> Path:
    """A key and a self-signed certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(pem))
    return file
