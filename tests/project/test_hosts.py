"""Whatever host a stranger asks by, a mail links to PUBLIC_URL; and what is not our host is said so
quietly."""

import io
import logging
import re
from logging.config import DictConfigurator

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from project.accounts.adapter import public_url
from project.accounts.models import OutgoingMail
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
PUBLIC = "https://fanfare.example.org"
TRICKS = [
    {"HTTP_HOST": "mallory.example"},
    {"HTTP_HOST": "fanfare.example.org:4711"},
    {"HTTP_X_FORWARDED_HOST": "mallory.example"},
    {"HTTP_HOST": "other.example.org", "HTTP_X_FORWARDED_HOST": "mallory.example"},
]


@pytest.fixture(autouse=True)
def two_names(settings):
    cache.clear()
    settings.PUBLIC_URL = PUBLIC
    # Any, as nobody may set it: so that nothing but the links themselves is tried.
    settings.ALLOWED_HOSTS = ["*"]
    settings.EMAIL_BACKEND = "project.accounts.mail.QueuedEmailBackend"
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def links(text: str) -> list[str]:
    return re.findall(r"https?://\S+", text)


def check(bodies: list[str]) -> None:
    assert bodies
    for body in bodies:
        assert "mallory" not in body and "other.example" not in body and "4711" not in body
        assert "fanfare.example.org" in body
        assert all(link.startswith(f"{PUBLIC}/") for link in links(body))


@pytest.mark.parametrize("trick", TRICKS)
def test_a_mail_for_a_new_password_leads_to_us(alice, trick, run_jobs, mailoutbox):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    Client(**trick).post(reverse("account_reset_password"), {"email": alice.email})
    run_jobs()
    check([message.body for message in mailoutbox])
    assert any("/accounts/password/reset/key/" in link for link in links(mailoutbox[0].body))


@pytest.mark.parametrize("trick", TRICKS)
def test_every_other_mail_leads_to_us(alice, trick):
    """To confirm, to somebody who is here already, about a changed password, about an address."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    form = {"password1": PASSWORD, "password2": PASSWORD}
    new = {"username": "bob", "email": "bob@example.org"}
    Client(**trick).post(reverse("account_signup"), form | new)
    known = {"username": "carol", "email": alice.email}
    Client(**trick).post(reverse("account_signup"), form | known)
    client = Client(**trick)
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    client.post(
        reverse("account_email"), {"action_add": "", "email": "alice@example.net"}, follow=True
    )
    bodies = list(OutgoingMail.objects.values_list("text", flat=True))
    assert {row.to for row in OutgoingMail.objects.all()} >= {"bob@example.org", alice.email}
    assert sum("/accounts/confirm-email/" in body for body in bodies) >= 1
    assert sum("/accounts/password/reset/" in body for body in bodies) == 1
    check(bodies)


def test_a_path_of_public_url_is_kept(settings):
    settings.PUBLIC_URL = "https://example.org/fanfare"
    assert public_url("account_login") == "https://example.org/fanfare/accounts/login/"


def test_another_port_gives_no_fresh_tries(alice):
    for port in range(5):
        client = Client(HTTP_HOST=f"fanfare.example.org:{9000 + port}")
        client.post(reverse("account_login"), {"login": "alice", "password": "wrong"})
    for spelling in ("alice", "ALICE", " alice "):
        client = Client(HTTP_HOST="fanfare.example.org:9999")
        answer = client.post(reverse("account_login"), {"login": spelling, "password": PASSWORD})
        assert answer.status_code == 429, spelling


# ── A host that is not ours ───────────────────────────────────────────────────────────────────
def test_a_bad_host_is_one_page_and_one_quiet_line(settings, caplog):
    settings.ALLOWED_HOSTS = ["fanfare.example.org"]
    client = Client()
    with caplog.at_level(logging.INFO):
        for host in ("mallory.example", "a" * 5000, "x y", "fanfare.example.org.evil", "\x01"):
            answer = client.get("/", HTTP_HOST=host)
            assert answer.status_code == 400
            page = answer.content.decode()
            assert "Not by this name" in page and "mallory" not in page
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    [record] = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert record.levelno == logging.WARNING and record.exc_info is None
    assert len(record.getMessage().splitlines()) == 1 and len(record.getMessage()) < 300


@pytest.mark.parametrize("debug", [False, True])
def test_it_is_no_debug_page_either(settings, debug):
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, ["localhost"]
    answer = Client().get("/", HTTP_HOST="mallory.example")
    assert answer.status_code == 400 and "INSTALLED_APPS" not in answer.content.decode()


def test_what_a_proxy_says_of_the_host_is_not_believed(settings):
    settings.ALLOWED_HOSTS = ["fanfare.example.org", "mallory.example"]
    assert not settings.USE_X_FORWARDED_HOST and not settings.USE_X_FORWARDED_PORT
    client = Client(HTTP_HOST="fanfare.example.org", HTTP_X_FORWARDED_HOST="mallory.example")
    assert "mallory" not in client.get(reverse("account_email")).headers["Location"]


# ── Other requests that are refused ───────────────────────────────────────────────────────────
def test_what_a_stranger_has_refused_writes_no_traceback(alice, client_for, settings):
    settings.ALLOWED_HOSTS = ["fanfare.example.org"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    for name in settings.LOGGING["handlers"]["out"]["filters"]:
        handler.addFilter(
            DictConfigurator({}).configure_filter(dict(settings.LOGGING["filters"][name]))
        )
    login, stranger = reverse("account_login"), Client(HTTP_HOST="fanfare.example.org")
    person = client_for(alice)
    logging.getLogger("django").addHandler(handler)
    try:
        fields = {f"field{number}": "" for number in range(10_100)}
        assert stranger.post(login, fields).status_code == 400
        assert stranger.post(login, {"login": "a" * 3_000_000}).status_code == 400
        odd = stranger.post(login, b"--x", content_type="multipart/form-data")
        assert odd.status_code == 400
        assert person.get("/jobs/", HTTP_HOST="fanfare.example.org").status_code == 403
        logging.getLogger("django.request").error("a fault", exc_info=ValueError("of ours"))
    finally:
        logging.getLogger("django").removeHandler(handler)
    lines = written.getvalue().splitlines()
    assert len(lines) >= 5 and lines[-1] == "ValueError: of ours"
    assert sum(line.startswith("Traceback") for line in lines) <= 1
    assert not any("core/handlers" in line for line in lines)


def test_a_name_longer_than_any_is_nobodys(alice):
    """SQLite refuses to look for it, which was an error of ours."""
    client = Client(HTTP_HOST="fanfare.example.org")
    for name in ("a" * 60_000, "a" * 60_000 + "@example.org"):
        answer = client.post(reverse("account_login"), {"login": name, "password": PASSWORD})
        assert answer.status_code == 200 and "not correct" in answer.content.decode()
