"""A channel that its person stops using: what that costs is said, asked, and can be undone."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from publishing.models import Delivery, Notice, Post
from publishing.notices.sync import sync_notices
from social.models import Channel
from tests.publishing.factories import let_time_pass, page_channel, publish, reloaded

DAY = timedelta(days=1)


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def page(alice):
    """One of two Pages of hers, so that the connection stays."""
    other = page_channel(alice, "Garden")
    channel = page_channel(alice, "Bakery")
    used = {"disconnected_at": None, "chosen_at": timezone.now(), "blocked_reason": ""}
    Channel.objects.filter(pk=other.pk).update(**used)
    return Channel.objects.select_related("connection").get(pk=channel.pk)


def stop(browser, channel, **more):
    return browser.post(f"/channels/{channel.pk}/disconnections/", more)


def undo(browser, channel):
    return browser.post(f"/channels/{channel.pk}/returns/")


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def states(*deliveries: Delivery) -> list[str]:
    return [reloaded(delivery).state for delivery in deliveries]


def test_it_is_asked_first_and_says_which_posts(her, page):
    waiting = [publish(page, f"Loaf {n}.", at=timezone.now() + n * DAY) for n in range(1, 8)]
    question = stop(her, page)
    words = question.content.decode()
    assert question.status_code == 200 and "7 posts will not go out there" in words
    assert "Loaf 1." in words and "Loaf 6." not in words and "and 2 more" in words
    assert set(states(*waiting)) == {"queued"}
    publish(page, "One more.", at=timezone.now() + DAY)
    assert "8 posts" in stop(her, page, sure="7").content.decode()  # more than was seen
    answer = stop(her, page, sure="8")
    assert answer.status_code == 302 and "8 posts will not go out there" in said(answer)
    assert set(states(*waiting)) == {"canceled"}


def test_where_nothing_waits_nothing_is_asked(her, page):
    assert stop(her, page).status_code == 302
    assert not Channel.objects.chosen().filter(pk=page.pk).exists()


def test_it_is_told_in_the_list_the_channels_and_a_notice(her, page, channel, alice):
    at = timezone.now() + DAY
    Post.objects.publish(alice, "To both.", [page, channel], at)
    stop(her, page, sure="1")
    listed = her.get("/posts/").content.decode()
    assert "Scheduled" in listed and "Not on Bakery: you stopped using it" in listed
    assert "1 post will not go out there" in her.get("/channels/").content.decode()
    sync_notices()
    [notice] = Notice.objects.open()
    assert (notice.kind, notice.count, notice.mail_at) == ("stopped", 1, None)
    assert "1 post will not go out" in her.get("/notices/").content.decode()
    undo(her, page)
    sync_notices()
    assert not Notice.objects.open().exists()


def test_undo_brings_back_exactly_those(her, page):
    by_hand = publish(page, "Canceled before.", at=timezone.now() + DAY)
    by_hand.cancel()
    long_ago = publish(page, "Of an earlier time.", at=timezone.now() + DAY)
    Delivery.objects.filter(pk=long_ago.pk).update(
        state="canceled",
        waiting_for="",
        reason="channel_gone",
        finished_at=timezone.now() - DAY,
    )
    wanted = publish(page, "Wanted.", at=timezone.now() + 2 * DAY)
    past = publish(page, "Its time goes by.", at=timezone.now() + timedelta(minutes=5))
    due = reloaded(wanted).due_at
    stop(her, page, sure="2")
    Delivery.objects.filter(pk=past.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    answer = undo(her, page)
    assert "1 post came back" in said(answer) and "1 post did not come back" in said(answer)
    assert states(by_hand, long_ago, past, wanted) == ["canceled"] * 3 + ["queued"]
    assert (reloaded(wanted).due_at, reloaded(wanted).waiting_for) == (due, "time")
    assert Channel.objects.chosen().filter(pk=page.pk).exists()
    assert "0 posts came back" in said(undo(her, page))
    assert states(by_hand, long_ago, past, wanted) == ["canceled"] * 3 + ["queued"]


def test_what_comes_back_is_sent_with_the_token_of_a_new_look(
    bakery, alice, her, sandbox, run_jobs
):
    other = {"remote_id": "610000000000002", "name": "Garden", "network_name": "facebook"}
    bakery.connection.channels.create(chosen_at=timezone.now(), **other)
    delivery = publish(bakery, "It comes back.", at=timezone.now() + timedelta(hours=1))
    stop(her, bakery, sure="1")
    assert Channel.objects.get(pk=bakery.pk).token_sealed == ""
    undo(her, bakery)
    run_jobs(until=timezone.now() + timedelta(minutes=5))
    assert Channel.objects.get(pk=bakery.pk).state == "works"
    let_time_pass(minutes=61)
    run_jobs()
    assert states(delivery) == ["sent"]


def test_an_edited_post_comes_back_as_edited_or_not_at_all(her, alice, page, channel):
    at = timezone.now() + DAY
    post = Post.objects.publish(alice, "First words.", [page, channel], at)
    mine = post.deliveries.get(channel=channel)
    mine.cancel()
    Delivery.objects.filter(pk=mine.pk).update(reason="channel_gone", finished_at=timezone.now())
    Channel.objects.filter(pk=channel.pk).update(stopped_at=timezone.now() - DAY)
    later = timezone.now() + 3 * DAY
    assert Post.objects.get(pk=post.pk).edit("a" * 400, later, "UTC")
    assert "1 post did not come back" in said(undo(her, channel))
    assert Post.objects.get(pk=post.pk).edit("Other words.", later, "UTC")
    assert "1 post came back" in said(undo(her, channel))
    back = reloaded(mine)
    assert (back.content, back.due_at) == ("Other words.", later)


def test_disconnecting_all_of_it_is_asked_with_the_total(her, page, alice):
    garden = Channel.objects.get(name="Garden")
    Post.objects.publish(alice, "To both.", [page, garden], timezone.now() + DAY)
    publish(page, "To one.", at=timezone.now() + DAY)
    address = f"/channels/connections/{page.connection_id}/disconnections/"
    assert "2 posts will not go out there" in her.post(address).content.decode()
    assert "2 posts will not go out there" in said(her.post(address, {"sure": "2"}))
    assert not Channel.objects.chosen().exists()
    assert "Connect Facebook again first" in said(undo(her, page))


def test_pausing_says_what_waits(her, page):
    publish(page, at=timezone.now() + DAY)
    answer = her.post(f"/channels/{page.pk}/pauses/")
    assert "1 post waits there until you resume it" in said(answer)
    assert "Waits on Bakery: paused" in her.get("/posts/").content.decode()


def test_nobody_undoes_for_somebody_else(page, her, client_for, bob):
    delivery = publish(page, at=timezone.now() + DAY)
    stop(her, page, sure="1")
    assert undo(client_for(bob), page).status_code == 404
    assert states(delivery) == ["canceled"]


# ── What is left of such a post can be changed ────────────────────────────────────────────────
@pytest.mark.parametrize("how", ["stopped", "canceled"])
def test_the_rest_can_be_edited(how, her, alice, page, channel):
    at = timezone.now() + 22 * DAY
    post = Post.objects.publish(alice, "A tpyo.", [page, channel], at)
    if how == "stopped":
        stop(her, page, sure="1")
    else:
        post.deliveries.get(channel=page).cancel()
    her.get("/channels/")  # where it was told
    form = her.get(f"/posts/{post.public_id}/edit/")
    assert form.context["chosen"] == {str(channel.pk)}
    assert ("Bakery" in form.content.decode()) is (how == "canceled")  # to be chosen again
    answer = her.post(f"/posts/{post.public_id}/edit/", {"text": "A typo.", "when": "now"})
    assert answer.status_code == 302 and said(answer) == "Changed."
    rows = {d.channel_id: reloaded(d) for d in post.deliveries.all()}
    assert rows[channel.pk].content == "A typo." and rows[channel.pk].waiting_for == ""
    assert rows[page.pk].state == "canceled"


def test_when_all_of_it_is_canceled_that_is_what_is_said(her, page):
    delivery = publish(page, at=timezone.now() + DAY)
    delivery.cancel()
    answer = her.get(f"/posts/{delivery.post.public_id}/edit/")
    her.get("/posts/")
    assert said(answer) == "It was canceled: there is nothing left to change."
    answer = her.post(f"/posts/{delivery.post.public_id}/cancellations/")
    assert said(answer) == "It is canceled already."


def test_the_own_words_of_the_only_one_left_stay_its_own(her, alice, page, channel):
    texts = {"facebook": "For Facebook."}
    at = timezone.now() + DAY
    post = Post.objects.publish(alice, "For X.", [page, channel], at, texts=texts)
    post.deliveries.get(channel=channel).cancel()
    assert "For Facebook." in her.get(f"/posts/{post.public_id}/edit/").content.decode()
    said_now = {"text": "For X.", "text_facebook": "Only here.", "when": "now"}
    her.post(f"/posts/{post.public_id}/edit/", said_now)
    assert post.deliveries.get(channel=page).content == "Only here."


def test_a_post_that_its_person_canceled_does_not_come_back_with_its_channel(
    her, page, channel, alice
):
    post = Post.objects.publish(alice, "To both.", [page, channel], timezone.now() + DAY)
    alone = publish(page, "Only there.", at=timezone.now() + DAY)
    stop(her, page, sure="2")
    for canceled in (post, alone.post):
        her.post(f"/posts/{canceled.public_id}/cancellations/")
    assert "You stopped using" not in her.get("/channels/").content.decode()
    assert "0 posts came back" in said(undo(her, page))
    assert set(states(alone, *post.deliveries.all())) == {"canceled"}


def test_what_was_said_anew_elsewhere_does_not_come_back_with_its_channel(her, page):
    """Used again by ticking it, and the post written anew: then Undo is offered no more."""
    old = publish(page, "Old words.", at=timezone.now() + DAY)
    stop(her, page, sure="1")
    Channel.objects.filter(pk=page.pk).update(disconnected_at=None, chosen_at=timezone.now())
    said_anew = {"text": "New words.", "channels": [str(page.pk)], "again": old.job_id}
    at = f"{timezone.now() + DAY:%Y-%m-%dT%H:%M}"
    assert her.post("/posts/", said_anew | {"when": "later", "at": at}).status_code == 302
    assert (reloaded(old).reason, reloaded(old).replaced_by.text) == ("anew", "New words.")
    undo(her, page)
    assert [row.post.text for row in Delivery.objects.queued()] == ["New words."]


def test_what_was_never_stopped_is_not_brought_back(her, page):
    """Nor chosen by that, where it may not be posted to."""
    Channel.objects.filter(pk=page.pk).update(chosen_at=None, missing_permissions=["page_role"])
    assert "You have not stopped using Bakery" in said(undo(her, page))
    assert not Channel.objects.chosen().filter(pk=page.pk).exists()
