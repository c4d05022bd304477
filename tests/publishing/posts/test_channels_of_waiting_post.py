"""Channels that a post gets, or loses, while it waits: in one step with the edit, and once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from publishing.models import Delivery, Post
from social.models import Channel
from tests.publishing.factories import jobs_of, let_time_pass, page_channel, reloaded, x_channel
from tests.racing import run_at_once

DAY = timedelta(days=1)


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def page(alice, channel) -> Channel:
    return page_channel(alice)


@pytest.fixture
def post(alice, channel) -> Post:
    return Post.objects.publish(alice, "Soon.", [channel], timezone.now() + DAY)


def edit(browser: Any, post: Post, channels: list[Channel], had: list[Channel], **more: Any):
    fields = {
        "text": "Soon.",
        "when": "later",
        "at": f"{post.due_at:%Y-%m-%dT%H:%M}",
        "moment": post.due_at.isoformat(),
        "channels": [str(channel.pk) for channel in channels],
        "had": [str(channel.pk) for channel in had],
    }
    return browser.post(f"/posts/{post.public_id}/edit/", fields | more)


def states(post: Post) -> dict[str, str]:
    return {d.network_name: d.state for d in Delivery.objects.filter(post=post)}


def test_the_page_shows_where_it_goes_and_where_it_could(her, post, channel, page):
    answer = her.get(f"/posts/{post.public_id}/edit/")
    assert answer.context["chosen"] == {str(channel.pk)}
    html = answer.content.decode()
    assert f'name="had" value="{channel.pk}"' in html and f'value="{page.pk}">' in html
    assert [counter.label for counter in answer.context["counters"]] == ["X"]


def test_one_more_goes_at_the_posts_time(her, post, channel, page):
    assert edit(her, post, [channel, page], [channel]).status_code == 302
    new = post.deliveries.get(channel=page)
    assert (new.state, new.waiting_for, new.due_at) == ("queued", "time", post.due_at)
    assert new.next_attempt_at == post.due_at and new.account == page.account
    assert jobs_of(new) and reloaded(new).woken_at


def test_what_was_added_is_sent_once(x, bakery, alice, client_for, sandbox, run_jobs):
    at = timezone.now() + timedelta(hours=1)
    post = Post.objects.publish(alice, "Soon.", [x], at)
    edit(client_for(alice), post, [x, bakery], [x], text="To both.")
    let_time_pass(minutes=61)
    run_jobs()
    assert [row["text"] for row in sandbox.truth()] == ["To both."] * 2


def test_one_that_is_taken_away_does_not_go(her, alice, channel, page):
    post = Post.objects.publish(alice, "Soon.", [channel, page], timezone.now() + DAY)
    edit(her, post, [channel], [channel, page])
    assert states(post) == {"x": "queued", "facebook": "canceled"}


def test_it_comes_back_when_it_is_chosen_again(her, alice, channel, page):
    post = Post.objects.publish(alice, "Soon.", [channel, page], timezone.now() + DAY)
    post.deliveries.get(channel=page).cancel()
    edit(her, post, [channel, page], [channel], at=f"{post.due_at + DAY:%Y-%m-%dT%H:%M}")
    post.refresh_from_db()
    assert states(post) == {"x": "queued", "facebook": "queued"}
    assert {d.due_at for d in post.deliveries.all()} == {post.due_at}


def test_own_words_and_all_else_reach_the_new_one(her, post, channel, page):
    edit(her, post, [channel, page], [channel], text="For all.", text_facebook="For friends.")
    assert Delivery.objects.get(post=post, channel=page).content == "For friends."
    assert Delivery.objects.get(post=post, channel=channel).content == "For all."


def test_what_nobody_touched_in_the_page_stays(her, alice, channel, page):
    """Canceled in another window: the page still shows it ticked."""
    post = Post.objects.publish(alice, "Soon.", [channel, page], timezone.now() + DAY)
    post.deliveries.get(channel=page).cancel()
    edit(her, post, [channel, page], [channel, page], text="Changed.")
    assert states(post) == {"x": "queued", "facebook": "canceled"}
    post.refresh_from_db()
    assert post.text == "Changed."


def test_a_page_without_channels_changes_none(her, post):
    fields = {"text": "Only words.", "when": "now"}
    her.post(f"/posts/{post.public_id}/edit/", fields)
    assert states(post) == {"x": "queued"}


def test_none_at_all_is_refused_and_nothing_changes(her, post, channel):
    answer = edit(her, post, [], [channel], text="Changed.")
    assert "Choose at least one channel" in answer.content.decode()
    assert states(post) == {"x": "queued"} and Post.objects.get().text == "Soon."


def test_the_limits_of_the_new_ones_count(her, alice, channel, page):
    post = Post.objects.publish(alice, "a" * 400, [page], timezone.now() + DAY)
    answer = edit(her, post, [channel, page], [page], text="a" * 400)
    assert "Too long for X" in answer.content.decode()
    assert str(channel.pk) in answer.context["chosen"]
    assert states(post) == {"facebook": "queued"}


def test_what_was_tried_there_does_not_go_twice(her, alice, channel, page):
    post = Post.objects.publish(alice, "Soon.", [channel, page], timezone.now() + DAY)
    there = post.deliveries.get(channel=page)
    there.cancel()
    Delivery.objects.filter(pk=there.pk).update(attempt=1)
    answer = edit(her, post, [channel, page], [channel], text="Changed.")
    assert "it was tried there before" in answer.content.decode()
    assert states(post)["facebook"] == "canceled" and Post.objects.get().text == "Soon."


def test_nobody_adds_somebody_elses(her, post, channel, bob):
    his = x_channel(bob, "bob")
    edit(her, post, [channel, his], [channel])
    assert post.deliveries.count() == 1
    with pytest.raises(ValidationError):
        post.edit("Soon.", post.due_at, "UTC", channels=[channel, his])
    assert post.deliveries.count() == 1


def test_one_more_place_of_what_goes_at_once_is_due_at_once(alice, channel, page):
    post = Post.objects.publish(alice, "Now.", [channel])
    assert post.edit("Now.", None, "UTC", channels=[channel, page])
    new = post.deliveries.get(channel=page)
    assert new.state == "queued" and new.due_at <= timezone.now()


# ── In two windows ────────────────────────────────────────────────────────────────────────────
def test_the_second_window_sees_what_the_first_did(her, post, channel, page):
    edit(her, post, [channel, page], [channel], seen="first")
    again = edit(her, post, [channel, page], [channel], seen="first")
    assert again.status_code == 302  # the same: a second click
    other = edit(her, post, [channel], [channel], seen="first", text="Other words.")
    assert other.status_code == 409 and states(post) == {"x": "queued", "facebook": "queued"}


def test_another_place_under_the_same_words_is_a_conflict_too(her, post, channel, page):
    edit(her, post, [channel], [channel], seen="first")
    answer = edit(her, post, [channel, page], [channel], seen="first")
    assert answer.status_code == 409 and states(post) == {"x": "queued"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seen", ["first", None])
def test_at_once_it_is_added_once(alice, channel, page, seen):
    for number in range(4):
        post = Post.objects.publish(alice, f"{number}", [channel], timezone.now() + DAY)

        def add(post: Post = post, number: int = number) -> bool:
            mine = Post.objects.get(pk=post.pk)
            both = list(Channel.objects.of(alice))
            return mine.edit(f"{number}", mine.due_at, "UTC", seen=seen, channels=both)

        assert run_at_once(add, add) == [True, True]
        assert states(post) == {"x": "queued", "facebook": "queued"}


@pytest.mark.django_db(transaction=True)
def test_added_and_taken_away_at_once_one_wins(alice, channel, page):
    for number in range(4):
        at = timezone.now() + DAY
        post = Post.objects.publish(alice, f"{number}", [channel], at)

        def change(places: list[Channel], post: Post = post, number: int = number) -> str:
            try:
                Post.objects.get(pk=post.pk).edit(
                    f"{number}", post.due_at, "UTC", seen="first", channels=places
                )
                return "done"
            except ValidationError as error:
                return error.code

        answers = run_at_once(lambda: change([page]), lambda: change([channel, page]))
        assert sorted(answers) == ["changed", "done"]
        gone = {"x": "canceled", "facebook": "queued"}
        assert states(post) == (gone if answers[0] == "done" else dict.fromkeys(gone, "queued"))
