"""A proxy in front of a server on this machine that cuts connections: after the whole request was
handed on, before a byte of the answer comes back. Whoever asked does not know what became of it."""

import http.client
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

NOWHERE: Mapping[str, str] = {}
Cuts = Callable[[str, str], bool]  # by the verb and the path of a request


class CuttingProxy:
    """Hands on what it is asked, and cuts the answers of which `cuts` says so. What is below one of
    the paths in `elsewhere` is for another server."""

    def __init__(
        self,
        target: str,
        cuts: Cuts = lambda verb, path: False,
        elsewhere: Mapping[str, str] = NOWHERE,
    ) -> None:
        self.target, self.cuts, self.elsewhere = target, cuts, elsewhere
        self.renamed: dict[bytes, bytes] = {}  # what answers call a server → what they are to
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.cut, self.must_cut_next = 0, False

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def place_of(self, path: str) -> str:
        """The host and port that this path is asked at."""
        others = (place for start, place in self.elsewhere.items() if path.startswith(start))
        return urlsplit(next(others, self.target)).netloc

    def cut_next(self) -> None:
        """The answer to the next request, whatever it is."""
        self.must_cut_next = True

    def handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def hand_on(self) -> None:
                proxy.hand_on(self)

            do_GET = do_POST = do_PUT = do_DELETE = hand_on

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def hand_on(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in asked.headers.items() if name != "Connection"}
        asked.close_connection = True
        try:
            connection = http.client.HTTPConnection(self.place_of(asked.path), timeout=60)
            connection.request(asked.command, asked.path, body, headers)
            answer = connection.getresponse()
            data = self.with_names(answer.read())
        except (OSError, http.client.HTTPException):  # it is away just now: nobody answers
            return
        finally:
            connection.close()
        if self.must_cut_next or self.cuts(asked.command, asked.path):
            self.must_cut_next, self.cut = False, self.cut + 1
            return
        with suppress(OSError):  # who asked may have been killed
            self.pass_back(asked, answer, data)

    def pass_back(
        self, asked: BaseHTTPRequestHandler, answer: http.client.HTTPResponse, data: bytes
    ) -> None:
        asked.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date"):
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(data)))
        asked.send_header("Connection", "close")
        asked.end_headers()
        asked.wfile.write(data)

    def with_names(self, data: bytes) -> bytes:
        for name, other in self.renamed.items():
            data = data.replace(name, other)
        return data

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
