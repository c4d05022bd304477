"""A draft becomes a post once, from any number of pages, and nothing brings it back."""

import pytest
from django.utils import timezone

from publishing.models import Draft, DraftVersion, Media, Post
from tests.pictures import drawn
from tests.publishing.factories import page_channel, x_channel
from tests.publishing.pages import page_of
from tests.publishing.planning.pages import JSON, Composer

pytestmark = pytest.mark.django_db


@pytest.fixture
def channels(alice):
    return [x_channel(alice), page_channel(alice)]


@pytest.fixture
def her(alice, channels, client_for):
    return client_for(alice)


@pytest.fixture
def page(her):
    return Composer(her)


def test_what_was_saved_and_is_published_leaves_a_tombstone(page, channels, alice):
    picture = Media.objects.keep(alice, drawn())
    media = {"media": [str(picture.public_id)]}
    page.save("Hello.", **media)
    answer = page.publish("Hello, world.", channels, **media)
    post, draft = Post.objects.get(), Draft.objects.get()
    picture.refresh_from_db()
    assert answer.url == post.get_absolute_url() and post.text == "Hello, world."
    assert (draft.published_as, draft.fields, draft.excerpt) == (post, {}, "")
    assert (picture.post, picture.draft) == (post, None)
    assert not DraftVersion.objects.exists()


@pytest.mark.parametrize("was_saved", [True, False])
def test_twice_is_once(was_saved, page, channels):
    if was_saved:
        page.save("Hello.")
    answers = [page.publish("Hello.", channels) for _ in "123"]
    assert len({answer.url for answer in answers}) == 1 and Post.objects.count() == 1


@pytest.mark.parametrize("was_saved", [True, False])
def test_a_save_that_comes_late_is_told_of_the_post(was_saved, page, channels):
    if was_saved:
        page.save("Hello.")
    page.publish("Hello.", channels)
    url = Post.objects.get().get_absolute_url()
    answer = page.save("Hello again.")
    assert answer.status_code == 410 and answer.json()["url"] == url
    assert Draft.objects.get().fields == {}
    assert page.browser.get(page.address).url == url
    shown = page.press("Hello again.")
    assert shown.status_code == 409 and url in page_of(shown)
    assert "Hello again.</textarea>" in page_of(shown) and page.id not in page_of(shown)


def test_another_window_with_other_words_makes_no_second_post(page, channels, her):
    page.save("Hello.")
    other = Composer(her, page.id, page.revision)
    page.publish("Hello.", channels)
    answer = other.publish("Hello, friends.", channels)
    assert answer.status_code == 409 and Post.objects.count() == 1
    assert "Hello, friends.</textarea>" in page_of(answer)
    assert Post.objects.get().get_absolute_url() in page_of(answer)
    told = her.post("/posts/", other.fields("X", channels=[channels[0].pk], when="now"), **JSON)
    assert told.status_code == 409 and told.json()["url"] == Post.objects.get().get_absolute_url()


def test_what_another_window_had_saved_stays_as_a_version_and_can_be_a_new_draft(
    page, channels, her
):
    page.save("From the desk.")
    Composer(her, page.id, page.revision).save("From the phone.")
    answer = page.publish("From the desk.", channels)
    shown = page_of(her.get(answer.url))
    where = f"{page.address}versions/"
    assert "Another window" in shown and where in shown
    assert "From the phone." in page_of(her.get(where))
    version = DraftVersion.objects.get()
    back = her.post(f"{where}{version.pk}/restorations/", {"revision": 2})
    assert back.url != page.address and "From the phone.</textarea>" in page_of(her.get(back.url))
    assert Draft.objects.filter(published_as=None).count() == 1


def test_what_is_refused_stays_a_draft(page, channels):
    page.save("Hello.")
    answer = page.publish("a" * 300, channels)
    assert answer.status_code == 400
    assert Draft.objects.get().is_live and not Post.objects.exists()
    assert 'name="revision" value="1"' in page_of(answer) and page.id in page_of(answer)


def test_what_fails_half_way_leaves_the_draft_as_it_was(page, channels, monkeypatch):
    def boom(*args, **kwargs):
        raise ZeroDivisionError

    page.save("Hello.")
    monkeypatch.setattr("project.jobs.queue.broker.insert", boom)
    with pytest.raises(ZeroDivisionError):
        page.publish("Hello.", channels)
    draft = Draft.objects.get()
    assert draft.is_live and draft.fields["text"] == ["Hello."] and not Post.objects.exists()


def test_one_in_the_trash_may_still_be_published_from_a_page_that_is_open(page, channels, her):
    page.save("Hello.")
    her.post(f"{page.address}discards/")
    page.publish("Hello.", channels)
    assert Draft.objects.get().published_as == Post.objects.get()
    assert "trash" in page_of(her.get("/drafts/?trash=1")) and "Hello." not in page_of(
        her.get("/drafts/?trash=1")
    )


def test_a_scheduled_one_keeps_its_time(page, channels, her):
    at = timezone.now().year + 1
    page.save("Hello.", when="later", at=f"{at}-03-01T10:00", zone="Europe/Berlin")
    shown = page_of(her.get(page.address))
    assert f'value="{at}-03-01T10:00"' in shown and 'name="zone" value="Europe/Berlin"' in shown
