"""What a phone or a bookmark shares begins a draft, and nothing else."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from publishing.models import Draft, Post
from publishing.planning.sharing import SHARED_CHARACTERS, SHARED_KEY
from tests.people import PASSWORD
from tests.pictures import drawn, moving

pytestmark = pytest.mark.django_db
SHARED = {"title": "Bread", "text": "Look at this", "url": "https://example.org/bread"}


@pytest.fixture
def phone(alice: Any, channel: Any) -> Client:
    """As an installed app shares: without a token of ours."""
    phone = Client(enforce_csrf_checks=True)
    phone.force_login(alice)
    return phone


def test_it_begins_a_draft_and_publishes_nothing(phone: Client, channel: Any):
    picture = SimpleUploadedFile("beach.jpg", drawn(), "image/jpeg")
    answer = phone.post("/posts/new/", SHARED | {"files": picture, "when": "now"})
    draft = Draft.objects.get()
    assert (answer.status_code, answer.url) == (302, draft.get_absolute_url())
    assert draft.fields["text"] == ["Bread\nLook at this\nhttps://example.org/bread"]
    assert draft.fields["channels"] == [str(channel.id)]
    page = phone.get(answer.url).content.decode()
    assert 'class="thumb"' in page and "Here is what you shared." in page
    assert not Post.objects.exists()


def test_an_address_is_not_said_twice(phone: Client):
    phone.post("/posts/new/", {"text": "See https://example.org", "url": "https://example.org"})
    assert Draft.objects.get().fields["text"] == ["See https://example.org"]


def test_what_cannot_be_kept_is_said(phone: Client):
    film = SimpleUploadedFile("film.gif", moving(), "image/gif")
    answer = phone.post("/posts/new/", {"text": "Look", "files": film}, follow=True)
    assert "film.gif moves: the first picture only." in answer.content.decode()
    assert phone.post("/posts/new/", {"text": " "}).url == "/posts/new/"
    assert phone.post("/posts/new/", {"text": "a\x00b"}).url == "/posts/new/"
    assert Draft.objects.count() == 1


def test_it_waits_until_somebody_has_signed_in(alice: Any, channel: Any):
    phone = Client(enforce_csrf_checks=True)
    picture = SimpleUploadedFile("beach.jpg", drawn(), "image/jpeg")
    answer = phone.post("/posts/new/", SHARED | {"files": picture}, follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/posts/new/"
    assert not Draft.objects.exists()
    phone.login(username="alice", password=PASSWORD)
    page = phone.get("/posts/new/", follow=True).content.decode()
    assert "Look at this" in page and "Add it once more." in page
    assert Draft.objects.get().user == alice
    assert "Look at this" not in phone.get("/posts/new/").content.decode()


def test_a_stranger_fills_no_row_of_ours(alice: Any, channel: Any):
    phone = Client()
    phone.post("/posts/new/", {"text": "a" * 200_000})
    assert len(phone.session[SHARED_KEY]["text"]) == SHARED_CHARACTERS


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_begins_nothing(phone: Client, site: str):
    stranger = Client(enforce_csrf_checks=True)
    for browser in (phone, stranger):
        answer = browser.post("/posts/new/", SHARED, headers={"Sec-Fetch-Site": site})
        assert answer.url == "/posts/new/" and not answer.cookies
    assert not Draft.objects.exists()


def test_a_bookmark_says_what_to_begin_with(phone: Client):
    answer = phone.get("/posts/new/", {"text": "Look at this", "url": "https://example.org"})
    assert "Look at this\nhttps://example.org</textarea>" in answer.content.decode()
    assert not Draft.objects.exists()
