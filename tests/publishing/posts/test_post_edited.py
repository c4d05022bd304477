"""What a person does with a post that is written already."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.models import Delivery, Post
from publishing.posts import editing
from tests.publishing.factories import delivery_in_state, page_channel, publish, reloaded


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def post(channel, alice):
    """Scheduled for tomorrow, to two channels."""
    at = timezone.now() + timedelta(days=1)
    return Post.objects.publish(alice, "A tpyo.", [channel, page_channel(alice)], at)


def edit(browser, post, text="A typo.", when="now", **more):
    return browser.post(f"/posts/{post.public_id}/edit/", {"text": text, "when": when, **more})


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_it_works(her, post):
    assert edit(her, post).url == post.get_absolute_url()
    post.refresh_from_db()
    assert (post.text, post.due_at) == ("A typo.", None)
    assert {(d.waiting_for, d.content) for d in post.deliveries.all()} == {("", "A typo.")}
    assert Delivery.objects.due().count() == 2


def test_what_was_moved_earlier_is_sent_once_at_its_new_time(x, her, sandbox, run_jobs):
    post = publish(x, at=timezone.now() + timedelta(hours=1)).post
    edit(her, post, "Moved to now.")
    run_jobs(until=timezone.now() + timedelta(days=1))
    assert [row["text"] for row in sandbox.truth()] == ["Moved to now."]


def test_the_form_shows_what_was_written_and_when(her, post):
    page = her.get(f"/posts/{post.public_id}/edit/")
    assert page.context["form"]["when"].value() == "later"
    assert ">\nA tpyo.</textarea>" in page.content.decode()
    assert f'value="{post.due_at:%Y-%m-%dT%H:%M}"' in page.content.decode()


def test_what_will_not_do_changes_nothing_and_keeps_the_text(her, post):
    response = edit(her, post, "a" * 281)
    assert "Too long for X" in response.content.decode()
    assert "a" * 281 in response.content.decode()
    assert Post.objects.get().text == "A tpyo."


def test_once_one_of_them_was_tried_nothing_is_changed(her, post):
    Delivery.objects.update(next_attempt_at=timezone.now())
    claim(post.deliveries.first().job_id)
    response = edit(her, post)
    assert told(response) == ["Too late to change it: sending has begun."]
    assert Post.objects.get().text == "A tpyo."


def test_when_sending_begins_while_the_form_is_checked_nothing_is_changed(her, post, monkeypatch):
    original = Post.edit

    def begun(self, *args):
        Delivery.objects.update(attempt=1)
        return original(self, *args)

    monkeypatch.setattr(Post, "edit", begun)
    assert told(edit(her, post)) == ["Too late to change it: sending has begun."]
    assert Post.objects.get().text == "A tpyo."


def test_canceling_a_post_cancels_what_waits(her, post):
    Delivery.objects.update(next_attempt_at=timezone.now())
    sending = claim(post.deliveries.first().job_id)
    response = her.post(f"/posts/{post.public_id}/cancellations/")
    assert told(response) == ["Canceled what still waited."]
    assert {d.state for d in post.deliveries.exclude(pk=sending.pk)} == {"canceled"}
    assert reloaded(sending).state == "sending"


def test_canceling_all_of_it_says_no_more_than_that(her, post):
    response = her.post(f"/posts/{post.public_id}/cancellations/")
    assert told(response) == ["Canceled."]
    assert {d.state for d in post.deliveries.all()} == {"canceled"}


def test_canceling_too_late_is_said(her, channel):
    delivery = delivery_in_state(channel, "sent")
    response = her.post(f"/posts/{delivery.post.public_id}/cancellations/")
    assert told(response) == ["Too late to cancel: sending has begun."]


BUTTONS = {
    "cancellations": ("queued", "canceled"),
    "retries": ("failed", "queued"),
    "resends": ("unconfirmed", "queued"),
    "confirmations": ("unconfirmed", "unconfirmed"),  # its network is asked whose post that is
    "drops": ("unconfirmed", "canceled"),
}


@pytest.mark.parametrize("button", BUTTONS)
def test_button(button, her, channel):
    before, after = BUTTONS[button]
    delivery = delivery_in_state(channel, before)
    link = {"link": "https://x.com/alice/status/7654321"}
    response = her.post(f"/deliveries/{delivery.job_id}/{button}/", link)
    assert response.url == delivery.post.get_absolute_url()
    assert reloaded(delivery).state == after


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_that_comes_too_late_says_so(button, her, channel):
    delivery = delivery_in_state(channel, "sent")
    link = {"link": "https://x.com/alice/status/7654321"}
    response = her.post(f"/deliveries/{delivery.job_id}/{button}/", link)
    assert told(response) == ["It has changed meanwhile: this is how it stands now."]
    assert reloaded(delivery).remote_id == delivery.remote_id


def test_a_link_that_is_none_is_said(her, channel):
    delivery = delivery_in_state(channel, "unconfirmed")
    response = her.post(f"/deliveries/{delivery.job_id}/confirmations/", {"link": "nonsense"})
    assert "not the link of a post on X" in told(response)[0]
    assert reloaded(delivery).state == "unconfirmed"


def test_a_link_only_confirms_it_is_kept(her, channel):
    delivery = delivery_in_state(channel, "unconfirmed")
    link = {"link": "https://x.com/alice/status/7654321?s=20"}
    her.post(f"/deliveries/{delivery.job_id}/confirmations/", link)
    assert reloaded(delivery).claimed_id == "7654321" and reloaded(delivery).is_verifying


def test_whatever_the_database_refuses_of_a_time_that_a_person_chose_is_raised_once(
    channel, monkeypatch
):
    """Only a posting time can be another's."""
    asked = []

    @contextmanager
    def refusing():
        asked.append(1)
        raise IntegrityError("no such thing")
        yield

    later = timezone.now() + timedelta(days=1)
    post = publish(channel, at=later).post
    monkeypatch.setattr(editing, "nullcontext", refusing)
    with pytest.raises(IntegrityError):
        post.edit("Hello", later + timedelta(hours=1), "UTC")
    assert asked == [1]


def test_editing_writes_what_was_edited_and_nothing_else_of_the_row(channel):
    """Its page may have been read long ago."""
    post = publish(channel, at=timezone.now() + timedelta(days=1)).post
    long_ago = timezone.now() - timedelta(days=9)
    Post.objects.update(created_at=long_ago)
    assert post.edit("Other words.", post.due_at, "UTC")
    assert reloaded_post(post).created_at == long_ago


def reloaded_post(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)
