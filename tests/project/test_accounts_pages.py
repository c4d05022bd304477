"""Every page of accounts looks like ours, and is small."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
STATIC = Path(django_settings.BASE_DIR) / "project" / "static"
ANONYMOUS = {
    "/": "Say it once",
    "/accounts/login/": "Sign in",
    "/accounts/signup/": "Sign up",
    "/accounts/password/reset/": "Reset your password",
    "/accounts/password/reset/done/": "Look into your mail",
    "/accounts/password/reset/key/1-gone/": "This link does not work",
    "/accounts/password/reset/key/done/": "Your password is changed",
    "/accounts/confirm-email/": "Look into your mail",
    "/accounts/confirm-email/gone/": "This link does not work",
    "/accounts/inactive/": "This account is switched off",
    "/accounts/3rdparty/login/cancelled/": "Not connected",
    "/accounts/3rdparty/login/error/": "Connecting did not work",
}
SIGNED_IN = {
    "/settings/": "Settings",
    "/notices/": "Notices",
    "/numbers/": "Analytics",
    "/imports/": "Imports",
    "/imports/items/": "Imported items",
    "/suggestions/": "Ideas",
    "/settings/feeds/": "Feeds",
    "/settings/delete/": "Delete your account",
    "/accounts/email/": "Your e-mail addresses",
    "/accounts/password/change/": "Change your password",
    "/accounts/second-step/": "A second step at sign-in",
    "/accounts/second-step/webauthn/": "Your passkeys",
    "/accounts/logout/": "Sign out?",
    "/accounts/reauthenticate/": "Is it you?",
    "/accounts/facebook/login/?process=connect": "Connect Facebook",
}


def check(client: Client, url: str, heading: str) -> None:
    response = client.get(url)
    page = response.content.decode()
    assert response.status_code in (200, 401), url
    assert heading in re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)[1]
    assert "fanfare/fanfare.css" in page and 'id="main"' in page
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page), "inline"
    assert len(response.content) < 60_000


@pytest.mark.parametrize("url", ANONYMOUS)
def test_pages_for_strangers(client, url):
    check(client, url, ANONYMOUS[url])


@pytest.mark.parametrize("url", SIGNED_IN)
def test_pages_for_people(client_for, alice, url):
    check(client_for(alice), url, SIGNED_IN[url])


def test_a_failed_connecting_says_that_nothing_changed_and_leads_back(client_for, alice):
    page = client_for(alice).get("/accounts/3rdparty/login/error/").content.decode()
    assert "Nothing was changed" in page
    assert re.search(rf'href="{reverse("channels:list")}">Try again<', page)


@pytest.mark.parametrize("name", ["400", "500", "403_csrf"])
def test_error_pages_need_neither_a_request_nor_the_database(name, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert "Back to the start" in get_template(f"{name}.html").render()


def test_somebody_elses_and_nothing_look_the_same(client_for, alice):
    response = client_for(alice).get("/nothing/")
    assert response.status_code == 404 and "There is nothing here" in response.content.decode()


def test_a_form_that_was_open_for_too_long(alice):
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "alice"})
    assert response.status_code == 403 and "open for too long" in response.content.decode()


def test_names_are_escaped(client_for, django_user_model):
    mallory = django_user_model.objects.create_user("<b>mallory", "m@example.org", "x")
    assert "<b>mallory" not in client_for(mallory).get("/settings/").content.decode()


def test_what_every_page_loads_is_small():
    of_some = (".png", "admin.css")
    ours = [path for path in (STATIC / "fanfare").iterdir() if not path.name.endswith(of_some)]
    assert sum(path.stat().st_size for path in ours if path.suffix == ".css") < 38_000
    shared = [*ours, *(STATIC / "vendor").glob("*.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in shared) < 31_000


def test_the_banner_says_that_no_worker_runs(client, client_for, alice):
    banner = "No worker is running"
    assert banner in client_for(alice).get("/settings/").content.decode()
    assert banner not in client.get("/").content.decode()
