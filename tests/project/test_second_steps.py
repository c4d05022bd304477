"""A second step at sign-in: asked for, guessed by nobody, sealed, and got over when it is lost."""

import io
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from publishing.posts.keeping import signature_of
from social.shell import CommandRefused
from tests.exporting import exported
from tests.people import PASSWORD
from tests.publishing.factories import x_channel

pytestmark = pytest.mark.django_db
PAGE = "/accounts/second-step/"
ASKED = f"{PAGE}authenticate/"


def digits_of(secret: str) -> str:
    """What an app that holds `secret` shows."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def signed_in(person: User) -> Client:
    """By the password, as far as that leads; it is fresh."""
    client = Client()
    client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def add_app(person: User) -> tuple[str, list[str]]:
    """The secret of the app that they add, and the recovery codes that they are shown."""
    client = signed_in(person)
    page = client.get(f"{PAGE}totp/activate/").content.decode()
    [secret] = re.findall(r'readonly value="(\w+)"', page)
    answer = client.post(f"{PAGE}totp/activate/", {"code": digits_of(secret)}, follow=True)
    codes = re.findall(r"^(?:<pre[^>]*>)?(\d{8})$", answer.content.decode(), re.MULTILINE)
    cache.clear()  # the same digits may be used again
    return secret, codes


def is_inside(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def test_the_password_alone_lets_nobody_in_and_digits_do_once(alice):
    secret, codes = add_app(alice)
    assert len(codes) == 10
    client = signed_in(alice)
    assert not is_inside(client)
    for wrong in ("000000", "", "ab", "1" * 5000, codes[0][:-1]):
        answer = client.post(ASKED, {"code": wrong})
        assert answer.status_code == 200 and not is_inside(client)
    assert "That was not right" in answer.content.decode()
    digits = digits_of(secret)
    assert client.post(ASKED, {"code": digits}).status_code == 302 and is_inside(client)
    again = signed_in(alice)
    again.post(ASKED, {"code": digits})
    assert not is_inside(again), "the same digits twice"


def test_a_recovery_code_lets_in_once_and_is_shown_once(alice):
    _, codes = add_app(alice)
    client = signed_in(alice)
    assert client.post(ASKED, {"code": codes[3]}).status_code == 302 and is_inside(client)
    page = client.get(f"{PAGE}recovery-codes/", follow=True).content.decode()
    assert not any(code in page for code in codes)
    another = signed_in(alice)
    another.post(ASKED, {"code": codes[3]})
    assert not is_inside(another)


def test_guesses_are_throttled(alice):
    secret, _ = add_app(alice)
    client = signed_in(alice)
    for number in range(10):
        client.post(ASKED, {"code": f"{number:06}"})
    client.post(ASKED, {"code": digits_of(secret)})
    assert not is_inside(client)


def test_a_place_for_a_fresh_password_takes_digits_as_well(alice, bob):
    secret, _ = add_app(alice)
    client = signed_in(alice)
    client.post(ASKED, {"code": digits_of(secret)})
    session = client.session
    session["account_authentication_methods"] = []  # long ago
    session.save()
    asked = client.get("/settings/tokens/")
    assert asked.status_code == 302 and "authenticate" in asked.url
    cache.clear()
    client.post(f"{PAGE}reauthenticate/", {"code": digits_of(secret)})
    assert client.get("/settings/tokens/").status_code == 200
    assert signed_in(bob).get("/settings/tokens/").status_code == 200  # who has none is asked none


def test_the_secret_is_sealed_told_to_nobody_and_moves_to_a_new_key(alice, settings):
    secret, codes = add_app(alice)
    rows = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in rows and not any(code in rows for code in codes)
    assert secret not in str(exported(alice))
    old = settings.TOKEN_KEYS
    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), *old]
    said = io.StringIO()
    call_command("rotate_token_keys", stdout=said)
    assert said.getvalue() == "2 sealed anew, 0 unreadable\n"
    settings.TOKEN_KEYS = settings.TOKEN_KEYS[:1]
    client = signed_in(alice)
    client.post(ASKED, {"code": digits_of(secret)})
    assert is_inside(client)
    settings.TOKEN_KEYS = old
    said, complained = io.StringIO(), io.StringIO()
    call_command("rotate_token_keys", stdout=said, stderr=complained)
    assert said.getvalue() == "0 sealed anew, 2 unreadable\n"
    assert complained.getvalue().count("no key opens the secret of second step") == 2


def test_what_was_lost_is_removed_by_a_command(alice):
    add_app(alice)
    said = io.StringIO()
    call_command("remove_second_step", "alice", stdout=said)
    assert said.getvalue() == "alice signs in with the password alone now.\n"
    assert is_inside(signed_in(alice))
    call_command("remove_second_step", "alice", stdout=said)
    assert said.getvalue().endswith("alice has no second step.\n")
    with pytest.raises(CommandRefused, match="There is no user 'zoe'"):
        call_command("remove_second_step", "zoe")


def test_removing_the_app_by_its_page_removes_the_codes_too(alice):
    secret, _ = add_app(alice)
    client = signed_in(alice)
    client.post(ASKED, {"code": digits_of(secret)})
    cache.clear()
    client.post(f"{PAGE}reauthenticate/", {"code": digits_of(secret)})
    assert client.post(f"{PAGE}totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists() and is_inside(signed_in(alice))


def test_who_has_a_second_step_may_change_their_address(alice):
    secret, _ = add_app(alice)
    client = signed_in(alice)
    client.post(ASKED, {"code": digits_of(secret)})
    form = {"email": "new@example.org", "action_add": ""}
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/accounts/email/", form).status_code == 302
    assert EmailAddress.objects.filter(user=alice, email="new@example.org").exists()


def test_the_page_one_wanted_comes_after_the_second_step(alice):
    secret, _ = add_app(alice)
    client = Client()
    form = {"login": "alice", "password": PASSWORD, "next": "/calendar/feed/"}
    client.post("/accounts/login/", form)
    answer = client.post(ASKED, {"code": digits_of(secret)})
    assert answer.url == "/calendar/feed/"


def test_words_of_a_session_that_ended_wait_for_the_second_step(alice):
    """Without script they are kept in the session, signed by their writer."""
    secret, _ = add_app(alice)
    client = Client()
    written = {"text": "Kept through both.", "writer": signature_of(alice)}
    x_channel(alice)
    assert client.post("/posts/", written).url == "/accounts/login/?next=/posts/new/"
    form = {"login": "alice", "password": PASSWORD, "next": "/posts/new/"}
    client.post("/accounts/login/", form)
    assert "Kept through both." not in client.get("/posts/new/").content.decode()
    answer = client.post(ASKED, {"code": digits_of(secret)}, follow=True)
    assert is_inside(client) and "Kept through both." in answer.content.decode()


def test_nonsense_from_a_browser_is_one_sentence(alice):
    client = signed_in(alice)
    for wrong in ("", "null", "[]", "{}", '{"response": 7}', '{"id": "x", "response": {}}', "\0"):
        for page in ("webauthn/add/", "webauthn/login/", "webauthn/reauthenticate/"):
            cache.clear()  # only ten sign-ins a minute
            answer = client.post(PAGE + page, {"credential": wrong, "name": "Mine"})
            assert answer.status_code in (200, 302)
        answer = Client().post(f"{PAGE}webauthn/login/", {"credential": wrong})
        assert answer.status_code in (200, 302)
    assert not Authenticator.objects.exists()
