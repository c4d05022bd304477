"""A machine that sleeps, or a process that is frozen, before the first byte of a call: it posts
nothing when it wakes, for others may have proven meanwhile that it did not, and sent it."""

import socket
import time

import pytest

from social.timing import Window

from .listening import YES, certificate_for, listening, says, secure
from .test_http import assert_never_left, call, error_of


@pytest.fixture
def sleep(monkeypatch):
    """For an hour."""

    def asleep() -> None:
        clock = time.clock_gettime
        monkeypatch.setattr(time, "clock_gettime", lambda which: clock(which) + 3600)

    return asleep


def test_what_slept_before_its_call_began_sends_nothing(settings, sleep):
    with listening(says(YES)) as listener:
        settings.X_API_URL = listener.url
        with Window(5):
            call()
            sleep()
            error = error_of()
        call()  # the next one is bound by nothing
    assert_never_left(error)
    assert [seen for seen in listener.seen if seen] == [listener.seen[0]] * 2


def test_behind_a_proxy_it_is_the_same(settings, sleep):
    settings.SANDBOX_MODE, settings.X_API_URL = False, "http://api.example.org"
    with listening(says(YES)) as proxy, Window(5):
        proxies = {"http": proxy.url}
        assert call(proxies=proxies).ok
        sleep()
        assert_never_left(error_of(proxies=proxies))
    assert [seen[:27] for seen in proxy.seen if seen] == [b"POST http://api.example.org"]


def test_nothing_leaves_through_a_tunnel_that_took_too_long(settings, tmp_path, monkeypatch, sleep):
    settings.SANDBOX_MODE, settings.X_API_URL = False, "https://localhost:9"
    file, arrived = certificate_for("localhost", tmp_path / "certificate.pem"), []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))

    def digs(connection):
        sleep()
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        secure(file, lambda tls: None, arrived)(connection)

    with listening(digs) as proxy, Window(5):
        error = error_of(proxies={"https": proxy.url})
    assert_never_left(error)
    assert proxy.seen[0].startswith(b"CONNECT localhost:9") and arrived in ([], [b""])


def test_a_tunnel_in_time_lets_it_through(settings, tmp_path, monkeypatch):
    settings.SANDBOX_MODE, settings.X_API_URL = False, "https://localhost:9"
    file, arrived = certificate_for("localhost", tmp_path / "certificate.pem"), []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))

    def digs(connection):
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        secure(file, says(YES), arrived)(connection)

    with listening(digs) as proxy, Window(5):
        assert call(proxies={"https": proxy.url}).ok
    assert arrived[0].startswith(b"POST /2/tweets")


def test_a_proxy_that_is_away_proves_that_nothing_left(settings):
    settings.SANDBOX_MODE, settings.X_API_URL = False, "http://api.example.org"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert_never_left(error_of(proxies={"http": away}))
