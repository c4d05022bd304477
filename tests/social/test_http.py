"""The wire: where calls go, how long they may take, and what provably never left."""

import socket
import sys
import threading
import time
from functools import partial

import pytest
import requests
from django.db import connections

from social.networks import NETWORKS
from social.networks.errors import OutcomeUnknown, TemporaryError
from social.networks.http import ANSWER_LIMIT, Deadline, never_left, prepare, wire_error

from .dancing import BAKERY
from .listening import (
    OK,
    YES,
    certificate_for,
    drips,
    drips_handshake,
    listening,
    resets,
    says,
    says_nothing,
    secure,
)
from .stage import stage_of

X, FACEBOOK = "https://api.x.com/2/tweets", "https://graph.facebook.com/v25.0/me"
PATIENCE = 10  # seconds; the servers here would take thirty


@pytest.fixture(autouse=True, params=["plain", "tls"])
def wire(request, settings, monkeypatch, certificate):
    """Each of these tests runs in the clear and behind TLS."""
    if "sandbox" in request.fixturenames:  # it speaks both, with a CA of its own
        for name in ("X_API_URL", "FACEBOOK_GRAPH_URL") if request.param == "plain" else ():
            setattr(settings, name, getattr(settings, name).replace("https:", "http:"))
    elif request.param == "tls":
        settings.SANDBOX_CA = str(certificate)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        over_tls = partial(listening, certificate=certificate)
        monkeypatch.setattr(sys.modules[__name__], "listening", over_tls)


def call(url: str = X, deadline: float = 1.0, **options) -> requests.Response:
    return prepare(requests.Session(), deadline).post(url, data={"text": "Hello"}, **options)


def error_of(url: str = X, deadline: float = 1.0, **options) -> Exception:
    begun = time.monotonic()
    with pytest.raises(requests.exceptions.RequestException) as caught:
        call(url, deadline, **options)
    assert time.monotonic() - begun < PATIENCE
    return caught.value


# ── Where calls go ────────────────────────────────────────────────────────────────────────────
def test_every_library_is_led_to_where_the_settings_say(sandbox, settings):
    for name in NETWORKS:
        stage_of(name, sandbox).publish()
    stage_of("x", sandbox).network.renew(stage_of("x", sandbox).grant)
    calls = {(e["network"], e["path"], e["origin"]) for e in sandbox.journal()}
    assert ("x", "/2/tweets", "https://api.twitter.com") in calls  # tweepy's name for it
    assert ("x", "/2/oauth2/token", "https://api.x.com") in calls
    assert ("facebook", f"/v25.0/{BAKERY}/feed", "https://graph.facebook.com") in calls


@pytest.mark.parametrize("home", ["{url}", "{url}/", "{url}/some/prefix", "{url}/some/prefix/"])
def test_a_home_may_have_a_path_of_its_own(settings, home):
    with listening(says(YES)) as listener:
        settings.X_API_URL = home.format(url=listener.url)
        call(f"{X}?a=b&c=%26")
    prefix = "/some/prefix" if "prefix" in home else ""
    assert listener.seen[0].startswith(f"POST {prefix}/2/tweets?a=b&c=%26 HTTP/1.1".encode())


@pytest.mark.parametrize("sandbox_mode", [True, False])
def test_only_a_sandbox_is_told_whom_a_call_was_for(settings, sandbox_mode):
    settings.SANDBOX_MODE = sandbox_mode
    with listening(says(YES)) as listener:
        settings.X_API_URL = listener.url
        call()
    assert (b"X-Sandbox-Origin: https://api.x.com" in listener.seen[0]) is sandbox_mode


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "http://api.x.com/2/tweets",  # without TLS
        "https://api.x.com.example.org/2/tweets",
        "https://api.x.com@example.org/",
        "https://upload.twitter.com/1.1/media/upload.json",
        "https://www.facebook.com/v25.0/dialog/oauth",
        "http://127.0.0.1:9/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_in_sandbox_mode_nothing_leaves_for_anywhere_else(settings, url):
    error = error_of(url)
    assert "sandbox mode refuses" in str(error) and never_left(error)


