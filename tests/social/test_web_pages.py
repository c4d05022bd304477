"""Pages that a text names: who is asked for them, and how much of what comes is read. Nothing here
leaves the machine: every name leads to a listener, whatever address it is said to have."""

import socket
import threading
import time

import pytest
import urllib3.util.connection

from social.networks import http, web_pages
from social.networks.errors import NetworkError
from social.networks.homes import sandbox_schemes
from social.networks.web_pages import (
    LINKED_PAGE,
    MOST_REDIRECTS,
    PAGE_LIMIT,
    PageKind,
    is_readable,
    read_page,
)

PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PAGE = OK + b"\r\n<title>Bread</title>"


class Web:
    """A listener that all names lead to: what it says by the name that was asked, and the address
    that each connection seems to have, in turn."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.answers: dict[str, bytes] = {}
        self.addresses: dict[str, list[str]] = {}
        self.asked: list[tuple[str, int]] = []
        self.received: list[bytes] = []
        self.pause = 0.0  # seconds between the bytes of an answer
        self.names: dict[int, str] = {}
        self.threads: list[threading.Thread] = []

    def connect(self, asked, *args, **kwargs):
        self.asked.append(asked)
        thread = threading.Thread(target=self.answer, args=(asked[0],), daemon=True)
        thread.start()
        self.threads.append(thread)
        connected = socket.create_connection(self.server.getsockname(), 5)
        self.names[connected.fileno()] = asked[0]
        return connected

    def address_of(self, connected) -> str:
        addresses = self.addresses.get(self.names[connected.fileno()], [PUBLIC])
        return addresses.pop(0) if len(addresses) > 1 else addresses[0]

    def answer(self, name: str) -> None:
        accepted, _ = self.server.accept()
        accepted.settimeout(5)
        try:
            received = accepted.recv(65536)
            self.received.append(received)
            answer = self.answers.get(name, PAGE)
            step = 1 if self.pause else 65536
            for start in range(0, len(answer), step) if received else ():
                accepted.sendall(answer[start : start + step])
                time.sleep(self.pause)
        except OSError:
            pass
        finally:
            accepted.close()

    def end(self) -> list[bytes]:
        """What it was sent."""
        for thread in self.threads:
            thread.join(5)
        return [received for received in self.received if received]


@pytest.fixture
def web(monkeypatch, settings):
    settings.SANDBOX_MODE = False
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    web = Web()
    monkeypatch.setattr(urllib3.util.connection, "create_connection", web.connect)
    monkeypatch.setattr(http, "peer_address", web.address_of)
    yield web
    web.server.close()


def away(address: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {address}\r\nContent-Length: 0\r\n\r\n".encode()


# ── Who is asked ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "address",
    [
        *("ftp://green.example/", "http://localhost/", "http://127.0.0.1/", "http://[::1]/"),
        *("http://2130706433/", "http://0x7f.1/", "http://169.254.169.254/", "http://green"),
        *("http://green.example:8000/", "https://green.example:80/", "http://a@green.example/"),
        *("http://green.example:port/", "http:///etc", "file:///etc/passwd", "green.example"),
        *("http://green.example/" + "a" * 2000, "http://gr een.example/", ""),
    ],
)
def test_what_is_never_asked(web, address):
    assert not is_readable(address)
    with pytest.raises(NetworkError):
        read_page(address)
    assert web.asked == []


def test_in_sandbox_mode_only_the_sandbox_is_asked(sandbox):
    assert not is_readable("https://green.example/")
    with pytest.raises(NetworkError):
        read_page("https://green.example/")
    (address,) = sandbox_schemes()
    assert b"<title>" in read_page(f"{http.home_address(address)}/").data


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("http://green.example/", ("green.example", 80)),
        ("HTTP://Green.Example:80/a?b=c#d", ("green.example", 80)),
        ("http://bücher.example/", ("xn--bcher-kva.example", 80)),
    ],
)
def test_a_page_is_read(web, address, asked):
    assert read_page(address).data == b"<title>Bread</title>"
    assert web.asked == [asked]
    [request] = web.end()
    lines = request.decode().splitlines()
    assert "#d" not in lines[0] and f"Host: {asked[0]}" in lines
    assert "User-Agent: Fanfare (link preview)" in lines
    assert not any(line.lower().startswith(("cookie", "authorization")) for line in lines)


def test_only_pages_of_the_kind_that_is_wished_for_are_read(web):
    feeds = PageKind(("text/xml",), user_agent="A reader")
    web.answers["red.example"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss/>"
    assert read_page("http://red.example/", feeds).data == b"<rss/>"
    for address, kind in (("http://green.example/", feeds), ("http://red.example/", LINKED_PAGE)):
        with pytest.raises(NetworkError):
            read_page(address, kind)
    assert b"User-Agent: A reader\r\n" in web.end()[0]


def test_by_https_the_name_is_checked_first(web):
    with pytest.raises(NetworkError):
        read_page("https://green.example/")
    assert web.asked == [("green.example", 443)] and web.end()[0][:1] == b"\x16"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", PRIVATE, "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "100.64.0.1"],
)
def test_no_byte_leaves_for_a_private_address(web, address):
    web.addresses["green.example"] = [address]
    with pytest.raises(NetworkError):
        read_page("http://green.example/")
    assert len(web.asked) == 1 and web.end() == []


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_nothing_more(web):
    web.addresses["green.example"] = [PUBLIC, PRIVATE]
    web.answers["green.example"] = away("/again")
    with pytest.raises(NetworkError):
        read_page("http://green.example/")
    assert len(web.asked) == 2 and len(web.end()) == 1


# ── Redirects ─────────────────────────────────────────────────────────────────────────────────
def test_a_redirect_is_followed_with_nothing_in_its_hands(web):
    answer = away("http://blue.example/x").replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n")
    web.answers["green.example"] = answer
    page = read_page("http://green.example/")
    assert (page.address, page.data) == ("http://blue.example/x", b"<title>Bread</title>")
    second = web.end()[1]
    assert b"GET /x " in second and b"ookie" not in second and b"green" not in second


@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1/", "http://localhost:8000/", "//169.254.169.254/latest/"),
        *("file:///etc/passwd", "http://blue.example:8000/", "http://a:b@blue.example/"),
        *("http://[", "gopher://blue.example/"),
    ],
)
def test_a_redirect_is_no_way_round_the_guard(web, location):
    web.answers["green.example"] = away(location)
    with pytest.raises(NetworkError):
        read_page("http://green.example/")
    assert len(web.asked) == 1


def test_a_redirect_to_a_name_of_a_private_address_gets_no_byte(web):
    web.answers["green.example"] = away("http://inner.example/")
    web.addresses["inner.example"] = [PRIVATE]
    with pytest.raises(NetworkError):
        read_page("http://green.example/")
    assert [name for name, _ in web.asked] == ["green.example", "inner.example"]
    assert len(web.end()) == 1


def test_redirects_come_to_an_end(web):
    for number in range(9):
        web.answers[f"a{number}.example"] = away(f"http://a{number + 1}.example/")
    with pytest.raises(NetworkError):
        read_page("http://a0.example/")
    assert len(web.asked) == MOST_REDIRECTS + 1
    web.answers["a4.example"] = PAGE
    assert read_page("http://a1.example/").address == "http://a4.example/"


# ── How much is read ──────────────────────────────────────────────────────────────────────────
def test_of_a_huge_page_only_the_beginning_is_read(web):
    web.answers["green.example"] = PAGE + b"a" * (8 * PAGE_LIMIT)
    page = read_page("http://green.example/")
    assert len(page.data) == PAGE_LIMIT and page.data.startswith(b"<title>")


@pytest.mark.parametrize("dripping", ["body", "headers"])
def test_a_slow_page_is_cut_off(web, monkeypatch, settings, dripping):
    settings.TIME_SCALE = 1.0
    monkeypatch.setattr(web_pages, "PAGE_DEADLINE", 0.4)
    web.pause = 0.02
    body, header = OK + b"\r\n" + b"a" * 5000, OK + b"X-Long: " + b"a" * 5000
    web.answers["green.example"] = body if dripping == "body" else header
    begun = time.monotonic()
    with pytest.raises(NetworkError):
        read_page("http://green.example/")
    assert time.monotonic() - begun < 2


def test_all_redirects_share_one_deadline(web, monkeypatch, settings):
    settings.TIME_SCALE = 1.0
    monkeypatch.setattr(web_pages, "PAGE_DEADLINE", 0.4)
    web.pause = 0.004  # of a hundred bytes: none is too slow by itself
    for number in range(9):
        web.answers[f"a{number}.example"] = away(f"http://a{number + 1}.example/")
    with pytest.raises(NetworkError):
        read_page("http://a0.example/")
    assert len(web.asked) < MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n<title>Bread</title>",
        b"HTTP/1.1 200 OK\r\n\r\n<title>Bread</title>",
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<title>Bread</title>",
        OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Type: text/html\r\n\r\n",
        b"",
    ],
)
def test_what_is_no_page_is_none(web, answer):
    web.answers["green.example"] = answer
    with pytest.raises(NetworkError):
        read_page("http://green.example/")
