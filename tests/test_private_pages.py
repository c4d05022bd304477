"""Who may keep a page of a person: nobody but their browser, and that only where it must."""

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.addresses import address, admin_ids, fill_the_admin, patterns, things_of

pytestmark = pytest.mark.django_db
COMPOSERS = {"posts/new/", "posts/<uuid:public_id>/edit/", "drafts/<uuid:draft_id>/"}
PICTURES = {"pictures/<uuid:media_id>/"}
OPEN = {"healthz", "metrics", "manifest.webmanifest"}


def directives(response) -> set[str]:
    return {part.strip() for part in response.headers.get("Cache-Control", "").split(",")}


def test_every_page_of_a_person_says_who_may_keep_it(alice, client_for):
    root = get_user_model().objects.create_superuser("root", "root@example.org", "x")
    things = things_of(alice)
    fill_the_admin(alice)
    ids, wrong = admin_ids(), []
    cache.clear()
    for user in (alice, root):
        for pattern in patterns():
            if pattern in OPEN or (user == root and not pattern.startswith("admin/")):
                continue
            client = client_for(user)
            for answer in (client.get(address(pattern, things, ids)),):
                said = directives(answer)
                wanted = {"no-cache"} if pattern in COMPOSERS | PICTURES else {"no-store"}
                if answer.status_code != 200:
                    wanted = set()
                if not {"private"} | wanted <= said or "Cookie" not in answer.headers["Vary"]:
                    wrong.append(f"{pattern}: {said}, {answer.headers.get('Vary')}")
    assert not wrong


def test_what_is_downloaded_is_kept_by_nobody(alice, client_for):
    things_of(alice)
    answer = client_for(alice).post(reverse("settings_export"))
    assert directives(answer) == {"private", "no-store"}


def test_a_refused_composer_comes_back_with_the_words_too(alice, client_for):
    answer = client_for(alice).post("/posts/", {"text": "Words"})
    assert answer.status_code == 400 and directives(answer) == {"private", "no-cache"}


def test_signing_in_and_out_are_kept_by_nobody(alice):
    client = Client()
    form = {"login": "alice", "password": "correct horse battery staple"}
    assert "private" in directives(client.post(reverse("account_login"), form))
    answer = client.post(reverse("account_logout"))
    assert "no-store" in directives(answer)
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_ending_an_account_wipes_too(alice, client_for):
    form = {"password": "correct horse battery staple"}
    answer = client_for(alice).post(reverse("settings_delete"), form)
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_strangers_are_not_told_anything_of_the_kind():
    answer = Client().get("/")
    assert "Cache-Control" not in answer.headers and "Clear-Site-Data" not in answer.headers


def test_the_way_to_an_account_is_kept_by_nobody(alice):
    """Its pages show whose address it is, and their own addresses let their reader in."""
    address = EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    key = EmailConfirmationHMAC(address).key
    page = Client().get(reverse("account_confirm_email", args=[key]))
    assert alice.email in page.content.decode() and directives(page) == {"private", "no-store"}
    key = default_token_generator.make_token(alice)
    link = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(alice), key])
    stranger = Client()
    redirect = stranger.get(link)
    assert redirect.status_code == 302 and directives(redirect) == {"private", "no-store"}
    assert directives(stranger.get(redirect.url)) == {"private", "no-store"}
