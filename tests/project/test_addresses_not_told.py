"""No page tells a stranger which addresses are known here: not by its words, not by its work, and
nobody has us write to whomever they like."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from project.accounts.models import OutgoingMail
from tests.people import PASSWORD, create_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_on_a_server(settings):
    cache.clear()
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.EMAIL_BACKEND = "project.accounts.mail.QueuedEmailBackend"
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def known(alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    return alice


@pytest.fixture
def hashes(monkeypatch):
    """How often a password was hashed: what signing in and signing up spend their time on."""
    counted, encode = [], MD5PasswordHasher.encode

    def counting(self, *args, **options):
        counted.append(1)
        return encode(self, *args, **options)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    return counted


def sign_in(login: str) -> tuple[int, str]:
    form = {"login": login, "password": "not the one"}
    answer = Client().post(reverse("account_login"), form)
    return answer.status_code, answer.content.decode().replace(login, "LOGIN")


def without_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower())


@pytest.mark.parametrize("stranger", ["zoe", "zoe@example.org"])
@pytest.mark.parametrize("here", ["alice", "alice@example.org", "ALICE@example.org"])
def test_signing_in_hashes_once_for_everybody(known, hashes, here, stranger):
    first = sign_in(here)
    assert len(hashes) == 1
    second = sign_in(stranger)
    assert len(hashes) == 2
    if ("@" in here) == ("@" in stranger):
        assert first[0] == second[0] == 200
        assert without_token(first[1]) == without_token(second[1])


@pytest.mark.parametrize("which", ["no EmailAddress", "inactive", "without a password"])
def test_signing_in_hashes_once_for_odd_people_too(alice, hashes, which):
    if which == "inactive":
        alice.is_active = False
    if which == "without a password":
        alice.set_unusable_password()
    alice.save()
    hashes.clear()
    sign_in(alice.email)
    assert len(hashes) == 1


def test_signing_in_still_works_by_both(known):
    for login in ("alice", "alice@example.org"):
        client = Client()
        client.post(reverse("account_login"), {"login": login, "password": PASSWORD})
        assert client.session.get("_auth_user_id") == str(known.pk)


def test_nobody_takes_anothers_address_for_a_name(known):
    form = {"username": "alice@example.org", "email": "mallory@example.org"}
    form |= {"password1": PASSWORD, "password2": PASSWORD}
    page = Client().post(reverse("account_signup"), form).content.decode()
    assert "no “@” in it" in page


def test_signing_up_says_and_hashes_the_same(known, hashes, run_jobs):
    said = []
    for name, email in (("new", "zoe@example.org"), ("other", known.email)):
        hashes.clear()
        form = {"username": name, "email": email, "password1": PASSWORD, "password2": PASSWORD}
        answer = Client().post(reverse("account_signup"), form)
        said.append((answer.status_code, answer.headers.get("Location"), len(hashes)))
    assert said[0] == said[1] and said[0][2] == 1
    assert sorted(OutgoingMail.objects.values_list("to", flat=True)) == [
        known.email,
        "zoe@example.org",
    ]


def ask_for_reset(email: str) -> tuple[int, str, list[str]]:
    client = Client()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.post(reverse("account_reset_password"), {"email": email})
    shapes = [query["sql"].split("VALUES")[0].split("WHERE")[0] for query in asked]
    shapes = [shape for shape in shapes if "SAVEPOINT" not in shape]  # their names are drawn
    return answer.status_code, answer.headers["Location"], shapes


def test_asking_for_a_new_password_is_the_same_work_for_everybody(known):
    assert ask_for_reset(known.email) == ask_for_reset("stranger@example.net")


def test_strangers_get_no_mail(known, run_jobs, mailoutbox):
    off = create_person("off")
    off.is_active = False
    off.save()
    for address in ("stranger@example.net", off.email, known.email, "ALICE@Example.org"):
        Client().post(reverse("account_reset_password"), {"email": address})
    run_jobs()
    assert {message.to[0] for message in mailoutbox} == {known.email}
    assert set(OutgoingMail.objects.values_list("to", flat=True)) == {known.email}
    assert not OutgoingMail.objects.unsent().exists()


def test_the_link_to_a_new_password_is_in_no_row(known):
    """Also not for the moment in which its mail waits for a worker."""
    Client().post(reverse("account_reset_password"), {"email": known.email})
    row = OutgoingMail.objects.get()
    assert (row.text, row.html) == ("", "")
