"""Servers that people name: how they are named, and what is asked of whom their name leads to."""

import socket
import threading
from contextlib import contextmanager
from ipaddress import ip_network

import pytest
import requests
import urllib3.util.connection

from social.models import Home
from social.networks import http
from social.networks.errors import Rejected, TemporaryError
from social.networks.homes import host_named, sandbox_schemes


# ── Names ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "typed, host",
    [
        ("green.example", "green.example"),
        (" Green.Example. ", "green.example"),
        ("https://green.example/@ada?a=b#c", "green.example"),
        ("https://green.example:443", "green.example"),
        ("@ada@green.example", "green.example"),
        ("ada@green.example", "green.example"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_what_a_person_means(typed, host):
    assert host_named(typed) == host


@pytest.mark.parametrize(
    "typed",
    [
        *("", "green", "localhost", "http://green.example", "ftp://green.example"),
        *("green.example:8443", "https://green.example:80", "https://green.example:port"),
        *("https://ada@green.example/", "ada:lily@green.example", "//green.example"),
        *("127.0.0.1", "https://127.0.0.1", "[::1]", "https://[::1]/", "0x7f.0.0.1", "127.1"),
        *("green .example", "green..example", "gr\x00een.example", "a" * 300 + ".example"),
        *("https://", "@", "@@", "-green.example", "2130706433"),
    ],
)
def test_what_is_no_name_of_a_server(typed):
    with pytest.raises(Rejected, match="home_unknown"):
        host_named(typed)


def test_the_sandbox_is_reached_as_it_listens(settings):
    (address,) = sandbox_schemes()
    assert host_named(address) == address
    assert http.home_address(address) == settings.X_API_URL.removesuffix("/x-api")
    settings.SANDBOX_MODE = False
    assert sandbox_schemes() == {} and http.home_address(address) == f"https://{address}"


# ── Whom we speak to ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "address, public",
    [
        *(("93.184.215.14", True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True)),
        *(("::ffff:93.184.215.14", True), ("64:ff9b::5db8:d70e", True)),
        *(("127.0.0.1", False), ("0.0.0.0", False), ("10.0.0.1", False), ("192.168.1.1", False)),
        *(("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False)),
        *(("::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::", False)),
        *(("::ffff:127.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False)),
    ],
)
def test_only_addresses_of_the_whole_internet_are_public(address, public):
    assert http.is_public(address) is public


class Listener:
    """What is at the other end, on this machine: it notes what it is sent, and says `answer`."""

    def __init__(self, answer: bytes = b"") -> None:
        self.server, self.answer = socket.create_server(("127.0.0.1", 0)), answer
        self.received, self.address = b"", self.server.getsockname()
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self) -> None:
        accepted, _ = self.server.accept()
        accepted.settimeout(5)
        self.received = accepted.recv(65536)
        if self.received:
            accepted.sendall(self.answer)
        accepted.close()


@pytest.fixture
def leading(monkeypatch):
    """Every name leads to a listener here, whatever port is meant; nothing leaves the machine."""

    @contextmanager
    def to(listener):
        with monkeypatch.context() as patch:
            patch.setattr(
                urllib3.util.connection,
                "create_connection",
                lambda asked, *args, **kwargs: socket.create_connection(listener.address, 5),
            )
            yield listener
        listener.thread.join(5)
        listener.server.close()

    return to


def test_no_byte_leaves_for_an_address_that_is_not_public(settings, leading):
    settings.SANDBOX_MODE = False
    with leading(Listener()) as listener, pytest.raises(requests.ConnectionError) as failed:
        http.home_session("green.example").get("https://green.example/")
    assert listener.received == b"" and "no public address" in str(failed.value)
    error = http.wire_error(failed.value, None, creating=True)
    assert isinstance(error, TemporaryError) and error.reason == "unreachable"


def test_a_public_address_is_spoken_to(settings, leading, monkeypatch):
    settings.SANDBOX_MODE = False
    monkeypatch.setattr(http, "peer_address", lambda connected: "93.184.215.14")
    with leading(Listener()) as listener, pytest.raises(requests.ConnectionError):
        http.home_session("green.example").get("https://green.example/")
    assert listener.received[:1] == b"\x16"  # the first record of a TLS handshake


def test_a_private_network_is_spoken_to_where_the_operator_names_it(settings, leading):
    settings.SANDBOX_MODE, settings.PRIVATE_HOMES = False, [ip_network("127.0.0.0/8")]
    with leading(Listener()) as listener, pytest.raises(requests.ConnectionError):
        http.home_session("green.example").get("https://green.example/")
    assert listener.received[:1] == b"\x16"
    home, other = http.HomeConnection("a.example"), http.GuardedConnection("a.example")
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "93.184.215.14"):
        assert home.is_allowed(address)
    assert not home.is_allowed("192.168.1.1") and not home.is_allowed("::1")
    assert not other.is_allowed("127.0.0.1")  # what is no server of a network
    with leading(Listener()) as listener, pytest.raises(requests.ConnectionError):
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", http.HomeAdapter("green.example", "https://green.example", 5))
        session.get("https://green.example/")
    assert listener.received == b""


@pytest.mark.parametrize(
    "url", ["http://green.example/", "https://green.example:8443/", "https://blue.example/"]
)
def test_nobody_else_is_asked(url, settings):
    settings.SANDBOX_MODE = False
    with pytest.raises(requests.exceptions.InvalidURL, match="this session refuses"):
        http.home_session("green.example").get(url)


def test_in_sandbox_mode_only_the_sandbox_is_asked(sandbox):
    with pytest.raises(requests.exceptions.InvalidURL):
        http.home_session("green.example").get("https://green.example/")
    (address,) = sandbox_schemes()
    answer = http.home_session(address).get(f"{http.home_address(address)}/nowhere")
    assert answer.status_code == 404


def answering(monkeypatch, leading, settings, text):
    """An answer as such a server gives it; without TLS, which is not what these are about."""
    settings.SANDBOX_MODE = False
    monkeypatch.setattr(http, "peer_address", lambda connected: "93.184.215.14")
    monkeypatch.setattr(http, "home_address", lambda home: f"http://{home}")
    with leading(Listener(text)):
        return http.home_session("green.example").get("http://green.example/")


def test_redirects_are_not_followed(monkeypatch, leading, settings):
    away = b"HTTP/1.1 302 Found\r\nLocation: http://green.example/x\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(requests.TooManyRedirects):
        answering(monkeypatch, leading, settings, away)


def test_an_answer_that_is_too_long_is_not_read(monkeypatch, leading, settings):
    text = b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * (http.HOME_ANSWER_LIMIT + 1)
    with pytest.raises(http.TooLong):
        answering(monkeypatch, leading, settings, text)


def test_no_secret_of_this_machine_is_shown_to_it(monkeypatch, tmp_path, leading, settings):
    (tmp_path / "netrc").write_text("default login operator password hidden\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    answer = answering(monkeypatch, leading, settings, b"HTTP/1.1 204 No\r\n\r\n")
    assert "Authorization" not in answer.request.headers


# ── Rows ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_server_is_one_row_that_says_what_it_said_last():
    home = Home.objects.note("pond", "green.example", "pond 1")
    Home.objects.note("pond", "green.example", "pond 2")
    Home.objects.note("lake", "green.example", "")
    home.refresh_from_db()
    assert home.software == "pond 2"
    assert Home.objects.count() == 2
