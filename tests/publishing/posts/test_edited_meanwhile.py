"""Two windows on one post: nobody's words are lost, and nobody's are undone unseen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.models import Delivery, Media, Post
from tests.pictures import drawn
from tests.publishing.factories import page_channel
from tests.publishing.media.test_composer_media import kept_in
from tests.publishing.pages import page_of, ticked_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def post(channel, alice):
    at = timezone.now() + timedelta(days=1)
    return Post.objects.publish(alice, "First.", [channel, page_channel(alice)], at)


def edit(browser, post, text, seen, **more):
    fields = {"text": text, "when": "now", "seen": seen, **more}
    return browser.post(f"{post.get_absolute_url()}edit/", fields)


def test_the_second_window_is_shown_both_and_chooses(her, post):
    edit(her, post, "From one window.", "first", text_x="Only X.")
    answer = edit(her, post, "From the other.", "first")
    page = page_of(answer)
    assert answer.status_code == 409
    for said in (
        "changed meanwhile",
        "From one window.",
        "Only X.",
        ">\nFrom the other.</textarea>",
    ):
        assert said in page
    fresh = Post.objects.get()
    assert fresh.text == "From one window." and f'name="seen" value="{fresh.revision}"' in page
    assert edit(her, post, "From the other.", fresh.revision).status_code == 302
    assert Post.objects.get().text == "From the other."


def test_a_mistake_on_the_way_does_not_make_it_forget_which_version_it_saw(her, post):
    edit(her, post, "From one window.", "first")
    refused = edit(her, post, "a" * 300, "first")
    assert refused.status_code == 200 and 'name="seen" value="first"' in page_of(refused)


def test_a_moved_time_and_other_pictures_are_changes_too(her, post, alice):
    later = timezone.now() + timedelta(days=3)
    assert post.edit("First.", later, "UTC")
    assert edit(her, post, "First.", "first").status_code == 409
    assert post.edit("First.", None, "UTC", media=[Media.objects.keep(alice, drawn())])
    answer = edit(her, post, "First.", "first")
    assert answer.status_code == 409 and page_of(answer).count('class="thumb"') == 1


def test_a_second_click_is_no_other_window(her, post, alice):
    picture = str(Media.objects.keep(alice, drawn()).public_id)
    more = {"media": [picture], f"alt_{picture}": "A beach", "text_x": "Only X."}
    answers = [edit(her, post, "Changed.", "first", **more) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert post.media.get().alt == "A beach"


BEGUN = {
    "sending": {},
    "sent": {"remote_id": "1"},
    "unconfirmed": {"waiting_for": "person"},
}


@pytest.mark.parametrize("state", BEGUN)
def test_a_repeat_is_not_offered_as_another_post(her, post, alice, state):
    """The first answer got lost; meanwhile a worker has begun."""
    picture = str(Media.objects.keep(alice, drawn()).public_id)
    more = {"media": [picture], f"alt_{picture}": "A beach", "text_x": "Only X."}
    edit(her, post, "Changed.", "first", **more)
    Delivery.objects.update(**{"state": state, "waiting_for": "", "attempt": 1} | BEGUN[state])
    answer = edit(her, post, "Changed.", "first", **more)
    assert answer.status_code == 302 and answer.url == post.get_absolute_url()
    assert edit(her, post, "Other words.", "first", **more).status_code == 409


def test_another_time_alone_comes_too_late_and_says_so(her, post):
    Delivery.objects.update(state="sent", waiting_for="", attempt=1, remote_id="1")
    answer = edit(her, post, "First.", post.revision)
    assert answer.status_code == 302
    assert "Too late to change it" in page_of(her.get(answer.url))


def test_a_caller_that_saw_nothing_is_not_asked(post):
    assert post.edit("One.", None, "UTC") and post.edit("Two.", None, "UTC")


@pytest.mark.parametrize("how", ["sent", "canceled"])
def test_what_came_too_late_stands_in_the_composer(her, post, alice, how):
    """Also the pictures, and where it was to go."""
    picture = str(Media.objects.keep(alice, drawn()).public_id)
    if how == "sent":
        Delivery.objects.update(state="sent", waiting_for="", attempt=1, remote_id="1")
    else:
        post.cancel()
    more = {"media": [picture], f"alt_{picture}": "A beach", "text_x": "Only X."}
    answer = edit(her, post, "What I wrote.", "first", **more)
    page = page_of(answer)
    assert answer.status_code == 409 and 'action="/posts/"' in page
    for said in (">\nWhat I wrote.</textarea>", ">\nOnly X.</textarea>", "A beach</textarea>"):
        assert said in page
    assert kept_in(answer) == [picture] and len(ticked_in(page)) == 2
    assert Post.objects.get().text == "First."


def test_going_there_too_late_only_says_so(her, post):
    post.cancel()
    assert her.get(f"{post.get_absolute_url()}edit/").url == post.get_absolute_url()


def test_what_was_refused_is_said_until_it_is_mended(her, channel):
    """By the counter, as it is typed."""
    fields = {"text": "a" * 300, "channels": [channel.pk], "when": "now"}
    page = page_of(her.post("/posts/", fields))
    assert "Too long for X: 300 of 280" in page and 'name="refused"' in page
    for text, said in (("a" * 290, "Too long for X: 290 of 280"), ("", "Write something first.")):
        fields |= {"text": text, "refused": "1"}
        assert said in page_of(her.post("/posts/lengths/", fields))
    mended = page_of(her.post("/posts/lengths/", fields | {"text": "a" * 272}))
    assert 'id="refused"' in mended and "Too long" not in mended and 'name="refused"' not in mended
    assert 'id="refused"' not in page_of(her.post("/posts/lengths/", {"text": "a" * 300}))
