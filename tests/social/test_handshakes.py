"""What goes wrong below HTTP: before the request's first record leaves, it provably never left;
after it, nobody knows. The networks here are the sandbox's, behind TLS."""

import socket
import ssl

import pytest
import requests

from social.networks.errors import OutcomeUnknown, TemporaryError
from social.networks.http import prepare

from .listening import YES, certificate_for, listening, says, secure
from .test_frozen_before_first_byte import sleep  # noqa: F401
from .test_http import X, assert_never_left, error_of

PATIENT = ("cut", "cut_last", "reset", "wrong_host", "expired", "self_signed", "unknown_ca")
PATIENT += ("old_tls", "alert.bad_certificate", "alert.internal_error", "alert.unrecognized_name")
SLOW = ("slow", "drip", "hang")
ENDINGS = [
    f"{name}.{when}" for name in ("goodbye", "alert", "half_record") for when in ("before", "after")
]


@pytest.mark.parametrize("preset", PATIENT + SLOW)
def test_what_fails_in_a_handshake_never_left(stage, settings, preset):
    settings.TIME_SCALE = 0.05 if preset in SLOW else 1.0  # the deadline with it
    stage.sandbox.arm(f"tls.{preset}")
    with pytest.raises(TemporaryError) as temporary:
        stage.publish("Said once")
    assert temporary.value.reason == "unreachable"
    assert not stage.made and not stage.sandbox.journal()
    settings.TIME_SCALE = 1.0
    stage.publish("Said once")
    assert len(stage.made) == 1


def test_a_slow_handshake_in_time_is_only_slow(stage):
    stage.sandbox.arm("tls.slow", seconds=0.5)
    stage.publish("Said once")
    assert len(stage.made) == 1


@pytest.mark.parametrize("preset", ENDINGS)
def test_what_fails_after_the_request_may_have_arrived(stage, preset):
    stage.sandbox.arm(f"tls.{preset}")
    with pytest.raises(OutcomeUnknown) as unknown:
        stage.publish("Said once")
    assert unknown.value.reason == "cut_off"
    assert len(stage.made) == preset.endswith("after")


def test_every_fault_of_tls_is_tried_here(sandbox):
    listed = {row["preset"] for row in sandbox.call("GET", "/presets")["presets"]}
    tried = {f"tls.{name}" for name in (*PATIENT, *SLOW, *ENDINGS)}
    assert {name for name in listed if name.startswith("tls.")} == tried


def test_of_a_certificate_that_is_refused_the_network_hears_an_alert_at_most(settings, tmp_path):
    """Counted in bytes on the line: a request has hundreds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_for("localhost", tmp_path / "stranger.pem"))
    heard: list[bytes] = []

    def answers_hello(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(connection.recv(65536))
        with pytest.raises(ssl.SSLWantReadError):
            context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
        connection.sendall(outgoing.read())
        while more := connection.recv(65536):
            heard.append(more)

    answers_hello.speaks_first = True
    with listening(answers_hello) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        assert_never_left(error_of())
    assert len(b"".join(heard)) < 40


def test_what_slept_in_a_handshake_sends_nothing(settings, tmp_path, sleep):  # noqa: F811
    file, arrived = certificate_for("localhost", tmp_path / "certificate.pem"), []
    settings.SANDBOX_CA = str(file)

    def shakes_late(connection: socket.socket) -> None:
        sleep()
        secure(file, says(YES), arrived)(connection)

    shakes_late.speaks_first = True
    with listening(shakes_late) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        assert_never_left(error_of(deadline=20))
    assert arrived in ([], [b""])


def test_a_request_that_was_cut_between_its_records_may_have_arrived(settings, tmp_path):
    file = certificate_for("localhost", tmp_path / "certificate.pem")
    settings.SANDBOX_CA = str(file)

    def reads_one_record(connection: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(100)

    reads_one_record.speaks_first = True
    with listening(reads_one_record) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        with pytest.raises(requests.exceptions.RequestException) as caught:
            prepare(requests.Session()).post(X, data=bytes(3_000_000))
    assert caught.value.was_sent
