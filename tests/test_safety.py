"""The pages' strict policy, the production settings, and settings that refuse to be unsafe."""

import json
import os
import stat
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from project.local import write_env_file
from publishing.models import Delivery, Post
from social.models import Channel, Connection
from tests.addresses import address, admin_ids, fill_the_admin, patterns, things_of

ROOT = Path(__file__).resolve().parent.parent
REAL = {
    "X_API_URL": "https://api.x.com",
    "X_AUTHORIZE_URL": "https://x.com/i/oauth2/authorize",
    "SANDBOX_CA": "",
    "FACEBOOK_GRAPH_URL": "https://graph.facebook.com",
    "FACEBOOK_AUTHORIZE_URL": "https://www.facebook.com/v25.0/dialog/oauth",
}
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "x7-only-for-this-test-but-long-enough-and-of-many-different-characters",
    "TOKEN_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "fanfare.example.org",
    "PUBLIC_URL": "https://fanfare.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://fanfare.example.org",
    "SIGN_UP": "first",
    **REAL,
}
FOR_TESTS_ONLY = "DJANGO_ALLOW_ASYNC_UNSAFE"
HTTPS_ONLY = (
    "HTTPS SECURE_SSL_REDIRECT SECURE_REDIRECT_EXEMPT SECURE_HSTS_SECONDS SECURE_REFERRER_POLICY "
    "SECURE_HSTS_INCLUDE_SUBDOMAINS SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_NAME "
    "CSRF_COOKIE_NAME CSRF_COOKIE_HTTPONLY X_FRAME_OPTIONS ALLOWED_HOSTS"
).split()


def run(*command: str, **environment: str) -> subprocess.CompletedProcess:
    ours = {name: said for name, said in os.environ.items() if name != FOR_TESTS_ONLY}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**ours, **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