def test_no_proxy_and_no_netrc_has_a_say_in_sandbox_mode(settings, monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("default login mallory password mallory\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with listening(says(YES)) as listener:
        settings.X_API_URL = listener.url
        call(headers={"Authorization": "Bearer alices"})
    assert b"Authorization: Bearer alices" in listener.seen[0]


def test_outside_of_sandbox_mode_the_machines_proxies_are_asked(settings):
    assert not prepare(requests.Session()).trust_env
    settings.SANDBOX_MODE = False
    assert prepare(requests.Session()).trust_env


def test_what_is_closed_already_is_cut_without_a_word():
    with Deadline(30) as deadline, socket.socket() as never_connected:
        deadline.watch(never_connected)
        deadline.cut()
        assert deadline.passed


# ── Once ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("how", ["closes", "truncates", "resets"])
def test_nothing_is_tried_twice(settings, how):
    with listening(MAY_HAVE_LEFT[how]) as listener:
        settings.X_API_URL = listener.url
        error_of()
    assert len(listener.seen) == 1


def test_a_connection_is_used_for_one_call(settings):
    with listening(says(YES)) as listener:
        settings.X_API_URL = listener.url
        session = prepare(requests.Session())
        session.get(X)
        session.get(X)
    assert len(listener.seen) == 2 and b"Connection: close" in listener.seen[1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("sandbox_mode", [True, False])
def test_no_redirect_is_followed(settings, status, sandbox_mode):
    settings.SANDBOX_MODE = sandbox_mode
    location = b"HTTP/1.1 %d Elsewhere\r\nLocation: /2/tweets\r\nContent-Length: 0\r\n\r\n" % status
    with listening(says(location)) as listener:
        settings.X_API_URL = listener.url
        error = error_of()
    assert len(listener.seen) == 1 and not never_left(error)


# ── How long ──────────────────────────────────────────────────────────────────────────────────
DRIPPING = {
    "nothing": says_nothing,
    "headers": drips(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    "status": drips(b"HTTP/1.1 20", b"0"),
    "body": drips(OK + b"Content-Length: 9999\r\n\r\n", b" "),
    "body without length": drips(OK + b"\r\n", b" "),
    "chunks": drips(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@pytest.mark.parametrize("how", DRIPPING)
def test_the_whole_call_has_one_deadline(settings, how):
    with listening(DRIPPING[how]) as listener:
        settings.X_API_URL = listener.url
        error = error_of()
    assert isinstance(error, requests.exceptions.ReadTimeout)
    assert wire_error(error, None, creating=True).reason == "no_answer"


def test_a_handshake_that_drips_has_the_same_deadline(settings):
    with listening(drips_handshake) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        error_of()


@pytest.mark.parametrize("preset", ["x.drip", "x.drip.headers", "fb.drip", "x.late", "fb.late"])
def test_a_slow_network_leaves_the_outcome_unknown(sandbox, settings, preset):
    settings.TIME_SCALE = 0.05  # the deadline with it
    stage = stage_of("x" if preset.startswith("x") else "facebook", sandbox)
    sandbox.arm(preset)
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown) as unknown:
        stage.publish("Said once")
    assert time.monotonic() - begun < PATIENCE
    assert unknown.value.reason == "no_answer"


def test_connecting_that_took_all_the_time_sends_nothing(settings, monkeypatch):
    """A name that resolves too late cannot be cut; but nothing goes out after the deadline."""
    look_up = socket.getaddrinfo

    def slowly(*args, **options):
        time.sleep(1.2)
        return look_up(*args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with listening(says(YES)) as listener:
        settings.X_API_URL = listener.url
        error = error_of(deadline=0.5)
    assert never_left(error) and listener.seen in ([], [b""])


def test_an_answer_has_a_largest_size(settings):
    huge = OK + b"Content-Length: %d\r\n\r\n" % (ANSWER_LIMIT + 1) + b"a" * (ANSWER_LIMIT + 1)
    with listening(says(huge)) as listener:
        settings.X_API_URL = listener.url
        error = error_of(deadline=10)
    told = [wire_error(error, None, creating) for creating in (True, False)]
    assert [it.reason for it in told] == ["cut_off", "answer_too_long"]


def test_no_thread_and_no_socket_is_left_behind(settings):
    with listening(says(YES)) as listener:
        settings.X_API_URL = listener.url
        call()
        before = {thread for thread in threading.enumerate() if "Timer" in repr(thread)}
        for _ in range(5):
            call()
    after = {thread for thread in threading.enumerate() if "Timer" in repr(thread)}
    assert len([thread for thread in after - before if thread.is_alive()]) <= 1


# ── What never left ───────────────────────────────────────────────────────────────────────────
def test_a_refused_port_proves_that_nothing_left(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        settings.X_API_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert_never_left(error_of())


def test_a_name_that_does_not_resolve_proves_it(settings, monkeypatch):
    def unknown(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    settings.X_API_URL = "https://api.example.invalid"
    assert_never_left(error_of())


def test_a_connection_that_never_comes_about_proves_it(settings):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for other in waiting:
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        settings.X_API_URL = f"http://127.0.0.1:{full.getsockname()[1]}"
        error = error_of()
        for other in waiting:
            other.close()
    assert isinstance(error, requests.exceptions.ConnectTimeout)
    assert_never_left(error)


def assert_never_left(error: Exception) -> None:
    assert never_left(error)
    assert isinstance(wire_error(error, None, creating=True), TemporaryError)


MAY_HAVE_LEFT = {
    "hangs": says_nothing,
    "resets": resets,
    "closes": says(b""),
    "truncates": says(OK + b"Content-Length: 99\r\n\r\n{"),
    "answers nonsense": says(b"220 smtp.example.org\r\n"),
}


@pytest.mark.parametrize("how", MAY_HAVE_LEFT)
def test_everything_else_may_have_arrived(settings, how):
    with listening(MAY_HAVE_LEFT[how]) as listener:
        settings.X_API_URL = listener.url
        error = error_of()
    assert not never_left(error)
    assert isinstance(wire_error(error, None, creating=True), OutcomeUnknown)


def test_a_cut_inside_tls_may_have_arrived(settings, tmp_path):
    file = certificate_for("localhost", tmp_path / "certificate.pem")
    settings.SANDBOX_CA = str(file)
    with listening(secure(file, resets)) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        error = error_of()
    assert not never_left(error)
    assert isinstance(wire_error(error, None, creating=True), OutcomeUnknown)


# ── The database ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_a_network_is_awaited(settings):
    held, ours = [], connections["default"]  # this thread's; another one may look at it

    def look(client: socket.socket) -> None:
        held.append(ours.connection is not None)
        client.sendall(YES)

    ours.ensure_connection()
    with listening(look) as listener:
        settings.X_API_URL = listener.url
        call()
    assert held == [False]
