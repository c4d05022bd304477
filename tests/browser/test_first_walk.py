"""What a person does with Fanfare, by clicking, against the make-believe networks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from publishing.models import Delivery, Post
from social.models import Channel, Connection
from tests.environment import NETWORKS_URL
from tests.sandbox import Sandbox
from tests.waiting import eventually

from . import scenes
from .steps import (
    SOON,
    connect_facebook,
    connect_x,
    decide,
    delivery,
    expect_state,
    publish,
    sign_up,
    write,
)

pytestmark = pytest.mark.browser
TEXT = "Hello & <b>hi</b> https://example.com/a"
X, BAKERY, GARDEN = "Alice Example", "Alice's Bakery", "City Garden Club"


def test_from_signing_up_to_two_sent_posts(
    window: Callable[..., Page], worker: Any, sandbox: Sandbox
):
    page = window()
    sign_up(page, "alice")
    page.get_by_role("link", name="Connect a channel").click()
    connect_x(page)
    expect(page.get_by_text("X is connected.")).to_be_visible()
    connect_facebook(page)
    page.get_by_role("checkbox", name=GARDEN).uncheck(timeout=SOON)
    page.get_by_role("button", name="Use these Pages").click()
    page.get_by_role("link", name="Write a post").click()
    publish(page, TEXT)
    for name in (X, BAKERY):
        expect_state(page, name, "Sent")
        with page.context.expect_page() as opened:
            delivery(page, name).get_by_role("link", name="See it on").click()
        expect(opened.value.locator("body")).to_contain_text("Hello & <b>hi</b>")
        assert opened.value.url.startswith(NETWORKS_URL)  # behind TLS, as all of connecting was
        opened.value.close()
    tweet, page_post = sandbox.truth("x"), sandbox.truth("facebook")
    assert len(tweet) == len(page_post) == 1
    assert page_post[0]["text"] == TEXT
    assert tweet[0]["text"].startswith("Hello & <b>hi</b> https://")
    page.reload()
    expect_state(page, X, "Sent")
    assert len(sandbox.truth()) == 2


def test_the_demo_person_writes_within_a_minute(
    window: Callable[..., Page], worker: Any, sandbox: Sandbox, settings: Any
):
    settings.DEBUG = True
    page = window()
    page.goto("/")
    page.get_by_role("button", name="Look around as a demo person").click()
    page.get_by_role("link", name="Write a post").click(timeout=SOON)
    networks = {"x", "facebook", "bluesky", "mastodon"}  # a job connects one after the other
    chosen = Channel.objects.chosen()
    assert eventually(lambda: networks <= set(chosen.values_list("network_name", flat=True)))
    publish(page, "Hello from the demo")
    for chip in page.locator(".deliveries .chip").all():
        expect(chip).to_have_text("Sent", timeout=SOON)
    assert {post["network"] for post in sandbox.truth()} == networks


def test_a_post_for_later_is_edited_moved_and_canceled(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice, timezone_id="Europe/Berlin", locale="de-DE")
    write(page, "Tomorrow")
    expect(page.get_by_label("Date and time")).to_be_hidden()
    page.get_by_label("At a time").check()
    expect(page.get_by_text("Europe/Berlin time")).to_be_visible()  # nobody but the browser said so
    later = timezone.now() + timedelta(days=3)
    page.get_by_label("Date and time").fill(f"{later:%Y-%m-%d}T09:30")
    page.get_by_role("button", name="Schedule").click()
    expect_state(page, X, "Scheduled", "09:30")
    page.get_by_role("link", name="Edit or move").click()
    expect(page.get_by_label("Date and time")).to_have_value(f"{later:%Y-%m-%d}T09:30")
    expect(page.get_by_text("Europe/Berlin time")).to_be_visible()
    page.get_by_label("Your post").fill("The day after")
    page.get_by_label("Date and time").fill(f"{later:%Y-%m-%d}T17:45")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".post-text")).to_have_text("The day after")
    expect_state(page, X, "Scheduled", "17:45")
    delivery(page, GARDEN).get_by_role("button", name="Cancel").click()
    expect_state(page, GARDEN, "Canceled")
    page.get_by_role("button", name="Cancel what still waits").or_(
        page.get_by_role("button", name="Cancel this post")
    ).click()
    expect_state(page, X, "Canceled")
    expect_state(page, BAKERY, "Canceled")
    page.get_by_role("link", name="Posts", exact=True).first.click()
    expect(page.locator(".posts .chip")).to_have_text("Canceled")


def test_a_text_that_is_too_long_is_told_twice_and_kept(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page, text = window(alice), "Bread " * 50
    write(page, text)
    expect(page.locator(".counter.over")).to_contain_text("X: 299 of 280, too long")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("Too long for X: 299 of 280 characters.")
    expect(page.get_by_label("Your post")).to_have_value(text)
    assert not Post.objects.exists()
    page.get_by_label(X).uncheck()
    expect(page.locator(".counter")).to_have_count(1)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".post-text")).to_be_visible()
    assert [d.network_name for d in Delivery.objects.all()] == ["facebook", "facebook"]


def test_a_double_click_the_back_button_and_two_windows(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice)
    page.goto("/posts/")  # brings the cookies that let the browser go back to the page it had
    write(page, "Once")
    page.get_by_role("button", name="Publish").dblclick()
    expect(page.locator(".post-text")).to_have_text("Once")
    assert Post.objects.count() == 1
    page.reload()
    page.go_back()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".post-text")).to_have_text("Once")
    assert Post.objects.count() == 1
    other = page.context.new_page()
    other.route("**/status/**", lambda route: route.abort())  # it has not asked again yet
    other.goto(page.url)
    page.get_by_role("button", name="Cancel this post").click()
    expect_state(page, X, "Canceled")
    other.get_by_role("link", name="Edit or move").click()
    expect(other.get_by_text("It was canceled: there is nothing left to change.")).to_be_visible()
    expect_state(other, X, "Canceled")


def test_what_each_trouble_looks_like(
    window: Callable[..., Page], alice: Any, worker: Any, sandbox: Sandbox
):
    scenes.connect_all(alice, sandbox)
    page = window(alice)
    sandbox.arm("x.429.window")
    publish(page, "Too many", X)
    expect_state(page, X, "Waiting", "X is limiting us; next try")
    sandbox.arm("fb.100")
    publish(page, "Odd", BAKERY)
    expect_state(page, BAKERY, "Failed", "Change the text")
    page.get_by_role("link", name="Change it and publish anew").click()
    expect(page.get_by_label("Your post")).to_have_value("Odd")
    page.get_by_label("Your post").fill("Even")
    page.get_by_role("button", name="Publish").click()
    expect_state(page, BAKERY, "Sent")
    assert [post["text"] for post in sandbox.truth("facebook")] == ["Even"]


def test_the_three_answers_to_we_do_not_know(
    window: Callable[..., Page], alice: Any, worker: Any, sandbox: Sandbox
):
    scenes.connect_all(alice, sandbox)
    page = window(alice)
    sandbox.arm("fb.1.after")
    publish(page, "Found by itself", BAKERY)
    expect_state(page, BAKERY, "Checking", "may or may not be there")
    expect_state(page, BAKERY, "Sent")
    sandbox.change("visibility_lag", ms=3_600_000)  # nothing to be seen for now
    sandbox.arm("fb.1.after")
    publish(page, "Is it there?", BAKERY)
    expect_state(page, BAKERY, "Checking", "may or may not be there")
    decide(page, BAKERY)
    page.get_by_label("It is there: paste its link").fill("nonsense")
    page.get_by_role("button", name="It is there").click()
    expect(page.get_by_text("That is not the link of a Facebook post")).to_be_visible()
    there = sandbox.truth("facebook")[0]["id"]
    decide(page, BAKERY)
    page.get_by_label("It is there: paste its link").fill(there)
    page.get_by_role("button", name="It is there").click()
    expect_state(page, BAKERY, "Sent")
    sandbox.arm("fb.1.before")
    publish(page, "And this?", BAKERY)
    expect_state(page, BAKERY, "Checking")
    decide(page, BAKERY)
    page.get_by_role("button", name="send again").click()
    expect_state(page, BAKERY, "Sent")
    sandbox.arm("fb.1.before")
    publish(page, "Never mind", BAKERY)
    expect_state(page, BAKERY, "Checking")
    decide(page, BAKERY)
    page.get_by_role("button", name="Drop it").click()
    expect_state(page, BAKERY, "Canceled", "You dropped it")
    there = [post["text"] for post in sandbox.truth("facebook")]
    assert there == ["And this?", "Is it there?", "Found by itself"]


def test_pausing_holding_resuming_and_disconnecting(
    window: Callable[..., Page], alice: Any, worker: Any, sandbox: Sandbox
):
    scenes.connect_all(alice, sandbox)
    page = window(alice)
    page.goto("/channels/")
    page.get_by_role("button", name=f"Pause {X}").click()
    publish(page, "Patience", X)
    expect_state(page, X, "Paused")
    three_hours_ago = timezone.now() - timedelta(hours=3)
    Delivery.objects.update(due_at=three_hours_ago)
    page.get_by_role("link", name="Go to channels").click()
    page.get_by_role("button", name=f"Resume {X}").click()
    expect(page.get_by_role("button", name=f"Pause {X}")).to_be_visible()
    page.goto(Post.objects.get().get_absolute_url())
    expect_state(page, X, "Held", "more than two hours late")
    page.get_by_role("button", name="Send now").click()
    expect_state(page, X, "Sent")
    page.goto("/channels/")
    page.get_by_role("button", name=f"Pause {GARDEN}").click()
    publish(page, "Never", GARDEN)
    expect_state(page, GARDEN, "Paused")
    page.goto("/channels/")
    page.locator("summary", has_text="Disconnect Facebook").click()
    page.get_by_role("button", name=f"Disconnect {X}").locator("visible=true").click()
    expect(page.get_by_text("1 post will not go out there:")).to_be_visible()
    page.get_by_role("button", name="Disconnect it, and cancel it there").click()
    expect(page.get_by_text("is disconnected.")).to_be_visible()
    page.goto(Post.objects.first().get_absolute_url())
    expect_state(page, GARDEN, "Canceled", "This channel was disconnected.")


def test_a_killed_token_is_made_good_by_reconnecting(
    window: Callable[..., Page], alice: Any, worker: Any, sandbox: Sandbox
):
    scenes.connect_one(alice, sandbox, "x")
    page = window(alice)
    sandbox.change("revoke", user="alice", network="x")
    publish(page, "Still here", X)
    expect_state(page, X, "Needs reconnecting", "Reconnect it.")
    page.get_by_role("link", name="Go to channels").click()
    connect_x(page, "Reconnect")
    expect(page.get_by_text("Works")).to_be_visible()
    page.goto(Post.objects.get().get_absolute_url())
    expect_state(page, X, "Sent")
    assert Connection.objects.count() == Channel.objects.count() == len(sandbox.truth("x")) == 1


def tab_to(wanted: Locator, key: str = "Tab") -> None:
    """Raises when it is farther away than anybody would go."""
    for _ in range(12):
        wanted.page.keyboard.press(key)
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached")


def test_writing_with_the_keyboard_alone(window: Callable[..., Page], alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice)
    page.goto("/posts/new/")
    page.keyboard.type("By keys")  # the text has the focus from the start
    tab_to(page.get_by_role("checkbox", name=BAKERY), "Shift+Tab")
    page.keyboard.press("Space")  # not to this one
    tab_to(page.get_by_role("button", name="Publish"))
    page.keyboard.press("Enter")
    expect(page.locator(".post-text")).to_have_text("By keys")
    assert sorted(d.channel.name for d in Delivery.objects.all()) == [X, GARDEN]
    page.goto("/posts/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
