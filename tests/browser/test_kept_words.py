"""Words that a browser keeps until the server has them, and pictures that did not arrive: what a
person wrote is there again wherever they look for it, or they are told what to do."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from publishing.models import Draft, Post
from social.models import Channel
from tests.pictures import drawn
from tests.sandbox import Sandbox

from . import scenes
from .steps import sign_in
from .test_pictures import file
from .trouble import answering

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]
WORDS = "Nobody shall lose this."
BEACH = file("beach.jpg", drawn((900, 600)))


@pytest.fixture
def page(hers: BrowserContext, alice: Any, sandbox: Sandbox) -> Page:
    """Alice's composer."""
    scenes.worker_is_there()
    scenes.connect_one(alice, sandbox, "x")
    page = hers.new_page()
    page.goto("/posts/new/")
    return page


def cut(page: Page) -> None:
    """No draft of this page reaches the server."""
    page.route("**/drafts/*/", lambda route: route.abort())


def write_down(page: Page, text: str) -> None:
    with page.expect_response("**/posts/lengths/"):
        page.get_by_label("Your post").fill(text)


def test_a_picture_that_did_not_arrive_is_never_left_out_unsaid(page: Page):
    write_down(page, WORDS)
    for status, said in ((502, "could not do that just now"), (200, "No answer came")):
        page.route("**/posts/pictures/", answering(status))
        page.get_by_label("Add pictures").set_input_files([BEACH])
        expect(page.locator("#pictures .failure")).to_contain_text(said)
        page.unroute("**/posts/pictures/")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("Not sent yet: a picture has not arrived.")).to_be_visible()
        page.get_by_role("button", name="Try again: beach.jpg").click()
        expect(page.locator(".pictures .thumb")).to_have_count(1)
        page.get_by_role("button", name="Remove picture 1").click()
        expect(page.locator(".pictures .thumb")).to_have_count(0)
    page.route("**/posts/", answering(503))
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The server failed while taking it, so it may have")).to_be_visible()
    page.unroute("**/posts/")
    page.route("**/posts/pictures/", answering(502))
    page.get_by_label("Add pictures").set_input_files([BEACH])
    expect(page.get_by_role("button", name="Try again: beach.jpg")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Not sent yet: a picture has not arrived.")).to_be_visible()
    page.get_by_role("button", name="Publish").click()  # without it, as was said
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()
    assert Post.objects.get().picture_count == 0


def test_pictures_that_do_not_come_back_at_once_are_not_lost(page: Page):
    cut(page)
    page.get_by_label("Add pictures").set_input_files([BEACH])
    expect(page.locator(".pictures .thumb")).to_have_count(1)
    page.route("**/posts/pictures/", answering(502))
    page.reload()
    expect(page.locator("#pictures .failure")).to_have_text(
        "The pictures did not come back. Load this page again."
    )
    write_down(page, WORDS)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Not sent yet: a picture has not arrived.")).to_be_visible()
    page.unroute("**/posts/pictures/")
    page.reload()
    expect(page.locator(".pictures .thumb")).to_have_count(1)
    expect(page.get_by_label("Your post")).to_have_value(WORDS)


def test_words_outlive_a_session_that_was_ended_elsewhere(hers: BrowserContext, page: Page):
    write_down(page, "Some")
    other = hers.new_page()
    other.goto("/posts/")
    other.locator("form[action$='/logout/']").first.evaluate("form => form.requestSubmit()")
    expect(other.get_by_role("link", name="Sign in").first).to_be_visible()
    write_down_unheard(page, WORDS)
    expect(page.locator("#saved")).to_contain_text("You are signed out: sign in again in another")
    page.get_by_role("button", name="Publish").click()
    sign_in(page, "alice")
    expect(page.get_by_label("Your post")).to_have_value(WORDS)
    expect(page.get_by_role("status").get_by_text("here again.", exact=False)).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("Saved")
    hers.clear_cookies()
    page.get_by_label("Add pictures").set_input_files([BEACH])
    expect(page.locator("#pictures .failure")).to_contain_text("You are signed out")
    other.goto("/accounts/login/")
    sign_in(other, "alice")
    page.get_by_role("button", name="Try again: beach.jpg").click()
    expect(page.locator(".pictures .thumb")).to_have_count(1)


def write_down_unheard(page: Page, text: str) -> None:
    page.get_by_label("Your post").fill(text)


@pytest.mark.parametrize("storage", ["full", "blocked"])
def test_a_page_that_cannot_keep_words_stays_with_them(
    hers: BrowserContext, page: Page, storage: str
):
    if storage == "blocked":
        page.add_init_script(BLOCK)
        page.reload()
    write_down(page, "Older words")
    expect(page.locator("#saved")).to_contain_text("Saved")
    if storage == "full":
        page.evaluate(
            "for (let size = 2 ** 23; size; size >>= 1) { try { while (true) { "
            "localStorage['other' + Math.random()] = 'x'.repeat(size) } } catch {} }"
        )
    hers.clear_cookies()
    write_down_unheard(page, WORDS * 40)
    expect(page.locator("#saved")).to_contain_text("You are signed out: sign in again")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("form.composer > .failure")).to_contain_text("You are signed out")
    write_down_unheard(page, WORDS)
    other = hers.new_page()
    other.goto("/accounts/login/")
    sign_in(other, "alice")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()
    assert Post.objects.get().text == WORDS


BLOCK = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError") } });
}"""


def test_words_of_an_open_window_are_nobody_elses(hers: BrowserContext, page: Page):
    cut(page)
    write_down(page, WORDS)
    twin = hers.new_page()
    twin.goto("/posts/new/")
    write_down(twin, "Other words")
    expect(twin.locator("#saved")).to_contain_text("Saved")
    page.close()
    twin.goto("/posts/new/")
    expect(twin.get_by_label("Your post")).to_have_value(WORDS)
    expect(twin.locator(".kept p")).to_have_text("What you had written is here again.")
    expect(twin.locator("#saved")).to_contain_text("Saved")
    assert sorted(d.fields["text"][0] for d in Draft.objects.all()) == [WORDS, "Other words"]
    twin.goto("/posts/new/")
    expect(twin.get_by_label("Your post")).to_have_value("")


def test_words_of_other_pages_come_back_where_a_post_begins(
    hers: BrowserContext, page: Page, alice: Any
):
    page.evaluate(
        """() => {
        const key = `fanfare:${document.body.dataset.person}:/posts/new/:old`;
        for (const one of [key, "fanfare:somebody:/posts/new/:old"]) {
          localStorage[one] = JSON.stringify({ at: 1, fields: [["text", "Long ago"]] });
        }
        }"""
    )
    at = timezone.now() + timedelta(days=5)
    post = Post.objects.publish(alice, "A tpyo.", list(Channel.objects.of(alice)), at)
    page.goto(f"{post.get_absolute_url()}edit/")
    cut(page)
    write_down(page, WORDS)
    page.close()  # which may have saved it still
    assert post.cancel()  # and so nobody can edit it any more
    page = hers.new_page()
    page.goto("/posts/new/")
    expect(page.get_by_label("Your post")).to_have_value(WORDS)
    assert "Long ago" not in page.evaluate("JSON.stringify(localStorage)")
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert Draft.objects.get().fields["text"] == [WORDS]
    page.reload()
    expect(page.get_by_label("Your post")).to_have_value(WORDS)
