"""Requests and responses as plain data, and the readers of the three kinds of body."""

import hashlib
import json
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit


class Malformed(ValueError):
    """The request cannot be read. Each network words its own 400 for it."""


@dataclass
class File:
    name: str
    type: str
    data: bytes


@dataclass
class Request:
    method: str
    target: str
    headers: Message
    body: bytes
    origin: str = ""  # scheme://host:port of the sandbox as this client calls it
    network: str = ""  # by its name; empty for our own pages
    path: str = ""  # without the prefix: as the real host would see it
    tampered: str = ""  # what a fault did to it before it was handled
    created: str = ""  # id of what it made, for the journal

    @cached_property
    def url_path(self) -> str:
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> dict[str, str]:
        return pairs(urlsplit(self.target).query)

    @cached_property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()

    @cached_property
    def _parts(self) -> tuple[dict[str, str], dict[str, File]]:
        if self.content_type == "application/x-www-form-urlencoded":
            return pairs(decode(self.body)), {}
        if self.content_type == "multipart/form-data":
            return read_multipart(self.headers.get("Content-Type", ""), self.body)
        return {}, {}

    @property
    def form(self) -> dict[str, str]:
        return self._parts[0]

    @property
    def files(self) -> dict[str, File]:
        return self._parts[1]

    def form_list(self, name: str) -> list[str]:
        """Every value of a field that a page may send several times (ticked boxes)."""
        fields = parse_qsl(decode(self.body), keep_blank_values=True)
        return [value for key, value in fields if key == name]

    @cached_property
    def json(self) -> dict:
        try:
            value = json.loads(decode(self.body) or "{}")
            json.dumps(value, ensure_ascii=False).encode()  # lone surrogates cannot be stored
        except (ValueError, RecursionError) as error:
            raise Malformed("the body is not valid JSON") from error
        if not isinstance(value, dict):
            raise Malformed("the body is not a JSON object")
        return value

    @property
    def is_json(self) -> bool:
        return self.content_type == "application/json"

    def fields(self) -> dict:
        """Whatever the body holds, for the journal and for matching faults."""
        try:
            return self.json if self.is_json else self.form
        except Malformed:
            return {}


def decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Malformed("the body is not valid UTF-8") from error


def pairs(text: str) -> dict[str, str]:
    try:
        fields = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise Malformed("the fields are not valid UTF-8") from error
    return fields


def read_multipart(content_type: str, body: bytes) -> tuple[dict[str, str], dict[str, File]]:
    """By hand: the standard library's mail parser would touch bare carriage returns in pictures."""
    boundary = parameter(content_type, "boundary")
    if not boundary:
        raise Malformed("multipart without boundary")
    fields: dict[str, str] = {}
    files: dict[str, File] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        if part.startswith(b"--"):
            return fields, files
        head, separator, data = part.partition(b"\r\n\r\n")
        if not separator:
            break
        keep_part(head, data, fields, files)
    raise Malformed("multipart without end")


def keep_part(head: bytes, data: bytes, fields: dict[str, str], files: dict[str, File]) -> None:
    lines = [line.partition(":") for line in decode(head).split("\r\n") if ":" in line]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    disposition = headers.get("content-disposition", "")
    name, filename = parameter(disposition, "name"), parameter(disposition, "filename")
    if filename or "content-type" in headers:
        files[name] = File(filename, headers.get("content-type", ""), data)
    else:
        fields[name] = decode(data)


def parameter(header: str, name: str) -> str:
    message = Message()
    message["Content-Type"] = header if "/" in header.split(";")[0] else "x/" + header
    value = message.get_param(name, "")
    return (
        value if isinstance(value, str) else value[2]
    )  # RFC 2231 gives (charset, language, value)


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def head(self, length: int | None = None) -> bytes:
        try:
            reason = HTTPStatus(self.status).phrase
        except ValueError:
            reason = "Unknown"
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        headers = {"Content-Length": str(len(self.body) if length is None else length)}
        headers |= self.headers
        lines += [f"{name}: {one_line(value)}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def head_and_body(self, method: str = "GET") -> bytes:
        return self.head() + (b"" if method == "HEAD" else self.body)


def one_line(value: object) -> str:
    return " ".join(str(value).split("\r")).replace("\n", " ")


def json_response(value: object, status: int = 200, **headers: str) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    is_problem = status >= 400 and isinstance(value, dict) and {"type", "title"} <= value.keys()
    kind = "application/problem+json" if is_problem else "application/json"
    return Response(status, body, {"Content-Type": f"{kind}; charset=UTF-8"} | names)


def page(body: str, status: int = 200) -> Response:
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
        "img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    }
    return Response(status, body.encode(), headers)


def redirect(url: str, status: int = 302) -> Response:
    return Response(status, b"", {"Location": url, "Cache-Control": "no-store"})


def fingerprint(secret: str) -> str:
    """How a token appears in the journal: recognisable, not usable."""
    return "#" + hashlib.sha256(secret.encode()).hexdigest()[:12]
