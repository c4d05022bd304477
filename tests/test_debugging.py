"""DEBUG is for somebody's own machine: it does not start elsewhere, and tells no secret."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from django.views.debug import technical_500_response

from project import local
from project.hosts import check_allowed_hosts, checked_public_url, is_this_machine
from project.web.debugging import RedactingReporter
from social.redacting import REDACTED
from tests.test_safety import ROOT, run

HERE = {
    "DEBUG": "1",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "CSRF_TRUSTED_ORIGINS": "http://localhost:8000",
}


# ── Where it starts ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "https://fanfare.example.org"),
        ("PUBLIC_URL", "http://192.168.1.5:8000"),
        ("PUBLIC_URL", "http://localhost.example.org"),
        ("PUBLIC_URL", "fanfare.example.org"),
        ("PUBLIC_URL", "http://127.0.0.1@fanfare.example.org"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "localhost,fanfare.example.org"),
        ("ALLOWED_HOSTS", ".example.org"),
        ("ALLOWED_HOSTS", "0.0.0.0"),
        ("CSRF_TRUSTED_ORIGINS", "https://*.example.org"),
    ],
)
def test_debug_does_not_start_where_others_are(name, value):
    done = run("manage.py", "check", **HERE | {name: value})
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "DEBUG" in done.stderr and name in done.stderr


def test_debug_starts_here():
    done = run("manage.py", "check", **HERE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("hosts", ["*", "fanfare.example.org,*", ".org", ".", "*."])
def test_any_host_is_refused(hosts):
    done = run("manage.py", "check", ALLOWED_HOSTS=hosts)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1
    assert "ALLOWED_HOSTS" in done.stderr


@pytest.mark.parametrize("hosts", ["fanfare.example.org", ".example.org"])
def test_named_hosts_are_taken(hosts):
    assert run("manage.py", "check", ALLOWED_HOSTS=hosts).returncode == 0


@pytest.mark.parametrize(
    "hosts", ["https://fanfare.example.org", "fanfare.example.org:443", "*.example.org", "a/"]
)
def test_what_is_no_host_is_refused(hosts):
    with pytest.raises(ImproperlyConfigured, match="without scheme, port or path"):
        check_allowed_hosts([hosts])


@pytest.mark.parametrize(
    "url",
    [
        "fanfare.example.org",
        "//fanfare.example.org",
        "ftp://fanfare.example.org",
        "javascript:alert(1)//",
        "https://",
        "https:///x",
        "https://[::1",
        "https://us:er@fanfare.example.org",
        "https://fanfare.example.org:99999",
        "https://fanfare.example.org:x",
        "https://fan fare.example.org",
        "https://fanfare.example.org?a",
        "https://fanfare.example.org#a",
        "https://fanfare.example.org\nX: y",
        "https://mallory.example\\fanfare.example.org",
        "https://*.example.org",
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="PUBLIC_URL"):
        checked_public_url(url)


@pytest.mark.parametrize(
    "url", ["HTTPS://Fanfare.Example.org/", " https://fanfare.example.org", "", None]
)
def test_an_oddly_written_address_is_behind_tls_all_the_same(url):
    """And an empty one, as containers are given, is as good as none."""
    shown = "from project import settings as s; print(s.PUBLIC_URL, s.SESSION_COOKIE_SECURE)"
    done = run("-c", shown, **({} if url is None else {"PUBLIC_URL": url}))
    assert done.stdout.split() == ["https://fanfare.example.org", "True"], done.stderr


@pytest.mark.parametrize("url", ["https://[2001:db8::1]:8443", "http://10.0.0.1:8000", "http://a"])
def test_addresses_stay_as_they_are(url):
    assert checked_public_url(url) == url


@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost", "127.1.2.3", "[::1]", "::ffff:127.0.0.1"]
)
def test_this_machine(host):
    assert is_this_machine(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "10.0.0.1", "localhost.org", "127.0.0.1.org", "*", "127.1", "1"]
)
def test_another_machine(host):
    assert not is_this_machine(host)


# ── Who is answered ───────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_debug_answers_nobody_from_elsewhere(settings):
    settings.DEBUG = settings.SANDBOX_MODE = True
    assert Client().get("/").status_code == 200
    for said in (
        {"REMOTE_ADDR": "192.168.1.7"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.5"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.5"},
        {"HTTP_X_REAL_IP": "203.0.113.5"},
        {"HTTP_CF_CONNECTING_IP": "203.0.113.5"},
        {"HTTP_FORWARDED": "for=203.0.113.5;proto=https"},
        {"HTTP_FORWARDED": 'for=127.0.0.1, For="[2001:db8::17]:4711"'},
        {"HTTP_FORWARDED": "for=unknown"},
        {"HTTP_FORWARDED": "by=203.0.113.43"},
    ):
        for answer in (Client(**said).get("/"), Client(**said).post("/demo/")):
            assert answer.status_code == 403 and "DEBUG" in answer.content.decode()


@pytest.mark.django_db
def test_debug_answers_this_machine_through_its_own_proxy(settings):
    settings.DEBUG = settings.SANDBOX_MODE = True
    for said in ('for="[::1]:4711"', "for=127.0.0.1;proto=http;host=localhost"):
        assert Client(HTTP_FORWARDED=said).get("/").status_code == 200


# ── What a debug page shows ───────────────────────────────────────────────────────────────────
PLANTED = {
    "SECRET_KEY": "planted-secret-key-4711-of-many-different-letters-and-fifty",
    "SECRET_KEY_FALLBACKS": ["planted-fallback-one-4712", "planted-fallback-two-4713"],
    "TOKEN_KEYS": [Fernet.generate_key().decode(), Fernet.generate_key().decode()],
    "METRICS_TOKEN": "planted-metrics-4714",
    "X_CLIENT_SECRET": "planted-x-4715",
    "FACEBOOK_APP_SECRET": "planted-facebook-4716",
    "EMAIL_HOST_PASSWORD": "planted/mail@4717",
}
DATABASE_PASSWORD = "planted/data&base@4718"
# By their looks or their names; not written below, because the page shows the code as well.
MORE = ["the-planted-code", "planted-session", "planted-bearer", "planted-grant"]


def planted() -> list[str]:
    found = [DATABASE_PASSWORD]
    for value in PLANTED.values():
        found += value if isinstance(value, list) else [value]
    return found


def test_an_error_page_shows_no_secret(settings, monkeypatch):
    settings.DEBUG = True
    for name, value in PLANTED.items():
        setattr(settings, name, value)
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", DATABASE_PASSWORD)
    settings.SOCIALACCOUNT_PROVIDERS = {"x": {"APP": {"secret": PLANTED["X_CLIENT_SECRET"]}}}
    url = f"postgres://fanfare:{quote(DATABASE_PASSWORD, safe='')}@db/fanfare"
    mail = f"smtp://me:{PLANTED['EMAIL_HOST_PASSWORD']}@host:25"
    # `runserver` gives the whole environment to every request.
    request = RequestFactory().get(
        f"/?code={MORE[0]}",
        headers={"Cookie": f"sessionid={MORE[1]}", "Authorization": f"Bearer {MORE[2]}"},
        DATABASE_URL=url,
        EMAIL_URL=mail,
    )
    try:
        harmless, held = planted(), {"grant": f"access_token={MORE[3]}"}  # noqa: F841
        raise RuntimeError(f"could not connect to {url}; {mail}; {planted()}")
    except RuntimeError:
        reporter = RedactingReporter(request, *sys.exc_info())
        pages = [technical_500_response(request, *sys.exc_info()).content.decode()]
        pages += [reporter.get_traceback_html(), reporter.get_traceback_text()]
    for page in pages:
        assert "RuntimeError" in page and REDACTED in page and "DATABASES" in page
        for secret in planted() + MORE:
            for written in (secret, quote(secret, safe=""), secret.replace("&", "&amp;")):
                assert written not in page, written


def test_no_setting_holds_a_secret_under_a_harmless_name(tmp_path):
    """By Django's own filter, with every secret set as a server would."""
    show = (
        "import json; from django.views.debug import get_default_exception_reporter_filter as f;"
        "print(json.dumps(f().get_safe_settings(), default=str))"
    )
    secrets = {
        "METRICS_TOKEN": "planted-4721",
        "X_CLIENT_SECRET": "planted-4722",
        "FACEBOOK_APP_SECRET": "planted-4723",
        "SECRET_KEY_FALLBACKS": "planted-4724,planted-4725",
        "DATABASE_URL": "postgres://fanfare:planted-4726@db/fanfare",
        "EMAIL_URL": "smtp://me:planted-4727@host:25",
        "SECRET_KEY": "planted-4728-" + "x7y" * 20,
    }
    done = run("-c", show, DJANGO_SETTINGS_MODULE="project.settings", **secrets)
    assert done.returncode == 0 and "ALLOWED_HOSTS" in done.stdout, done.stderr
    assert "planted" not in done.stdout


