"""Windows, devices and double clicks at the very same time, each with a connection of its own."""

import uuid

import pytest
from django.test import Client

from publishing.models import Draft, DraftVersion, Post
from tests.publishing.planning.pages import Composer
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def windows(alice, channel):
    """Of one draft, each with a browser of its own."""

    def open_windows(many, saved=True):
        browsers = []
        for _ in range(many):
            browser = Client()
            browser.force_login(alice)
            browsers.append(browser)
        draft_id = uuid.uuid4()
        if saved:
            Composer(browsers[0], draft_id).save("Begun.")
        return [Composer(browser, draft_id, int(saved)) for browser in browsers]

    return open_windows


@pytest.mark.parametrize("saved", [True, False])
def test_of_several_saves_one_is_taken_and_the_others_are_told(saved, windows):
    pages = windows(4, saved)
    answers = run_at_once(*[lambda p=p, n=n: p.save(f"Words {n}") for n, p in enumerate(pages)])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    [taken] = [n for n, answer in enumerate(answers) if answer.status_code == 200]
    assert Draft.objects.get().fields["text"] == [f"Words {taken}"]
    theirs = [a.json()["fields"]["text"] for a in answers if a.status_code == 409]
    assert theirs == [[f"Words {taken}"]] * 3


@pytest.mark.parametrize("saved", [True, False])
def test_the_same_words_at_once_are_one_save(saved, windows):
    pages = windows(3, saved)
    answers = run_at_once(*[lambda page=page: page.save("The same.") for page in pages])
    assert [answer.json()["revision"] for answer in answers] == [1 + saved] * 3


@pytest.mark.parametrize("saved", [True, False])
def test_saved_and_published_at_once_nothing_is_lost_and_nothing_revived(saved, windows, channel):
    for _ in range(5):
        one, other = windows(2, saved)
        answer, published = run_at_once(
            lambda: one.save("Saved words."),  # noqa: B023
            lambda: other.publish("Published words.", [channel]),  # noqa: B023
        )
        draft = Draft.objects.get(public_id=one.id)
        assert published.status_code == 302 and answer.status_code in (200, 410)
        assert draft.published_as and draft.fields == {}
        kept = [version.fields["text"] for version in DraftVersion.objects.filter(draft=draft)]
        assert kept == ([["Saved words."]] if answer.status_code == 200 else [])


@pytest.mark.parametrize("saved", [True, False])
def test_published_from_several_windows_at_once_it_is_one_post(saved, windows, channel):
    pages = windows(4, saved)
    answers = run_at_once(*[lambda page=page: page.publish("Once.", [channel]) for page in pages])
    assert {answer.url for answer in answers} == {Post.objects.get().get_absolute_url()}


@pytest.mark.parametrize("saved", [True, False])
def test_with_other_words_at_once_one_is_published_and_the_others_are_kept(saved, windows, channel):
    pages = windows(3, saved)
    answers = run_at_once(
        *[lambda p=p, n=n: p.publish(f"Words {n}.", [channel]) for n, p in enumerate(pages)]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409]
    post = Post.objects.get()
    for number, answer in enumerate(answers):
        if answer.status_code == 409:
            shown = answer.content.decode()
            assert f"Words {number}.</textarea>" in shown and post.get_absolute_url() in shown


def test_published_and_discarded_at_once_it_is_published(windows, channel):
    for _ in range(5):
        one, other = windows(2)
        published, _ = run_at_once(
            lambda: one.publish(f"Once: {one.id}", [channel]),  # noqa: B023
            lambda: other.browser.post(f"{other.address}discards/"),  # noqa: B023
        )
        draft = Draft.objects.get(public_id=one.id)
        assert published.status_code == 302 and draft.published_as and draft.fields == {}
        assert draft.trashed_at is None
