"""`--tls`: both on one port, the throw-away CA, and faults that only TLS has."""

import contextlib
import select
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from .clients import APP, ROOT, Sandbox

CREATE = b"POST /x-api/2/tweets HTTP/1.1\r\nHost: localhost\r\n"
CLOCK = b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HOSTS = ("127.0.0.1", "localhost")


@contextlib.contextmanager
def started(*arguments):
    command = [sys.executable, "-m", "social.sandbox", "--port", "0", "--app", APP, "--tls"]
    child = subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        ca = child.stdout.readline().strip().partition("SANDBOX_CA=")[2]
        yield child.stdout.readline().split()[-1].rstrip("/"), Path(ca)
    finally:
        child.terminate()
        assert child.wait(5) == 0


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """Where it is, and its CA."""
    with started("--ca-file", str(tmp_path_factory.mktemp("tls") / "ca.pem")) as found:
        yield found


@pytest.fixture
def sandbox(secured):
    """Asked in the clear, on the same port."""
    sandbox = Sandbox(secured[0].replace("https:", "http:"))
    sandbox.post("/reset")
    return sandbox


@pytest.fixture
def shake(secured):
    """A handshake, and what came of it."""
    context = ssl.create_default_context(cafile=secured[1])
    port = int(secured[0].rsplit(":", 1)[1])

    def shaken(host="127.0.0.1"):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        return context.wrap_socket(connection, server_hostname=host)

    return shaken


def fetch(secured, host="127.0.0.1"):
    session = requests.Session()
    session.trust_env = False
    url = secured[0].replace("127.0.0.1", host)
    return session.get(f"{url}/_sandbox", verify=str(secured[1]), timeout=10)


@pytest.mark.parametrize("host", HOSTS)
def test_its_names_are_certified(secured, host):
    assert secured[0].startswith("https://127.0.0.1:") and fetch(secured, host).json()["sandbox"]


def test_without_its_ca_nobody_believes_it(secured):
    session = requests.Session()
    session.trust_env = False
    with pytest.raises(requests.exceptions.SSLError):
        session.get(secured[0], timeout=10)


def test_its_ca_holds_no_key(secured):
    assert "PRIVATE" not in secured[1].read_text()


def test_a_ca_that_nobody_asked_for_goes_with_it():
    with started() as (_, ca):
        assert ca.exists()
    assert not ca.exists()


def test_addresses_in_answers_are_what_the_client_called(secured, sandbox):
    plain, tls = sandbox.url, secured[0]
    seen = {}
    for url, verify in ((plain, True), (tls, str(secured[1]))):
        token = sandbox.x_token()["access_token"]
        session = requests.Session()
        session.trust_env = False
        answer = session.get(
            f"{url}/x-api/2/users/me?user.fields=profile_image_url",
            headers={"Authorization": f"Bearer {token}"},
            verify=verify,
            timeout=10,
        )
        seen[url] = answer.json()["data"]["profile_image_url"]
    assert all(picture.startswith(url) for url, picture in seen.items())


@pytest.mark.parametrize("begin", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01"])
def test_who_never_finishes_a_handshake_keeps_nobody_out(secured, sandbox, begin):
    port = int(secured[0].rsplit(":", 1)[1])
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            waiting = socket.create_connection(("127.0.0.1", port))
            stack.enter_context(waiting).sendall(begin)
        assert fetch(secured).ok and sandbox.get("/clock")


def test_it_says_goodbye_after_an_answer(shake):
    with shake() as line:
        line.sendall(
            b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        line.suppress_ragged_eofs = False  # an end without close_notify would be an error
        while line.recv(65536):
            pass


@pytest.mark.parametrize("action", [{"close": True}, {"hang_s": 0.1}])
def test_a_cut_is_none(shake, sandbox, action):
    sandbox.post("/faults", match={"network": "x"}, action=action)
    with shake() as line:
        line.suppress_ragged_eofs = False
        line.sendall(b"GET /x-api/2/users/me HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with pytest.raises(ssl.SSLEOFError):
            line.recv(1)


VERIFICATION = {
    "wrong_host": "IP address mismatch",
    "expired": "certificate has expired",
    "self_signed": "self-signed certificate",
    "unknown_ca": "unable to get local issuer",
}
REFUSED = {
    "old_tls": "PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL",
    "alert.bad_certificate": "BAD_CERTIFICATE",
    "alert.internal_error": "INTERNAL_ERROR",
    "alert.unrecognized_name": "UNRECOGNIZED_NAME",
    "cut": "EOF|reset",
    "cut_last": "EOF",
    "reset": "reset",
}


@pytest.mark.parametrize("preset", VERIFICATION)
def test_a_bad_certificate(shake, sandbox, preset):
    sandbox.arm(f"tls.{preset}")
    with pytest.raises(ssl.SSLCertVerificationError, match=VERIFICATION[preset]):
        shake()
    shake().close()  # the next one is served


@pytest.mark.parametrize("preset", REFUSED)
def test_a_broken_handshake(shake, sandbox, preset):
    sandbox.arm(f"tls.{preset}")
    with pytest.raises(OSError, match=f"(?i){REFUSED[preset]}"):
        shake()
    shake().close()


@pytest.mark.parametrize("preset", ["tls.slow", "tls.drip", "tls.hang"])
def test_a_slow_handshake(shake, sandbox, preset):
    sandbox.arm(preset, seconds=0.4)
    if preset == "tls.slow":
        shake().close()
        return
    with pytest.raises(OSError):
        line = shake()  # of a drip that ends, the client has all it needs
        line.suppress_ragged_eofs = False
        line.recv(1)


def test_a_handshake_takes_no_notice_of_requests_in_the_clear(sandbox):
    sandbox.arm("tls.cut", times=3)
    (armed,) = sandbox.get("/faults")["faults"]
    assert armed["left"] == 3


@pytest.mark.parametrize(
    "spec",
    [
        {"action": {"handshake": "odd"}},
        {"action": {"handshake": "cut"}, "match": {"network": "x"}},
        {"action": {"handshake": "cut"}, "phase": "after"},
        {"action": {"handshake": "alert"}},
        {"action": {"handshake": "drip"}},
        {"action": {"handshake": ["cut"]}},
        {"action": {"alert": 256}},
        {"action": {"alert": "no"}},
    ],
)
def test_an_odd_fault_is_refused(sandbox, spec):
    answer = sandbox.http.post(f"{sandbox.url}/_sandbox/faults", json=spec, timeout=10)
    assert answer.status_code == 400


def test_a_client_that_goes_away_from_a_hang_is_noticed(shake, sandbox):
    """Also when it says goodbye as TLS does: else its thread would stay for all that time."""
    sandbox.arm("x.hang", seconds=20)
    with shake() as line:
        line.sendall(CREATE + b"Content-Length: 0\r\n\r\n")
        while not sandbox.get("/journal")["entries"]:
            time.sleep(0.05)
        line.settimeout(0)
        with contextlib.suppress(ssl.SSLWantReadError, ConnectionResetError):
            line.unwrap()  # ours goes out at once; theirs does not come
        assert select.select([line], [], [], 10)[0]
