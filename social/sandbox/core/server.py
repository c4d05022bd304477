"""The HTTP server: one thread for each connection, so that a hanging one blocks nobody."""

import ipaddress
import socket
import ssl
import sys
import traceback
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from . import handshakes, journal, misbehave, router
from .certificates import Certificates
from .wire import Malformed, Request, Response
from .world import World

LARGEST_BODY = 64 * 1024 * 1024
LOCAL_NAMES = {"localhost", "ip6-localhost"}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self, host: str, port: int, world: World, certificates: Certificates | None = None
    ) -> None:
        """With `certificates` it speaks TLS as well, on the same port."""
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.world, self.certificates = world, certificates
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's: that one looks the name of the machine up, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    @property
    def url(self) -> str:
        host = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        scheme = "https" if self.certificates else "http"
        return f"{scheme}://{host}:{self.server_port}"

    def finish_request(self, request: Any, client_address: object) -> None:
        """In the connection's own thread: whoever never finishes a handshake keeps nobody out."""
        if not self.certificates or not handshakes.is_tls(request):
            super().finish_request(request, client_address)
            return
        with self.world.lock:
            fault, epoch = self.world.faults.take_handshake(), self.world.epoch
        line = misbehave.Line(request, lambda: self.world.epoch != epoch)
        secured = handshakes.shake(line, self.certificates, fault)
        if secured is not None:
            with secured:
                super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: object) -> None:
        """A client that hung up is everyday life here."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120  # an idle kept-alive connection gives its thread back
    server: Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.was_cut = False

    def finish(self) -> None:
        super().finish()
        if not self.was_cut:
            misbehave.say_goodbye(self.connection)

    def serve(self) -> None:
        world, epoch = self.server.world, self.server.world.epoch
        line = misbehave.Line(self.connection, lambda: world.epoch != epoch)
        try:
            request = self.read_request()
        except Malformed as error:
            self.close_connection = True
            line.send(router.malformed(world, self.path, str(error)).head_and_body())
            return
        handle(world, request, line)
        self.was_cut = not line.keep
        if not line.keep or self.headers.get("Connection", "").lower() == "close":
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = serve

    def read_request(self) -> Request:
        host = self.headers.get("Host") or f"{self.server.server_name}:{self.server.server_port}"
        if not is_local(host):
            raise Malformed("this sandbox answers to local names only")
        scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        origin = f"{scheme}://{host}"
        return Request(self.command, self.path, self.headers, self.read_body(), origin)

    def read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self.read_chunks()
        text = self.headers.get("Content-Length", "0")
        if not text.isascii() or not text.isdigit() or int(text) > LARGEST_BODY:
            raise Malformed("the Content-Length is not usable")
        body = self.rfile.read(int(text))
        if len(body) < int(text):
            raise Malformed("the body breaks off")
        return body

    def read_chunks(self) -> bytes:
        body = b""
        while True:
            try:
                size = int(self.rfile.readline(100).split(b";")[0], 16)
            except ValueError as error:
                raise Malformed("a chunk has no size") from error
            if size < 0 or len(body) + size > LARGEST_BODY:
                raise Malformed("the body is too large")
            body += self.rfile.read(size)
            self.rfile.readline(100)
            if size == 0:
                return body

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself, in the network's words too."""
        self.close_connection = True
        path = getattr(self, "path", "") or ""
        text = message or "malformed request"
        response = router.malformed(self.server.world, path, text, code)
        self.connection.sendall(response.head_and_body())

    def log_message(self, format: str, *args: object) -> None:
        """The journal is the log."""


def is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name in LOCAL_NAMES or name.endswith(".localhost"):
            return True
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def handle(world: World, request: Request, line: misbehave.Line) -> None:
    """Fault before, the true answer, fault after."""
    world.host = urlsplit(request.origin).netloc
    request.network, request.path = router.locate(world, request.url_path)
    if not request.network:
        line.send(answer(world, request).head_and_body(request.method))
        return
    with world.lock:
        entry = journal.open_entry(world, request)
        fault = world.faults.take(request, "before")
    action = fault.action if fault else {}
    entry["fault"] = (fault.preset or f"#{fault.id}") if fault else None
    if "delay_ms" in action and not line.wait(action["delay_ms"] / 1000, for_client=False):
        line.keep = False
        return
    if fault and fault.replaces_answer:
        entry["status"] = action.get("status", 0)
        misbehave.deliver(line, Response(), action, world.now())
        return
    request.tampered = misbehave.tampering(action)
    finish(world, request, line, entry)


def finish(world: World, request: Request, line: misbehave.Line, entry: dict) -> None:
    with world.lock:
        response = answer(world, request)
        response.headers["Date"] = formatdate(world.now(), usegmt=True)
        entry |= {"status": response.status, "created": request.created or None}
        accepted = response.status < 400
        fault = world.faults.take(request, "after") if accepted else None
    if fault is None:
        line.send(response.head_and_body(request.method))
        return
    entry["fault"] = fault.preset or f"#{fault.id}"
    if "delay_ms" in fault.action:
        line.wait(fault.action["delay_ms"] / 1000, for_client=True)
    misbehave.deliver(line, response, fault.action, world.now())


def answer(world: World, request: Request) -> Response:
    try:
        with world.lock:
            return router.answer(world, request)
    except Malformed as error:
        return router.malformed(world, request.url_path, str(error))
    except Exception:  # a bug of the sandbox: for its own terminal, never for the client
        traceback.print_exc()
        return router.broken(world, request.network)