# ── Every page ────────────────────────────────────────────────────────────────────────────────
class Inline(HTMLParser):
    """What a strict policy forbids, wherever it stands in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.inside = ""
        if tag == "style":
            self.found.append("<style>")
        if tag == "script" and "src" not in given and "json" not in given.get("type", ""):
            self.inside = "script"
        for name, value in given.items():
            if name == "style" or name.startswith(("on", "hx-on", "data-hx-on")):
                self.found.append(f'{tag} {name}="{value}"')
            if value.strip().lower().startswith(("javascript:", "vbscript:", "js:")):
                self.found.append(f'{tag} {name}="{value}"')
            if (name == "src" and tag in ("script", "iframe", "embed")) or name == "data":
                self.check_source(tag, value)
        if tag == "link" and given.get("rel") == "stylesheet":
            self.check_source(tag, given.get("href", ""))

    def check_source(self, tag: str, source: str) -> None:
        if not source.startswith("/") or source.startswith("//"):
            self.found.append(f"{tag} from {source}")

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.found.append(f"<script>{data.strip()[:60]}")


def check_page(where: str, response: Any, wrong: list[str]) -> None:
    if problem := loose(response.headers.get("Content-Security-Policy", "")):
        wrong.append(f"{where}: {problem}")
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):
        if response.headers.get(name) != value:
            wrong.append(f"{where}: {name} is {response.headers.get(name)}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        parser = Inline()
        parser.feed(response.content.decode())
        wrong += [f"{where}: {found}" for found in parser.found]


def loose(header: str) -> str:
    """What is wrong with a policy; empty when it is strict."""
    policy = {part.split()[0]: part.split()[1:] for part in header.split(";") if part.strip()}
    if policy.get("default-src") != ["'self'"]:
        return f"default-src is {policy.get('default-src')}"
    for name in ("object-src", "base-uri", "frame-ancestors"):
        if policy.get(name) != ["'none'"]:
            return f"{name} is {policy.get(name)}"
    for name, sources in policy.items():
        bad = {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "https:", "http:"}
        if bad & set(sources):
            return f"{name} allows {sources}"
        if name.startswith(("script-src", "style-src", "connect-src")) and sources != ["'self'"]:
            return f"{name} is {sources}"
    return "" if "form-action" in policy else "forms may go anywhere"


@pytest.mark.django_db
def test_no_page_has_anything_that_a_strict_policy_forbids(alice, bob):
    root = get_user_model().objects.create_superuser("root", "root@example.org", "x")
    things = things_of(alice)
    fill_the_admin(alice)
    things_of(bob)
    ids, wrong = admin_ids(), []
    cache.clear()
    for user in (None, alice, root):
        client = Client()
        if user:
            client.force_login(user)
        for pattern in patterns():
            if user == root or not pattern.startswith("admin/"):
                where = address(pattern, things, ids)
                check_page(where, client.get(where), wrong)
        assert not user or "_auth_user_id" in client.session
    assert not wrong


@pytest.mark.django_db
def test_errors_are_pages_of_the_same_kind(alice, client_for, monkeypatch):
    client, wrong = client_for(alice), []
    monkeypatch.setattr("social.views.render", lambda *_: 1 / 0)
    client.raise_request_exception = False
    foreign = Client(enforce_csrf_checks=True)
    answers = {
        404: client.get("/no/such/page/"),
        500: client.get("/channels/"),
        403: foreign.post("/accounts/login/"),
    }
    for status, response in answers.items():
        assert response.status_code == status
        check_page(str(status), response, wrong)
    assert not wrong


@pytest.mark.django_db
@pytest.mark.parametrize("text", ['<script>alert("1")</script>', "<img src=x onerror=alert(1)>"])
def test_what_people_and_networks_write_stays_text(alice, client_for, text):
    things_of(alice)
    Post.objects.update(text=text)
    Connection.objects.update(name=text, handle=text)
    Channel.objects.update(name=text, handle=text, picture_url="javascript:alert(1)")
    post, client, wrong = Post.objects.get(), client_for(alice), []
    pages = ["/channels/", "/posts/", "/posts/new/", post.get_absolute_url()]
    pages += [f"{post.get_absolute_url()}edit/", f"/status/{Delivery.objects.first().job_id}"]
    for where in pages:
        response = client.get(where, headers={"accept": "text/html"})
        assert response.status_code == 200 and text not in response.content.decode()
        check_page(where, response, [])
        parser = Inline()
        parser.feed(response.content.decode())
        wrong += [found for found in parser.found if not found.startswith("img src=")]
    assert not wrong


# ── Production ────────────────────────────────────────────────────────────────────────────────
def test_a_production_instance_passes_djangos_own_checks():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", X_CLIENT_ID="id")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    """The settings that a production environment leads to."""
    dump = (
        "import json; from django.conf import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {HTTPS_ONLY!r}}}))"
    )
    done = run("-c", dump, DJANGO_SETTINGS_MODULE="project.settings")
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def in_production(settings, production, db) -> Client:
    for name, value in production.items():
        setattr(settings, name, value)
    return Client(headers={"host": "fanfare.example.org"})


def test_plain_http_is_sent_to_https(in_production):
    response = in_production.get("/accounts/login/")
    assert response.status_code == 301
    assert response.headers["Location"] == "https://fanfare.example.org/accounts/login/"


def test_https_stays_https(in_production):
    response = in_production.get("/accounts/login/", secure=True)
    assert response.status_code == 200
    assert response.headers["Strict-Transport-Security"] == "max-age=2592000"


def test_cookies_are_for_this_host_and_https_only(in_production, alice):
    form = {"login": "alice", "password": "correct horse battery staple"}
    response = in_production.post("/accounts/login/", form, secure=True)
    assert response.status_code == 302
    session = response.cookies["__Host-sessionid"]
    token = in_production.get("/channels/", secure=True).cookies["__Host-csrftoken"]
    for cookie in (session, token):
        assert cookie["secure"] and cookie["httponly"] and not cookie["domain"]
        assert (cookie["path"], cookie["samesite"]) == ("/", "Lax")


def test_another_host_is_refused(in_production):
    response = in_production.get("/", headers={"host": "mallory.example"}, secure=True)
    assert response.status_code == 400
    assert not loose(response.headers["Content-Security-Policy"])


@pytest.mark.parametrize("name", ["SECRET_KEY", "TOKEN_KEYS", "ALLOWED_HOSTS"])
def test_without_its_secrets_nothing_starts(name):
    done = run("manage.py", "check", **{name: ""})
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and name in done.stderr


def test_half_a_sandbox_is_refused():
    """With one address left out, a test post would go to the real Facebook."""
    done = run("manage.py", "check", X_API_URL="http://127.0.0.1:9000/x-api")
    assert done.returncode == 1 and "fanfare.E001" in done.stderr
    assert "Half in the sandbox" in done.stderr


# ── The first local run ───────────────────────────────────────────────────────────────────────
def test_a_first_run_writes_its_secrets_once_and_for_itself_only(tmp_path):
    file, loose_mask = tmp_path / ".env", os.umask(0)
    try:
        assert write_env_file(file)
    finally:
        os.umask(loose_mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = file.read_text()
    lines = dict(line.split("=", 1) for line in written.splitlines() if line[:1].isalpha())
    assert len(lines["SECRET_KEY"]) >= 50
    assert Fernet(lines["TOKEN_KEYS"]).encrypt(b"it is a key")
    assert not write_env_file(file) and file.read_text() == written


def test_two_first_runs_have_different_secrets(tmp_path):
    for name in ("one", "two"):
        write_env_file(tmp_path / name)
    assert (tmp_path / "one").read_text() != (tmp_path / "two").read_text()


def test_the_file_with_the_secrets_is_never_committed():
    done = subprocess.run(["git", "check-ignore", "-q", ".env"], cwd=ROOT)
    assert done.returncode == 0
