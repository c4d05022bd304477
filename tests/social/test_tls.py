"""TLS as the networks speak it: whom we believe, and that finding it out is paid for once."""

import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from social.networks import tls
from social.networks.errors import TemporaryError
from social.networks.http import never_left, prepare, wire_error

from .listening import YES, certificate_for, listening, says, secure
from .test_http import X, assert_never_left, call, error_of


@pytest.fixture
def loaded(monkeypatch) -> list[str]:
    """Every time that somebody has certificates read, by any context."""
    found: list[str] = []
    monkeypatch.setattr(tls, "_made", {})
    for name in ("load_verify_locations", "load_default_certs"):
        stock = getattr(ssl.SSLContext, name)

        def counted(self, *args, _name=name, _stock=stock, **options):
            found.append(_name)
            return _stock(self, *args, **options)

        monkeypatch.setattr(ssl.SSLContext, name, counted)
    return found


@pytest.fixture
def trusted(settings, tmp_path):
    """The file of a certificate for localhost that this process believes."""
    file = certificate_for("localhost", tmp_path / "trusted.pem")
    settings.SANDBOX_CA = str(file)
    return file


def test_certificates_are_loaded_once_for_many_calls_of_many_threads(settings, trusted, loaded):
    with listening(secure(trusted, says(YES))) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        begin = threading.Barrier(8)

        def several(_: int) -> list[int]:
            begin.wait()
            return [call(deadline=20).status_code for _ in range(3)]

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(several, range(8)))
    assert answers == [[200] * 3] * 8
    assert loaded == ["load_verify_locations"] * 2  # the public ones, and the sandbox's


@pytest.mark.parametrize("option", [{"verify": False}, {"verify": "/nowhere.pem"}])
def test_no_caller_can_choose_whom_we_believe(settings, trusted, tmp_path, option):
    with listening(secure(trusted, says(YES))) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        assert call(**option).ok
    stranger = certificate_for("localhost", tmp_path / "stranger.pem")
    with listening(secure(stranger, says(YES))) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        assert_never_left(error_of(**option))


@pytest.mark.parametrize(
    "change",
    [
        lambda context: setattr(context, "verify_mode", ssl.CERT_NONE),
        lambda context: setattr(context, "check_hostname", False),
        lambda context: context.load_verify_locations("/nowhere.pem"),
        lambda context: context.load_cert_chain("/nowhere.pem"),
    ],
)
def test_what_all_threads_share_cannot_be_weakened(change):
    with pytest.raises(ValueError):
        change(tls.context())
    assert tls.context().verify_mode == ssl.CERT_REQUIRED and tls.context().check_hostname


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("sandbox_mode", [True, False])
def test_a_bundle_of_the_operators_counts_outside_of_the_sandbox(
    settings, tmp_path, monkeypatch, name, sandbox_mode
):
    file = certificate_for("localhost", tmp_path / "bundle.pem")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(name, str(file))
    settings.SANDBOX_MODE = sandbox_mode
    with listening(secure(file, says(YES))) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        if sandbox_mode:
            assert_never_left(error_of())
        else:
            assert call().ok


def test_the_sandboxs_ca_is_believed_in_sandbox_mode_only(settings, trusted):
    settings.SANDBOX_MODE = False
    with listening(secure(trusted, says(YES))) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        assert_never_left(error_of())


@pytest.mark.parametrize("content", [None, "", "no certificate\n"])
def test_a_file_that_holds_no_certificate_stops_a_call_before_it_begins(
    settings, tmp_path, content
):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    settings.SANDBOX_CA, settings.X_API_URL = str(file), "https://localhost:9"
    with pytest.raises(Exception) as caught:
        prepare(requests.Session()).post(X)
    assert never_left(caught.value)
    assert isinstance(wire_error(caught.value, None, creating=True), TemporaryError)


def test_what_is_made_ahead_is_what_a_call_uses(settings, trusted, loaded):
    tls.make_ahead("http://127.0.0.1:9")
    assert not loaded
    tls.make_ahead("https://127.0.0.1:9")
    assert len(loaded) == 2
    with listening(secure(trusted, says(YES))) as listener:
        settings.X_API_URL = f"https://localhost:{listener.port}"
        assert call(deadline=20).ok
    assert len(loaded) == 2
    settings.SANDBOX_CA = "/nowhere.pem"
    tls.make_ahead("https://127.0.0.1:9")  # and the call will say it
