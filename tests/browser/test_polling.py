"""A page that follows a post: it slows down, ends, keeps the focus and says each news once."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Response, expect

from project.jobs.models import Heartbeat
from publishing.models import Delivery, Post
from social.models import Channel
from tests.sandbox import Sandbox

from . import scenes
from .steps import delivery, publish

pytestmark = pytest.mark.browser
X, BAKERY, GARDEN = "Alice Example", "Alice's Bakery", "City Garden Club"


def polls_after(page: Page, seconds: int) -> Response:
    """Let the page's clock run; the answer that it then asked for."""
    with page.expect_response(lambda response: "/status/" in response.url) as asked:
        page.clock.run_for(seconds * 1000)
    expect(page.locator(".htmx-request, .htmx-settling, .htmx-swapping")).to_have_count(0)
    return asked.value


def pause_of(page: Page) -> int:
    trigger = page.locator(".deliveries > li").get_attribute("hx-trigger")
    return int(trigger.removeprefix("load delay:").removesuffix("s"))


def test_it_asks_every_second_then_less_often_and_stops_when_done(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    channel = scenes.connect_all(alice, sandbox)[X]
    page = window(alice)
    page.clock.install()
    page.goto(Post.objects.publish(alice, "Slowly", [channel]).get_absolute_url())
    pauses = []
    for _ in range(36):
        pauses.append(pause_of(page))
        polls_after(page, pauses[-1])
    assert pauses[:30] == [1] * 30 and set(pauses[30:]) <= {2, 3}, pauses
    expect(page.locator("#said")).to_be_empty()
    Delivery.objects.update(
        state="sent", remote_id="1", remote_url="https://x.com/alice/status/1", attempt=1
    )
    polls_after(page, pause_of(page))
    expect(page.locator("#said")).to_have_text(f"{X}, X: Sent")
    expect(page.get_by_role("button", name="Cancel this post")).to_have_count(0)
    asked = []
    page.on("request", lambda request: "/status/" in request.url and asked.append(request.url))
    page.clock.run_for(60_000)
    assert not asked


def test_it_never_asks_less_often_than_every_ten_seconds(
    client_for: Callable[[Any], Client], alice: Any, sandbox: Sandbox
):
    channel = scenes.connect_all(alice, sandbox)[X]
    job = Post.objects.publish(alice, "Very slowly", [channel]).deliveries.get()
    asked = f"/status/{job.job_id}?polls=100000"
    page = client_for(alice).get(asked, headers={"Accept": "text/html"}).content.decode()
    assert "delay:10s" in page


def test_many_rows_never_ask_in_the_same_instant(
    client_for: Callable[[Any], Client], alice: Any, sandbox: Sandbox
):
    scenes.forty_pages(scenes.connect_one(alice, sandbox, "facebook"))
    channels = list(Channel.objects.filter(network_name="facebook"))
    post = Post.objects.publish(alice, "Everywhere", channels)
    page = client_for(alice).get(post.get_absolute_url()).content.decode()
    delays = [int(said) for said in re.findall(r'"load delay:(\d+)ms"', page)]
    assert delays == [1000 + 50 * number for number in range(len(channels))]


def test_the_focus_and_what_is_open_stay(window: Callable[..., Page], alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    channels = scenes.connect_all(alice, sandbox)
    post = Post.objects.publish(alice, "Look here", [channels[BAKERY], channels[GARDEN]])
    limited = [("refused for now", "rate_limit")]
    for job in post.deliveries.all():
        job.attempts.create(number=1, text="Look here", outcome=limited[0][0], reason="rate_limit")
    post.deliveries.update(waiting_for="rate_limit", reason="rate_limit", attempt=1)
    page = window(alice)
    page.goto(post.get_absolute_url())
    item = delivery(page, GARDEN)
    item.locator("summary").click()
    cancel = item.get_by_role("button", name="Cancel")
    cancel.focus()
    for _ in range(3):
        with page.expect_response(lambda response: "/status/" in response.url):
            pass
    expect(cancel).to_be_focused()
    expect(item.locator("details")).to_have_attribute("open", "")


def test_the_page_says_when_no_worker_is_there(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.connect_all(alice, sandbox)
    scenes.worker_is_there()
    page = window(alice)
    publish(page, "Anybody?", X)
    expect(page.get_by_text("No worker is running")).to_have_count(0)
    Heartbeat.objects.all().delete()
    expect(delivery(page, X)).to_contain_text("No worker is running")
    page.reload()
    expect(page.get_by_label("Worker")).to_contain_text("No worker is running")
