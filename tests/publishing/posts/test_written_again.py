"""A post that is written again: all of it but its time, as far as it still stands."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from publishing.deliveries.claims import take
from publishing.models import Delivery, Media, MediaBytes, Notice, Post
from publishing.notices.sync import sync_notices
from tests.pictures import drawn
from tests.publishing.factories import (
    ANSWERS_BY_STATE,
    delivery_in_state,
    finish_send,
    page_channel,
    publish,
    reloaded,
    x_channel,
)

DAY = timedelta(days=1)


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def page(alice):
    page_channel(alice, "Garden")
    return page_channel(alice, "Bakery")


def opened(browser: Any, address: str) -> Any:
    answer = browser.get(f"/posts/new/?{address}")
    assert answer.status_code == 200
    return answer


def again(browser: Any, post: Post) -> Any:
    return opened(browser, f"post={post.public_id}")


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def chosen(answer: Any) -> set[str]:
    return answer.context["chosen"]


@pytest.mark.parametrize("state", ["sent", "failed", "canceled", "queued", "unconfirmed"])
def test_any_post_can_be_written_again(state, her, channel):
    post = delivery_in_state(channel, state).post
    assert "Write again" in her.get(post.get_absolute_url()).content.decode()
    form = again(her, post).context["form"]
    assert form["text"].value() == post.text and not form["again"].value()


def test_it_begins_with_all_of_it_but_its_time(her, alice, channel, page):
    texts, extras = {"facebook": "For friends."}, None
    at, media = timezone.now() + DAY, [(drawn(), "Red"), (drawn(), "Blue")]
    post = Post.objects.publish(
        alice, "For all.", [channel, page], at, texts=texts, extras=extras, media=media
    )
    answer = again(her, post)
    form = answer.context["form"]
    assert form["text"].value() == "For all." and form["text_facebook"].value() == "For friends."
    assert form["when"].value() == "now" and not form["at"].value()
    assert chosen(answer) == {str(channel.pk), str(page.pk)}
    assert [media.alt for media in form.pictures.media] == ["Red", "Blue"]
    sent = {
        "text": "For all.",
        "text_facebook": "For friends.",
        "channels": [str(channel.pk), str(page.pk)],
        "when": "now",
        "media": [str(media.public_id) for media in form.pictures.media],
    }
    her.post("/posts/", sent)
    new = Post.objects.first()
    assert (
        new != post and new.due_at is None and [m.alt for m in new.media.all()] == ["Red", "Blue"]
    )
    assert {d.state for d in post.deliveries.all()} == {"queued"} and post.media.count() == 2


def test_a_canceled_one_goes_where_it_was_to_go(her, alice, channel, page):
    post = Post.objects.publish(alice, "Both.", [channel, page], timezone.now() + DAY)
    post.cancel()
    assert chosen(again(her, post)) == {str(channel.pk), str(page.pk)}


def test_channels_that_are_gone_are_named(her, alice, channel, page):
    post = Post.objects.publish(alice, "Both.", [channel, page], timezone.now() + DAY)
    page.disconnect()
    answer = again(her, post)
    assert chosen(answer) == {str(channel.pk)} and "Bakery is left out" in said(answer)


def test_own_words_of_the_only_network_left_are_the_words(her, alice, channel):
    page = page_channel(alice)
    texts = {"x": "Short."}
    post = Post.objects.publish(alice, "Long.", [channel, page], texts=texts)
    page.connection.disconnect()
    assert again(her, post).context["form"]["text"].value() == "Short."


def test_pictures_that_are_not_kept_any_more_are_asked_for(her, alice, channel):
    post = Post.objects.publish(alice, "Look.", [channel], media=[drawn(), drawn()])
    gone = post.media.last()
    Media.objects.filter(pk=gone.pk).update(pruned_at=timezone.now())
    MediaBytes.objects.filter(media=gone).update(original=None)
    answer = again(her, post)
    assert len(answer.context["form"].pictures.media) == 1
    assert said(answer) == "Add the pictures again."


def test_nobody_writes_somebody_elses_again(client_for, bob, channel):
    post = publish(channel).post
    assert client_for(bob).get(f"/posts/new/?post={post.public_id}").status_code == 404
    assert client_for(bob).get("/posts/new/?post=nonsense").status_code == 200


# ── Changed, in place of what failed ──────────────────────────────────────────────────────────
@pytest.fixture
def both_failed(alice, channel, page) -> list[Delivery]:
    texts = {"facebook": "For friends."}
    post = Post.objects.publish(alice, "For all.", [channel, page], texts=texts)
    for delivery in post.deliveries.all():
        assert take(delivery)
        finish_send(delivery, ANSWERS_BY_STATE["failed"])
    sync_notices()
    return list(post.deliveries.order_by("id"))


def change(browser: Any, delivery: Delivery, channels: list[Any]) -> Any:
    places = [str(channel.pk) for channel in channels]
    fields = {"text": "Better.", "channels": places, "when": "now", "again": delivery.job_id}
    return browser.post("/posts/", fields)


def test_one_of_two_that_failed_begins_with_its_own_words(her, both_failed):
    one, two = both_failed
    answer = opened(her, f"again={two.job_id}")
    assert answer.context["form"]["text"].value() == "For friends."
    assert chosen(answer) == {str(two.channel_id)}
    change(her, two, [two.channel])
    assert [reloaded(d).state for d in (one, two)] == ["failed", "canceled"]
    [notice] = Notice.objects.open().filter(kind="failed")
    assert notice.count == 1
    change(her, one, [one.channel])
    assert not Notice.objects.open().filter(kind="failed").exists()


def test_all_that_failed_can_be_changed_at_once(her, both_failed):
    one, two = both_failed
    link = f"again={one.job_id}&all=1"
    page = her.get(one.post.get_absolute_url()).content.decode()
    assert link.replace("&", "&amp;") in page
    assert link.replace("&", "&amp;") in her.get("/notices/").content.decode()
    answer = opened(her, link)
    form = answer.context["form"]
    assert (form["text"].value(), form["text_facebook"].value()) == ("For all.", "For friends.")
    assert chosen(answer) == {str(one.channel_id), str(two.channel_id)}
    change(her, one, [one.channel, two.channel])
    assert [reloaded(d).replaced_by for d in (one, two)] == [Post.objects.first()] * 2
    assert not Notice.objects.open().filter(kind="failed").exists()


def test_what_failed_where_nothing_can_be_sent_any_more_is_settled_too(her, both_failed, alice):
    one, two = both_failed
    two.channel.disconnect()
    answer = opened(her, f"again={two.job_id}")
    assert "Bakery is left out" in said(answer)
    change(her, two, [one.channel])
    assert [reloaded(d).reason for d in (one, two)] == ["anew", "anew"]
    assert not Notice.objects.open().filter(kind="failed").exists()


def test_a_channel_connected_by_another_row_is_the_same_place(her, both_failed, alice):
    """Reached by another connection of the same person."""
    one, _ = both_failed
    account = one.account
    one.channel.connection.disconnect()
    back = x_channel(alice)
    assert back.account == account
    assert chosen(opened(her, f"again={one.job_id}")) == {str(back.pk)}