# ── The .env of a server ──────────────────────────────────────────────────────────────────────
def lines_of(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line[:1].isalpha())


def test_a_server_gets_an_env_of_its_own(tmp_path, capsys):
    path, mask = tmp_path / ".env", os.umask(0)
    try:
        assert (
            local.main(["--production", "https://fanfare.example.org/", "--file", str(path)]) == 0
        )
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = lines_of(path)
    assert lines["DEBUG"] == "0" and lines["SIGN_UP"] == "first"
    assert lines["ALLOWED_HOSTS"] == "fanfare.example.org"
    assert lines["PUBLIC_URL"] == "https://fanfare.example.org"
    assert len(lines["SECRET_KEY"]) >= 50 and Fernet(lines["TOKEN_KEYS"])
    assert "127.0.0.1" not in path.read_text() and "X_API_URL" not in lines

    given = {name: value for name, value in lines.items() if value}
    cleared = {"X_API_URL", "CSRF_TRUSTED_ORIGINS"} & os.environ.keys()
    assert cleared
    done = run("manage.py", "check", **given, CSRF_TRUSTED_ORIGINS=lines["PUBLIC_URL"])
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_there_stays(tmp_path, capsys):
    path = tmp_path / ".env"
    path.write_text("MINE=1\n")
    assert local.main(["--production", "https://fanfare.example.org", "--file", str(path)]) == 2
    assert path.read_text() == "MINE=1\n"
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert local.main(["--file", str(path)]) == 0 and path.read_text() == "MINE=1\n"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "fanfare.example.org",
        "http://fanfare.example.org",
        "https://localhost",
        "https://127.0.0.1",
        "https://*",
        "https://intranet",
        "https://fanfare.example.org/a b",
        "https://me:secret@fanfare.example.org",
        "https://fanfare.example.org\nDEBUG=1",
        "https://fanfare.example.org:port",
        "https://[",
    ],
)
def test_what_is_no_servers_address_is_refused(tmp_path, address):
    path = tmp_path / ".env"
    done = subprocess.run(
        [sys.executable, "-m", "project.local", "--production", address, "--file", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and not path.exists()
    assert "Traceback" not in done.stderr
