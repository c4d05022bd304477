"""What is written is saved a second after the last letter, and what became of it is said."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from publishing.models import Draft, DraftVersion, Post
from social.models import Channel
from tests.hazards.stage import eventually
from tests.sandbox import Sandbox

from . import scenes

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]
OURS = "Ours 😀"
SOON_SECONDS = 30


@pytest.fixture
def page(hers: BrowserContext, alice: Any, sandbox: Sandbox) -> Page:
    """Alice's composer."""
    scenes.worker_is_there()
    scenes.connect_one(alice, sandbox, "x")
    page = hers.new_page()
    page.goto("/posts/new/")
    return page


def write(page: Page, text: str) -> None:
    page.get_by_label("Your post").fill(text)


def expect_saved(page: Page, text: str) -> None:
    assert eventually(lambda: text_at_server(draft_id(page)) == [text], SOON_SECONDS)
    expect(page.locator("#saved")).to_contain_text("Saved ")


def text_at_server(id: str) -> list[str]:
    draft = Draft.objects.filter(public_id=id).first()
    return draft.fields["text"] if draft else []


def draft_id(page: Page) -> str:
    return page.locator("[name=submit_key]").input_value()


def kept(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('fanfare:'))")


def test_a_draft_from_its_first_letters_to_its_post(page: Page):
    write(page, "  ")
    page.wait_for_timeout(1300)
    assert not Draft.objects.exists() and not kept(page)
    write(page, OURS)
    assert kept(page)
    expect_saved(page, OURS)
    assert page.url.endswith(f"/drafts/{draft_id(page)}/") and not kept(page)
    page.reload()
    expect(page.get_by_label("Your post")).to_have_value(OURS)
    write(page, f"{OURS}!")
    with page.expect_request("**/drafts/*/", timeout=900):  # sooner than by itself
        page.keyboard.press("Control+s")
    expect_saved(page, f"{OURS}!")
    write(page, f"{OURS}!!")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()
    page.wait_for_timeout(1200)
    assert Post.objects.get().text == f"{OURS}!!" and not kept(page)
    assert not Draft.objects.live().exists()


def test_back_says_at_once_what_became_of_it(hers: BrowserContext, page: Page):
    """Where the browser brings the page as it was left, which Playwright's never does."""
    write(page, OURS)
    expect_saved(page, OURS)
    other = hers.new_page()
    other.goto(page.url)
    write(other, f"{OURS}!")
    expect_saved(other, f"{OURS}!")
    come_back(page)
    expect(page.get_by_label("Your post")).to_have_value(f"{OURS}!")
    expect(page.locator("#conflict")).to_be_empty()
    page.route("**/posts/*-*/", lambda route: route.abort("aborted"))  # it stays
    with page.expect_response("**/posts/"):
        page.get_by_role("button", name="Publish").click()
    post = Post.objects.get()
    page.unroute("**/posts/*-*/")
    come_back(other)
    expect(other.locator("#saved")).to_contain_text("It was published already")
    come_back(page)
    expect(page).to_have_url(re.compile(post.get_absolute_url()))
    expect(page.locator(".post-text")).to_have_text(f"{OURS}!")
    assert Post.objects.count() == 1 and not Draft.objects.live().exists()


def come_back(page: Page) -> None:
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")


def test_it_says_why_nothing_is_saved_and_goes_on_when_it_can(hers: BrowserContext, page: Page):
    hers.set_offline(True)
    write(page, OURS)
    expect(page.locator("#saved")).to_have_text("Not saved: you are offline; kept in this browser.")
    assert kept(page)
    hers.set_offline(False)
    expect_saved(page, OURS)
    refusal = json.dumps({"message": "A draft may have 3 characters."})
    headers = {"X-Person": page.locator("body").get_attribute("data-person") or ""}
    page.route(
        "**/drafts/*/", lambda it: it.fulfill(status=413, body=refusal, headers=headers), times=1
    )
    write(page, "Longer")
    expect(page.locator("#saved")).to_have_text("Not saved: A draft may have 3 characters.")
    write(page, "Short")
    expect_saved(page, "Short")


def test_a_conflict_shows_both_and_either_can_stay(hers: BrowserContext, page: Page):
    write(page, "At first")
    expect_saved(page, "At first")
    for which, wanted in (("mine", "Mine"), ("theirs", "Theirs")):
        other = hers.new_page()
        other.goto(page.url)
        write(other, "Theirs")
        expect_saved(other, "Theirs")
        write(page, "Mine")
        expect(page.locator("#saved")).to_contain_text("it was changed in another window")
        for text in ("Mine", "Theirs"):
            expect(page.locator("#conflict")).to_contain_text(text)
        write(page, "Mine")  # and nothing is saved
        page.locator(f"#conflict [value={which}]").click()
        expect(page.get_by_label("Your post")).to_have_value(wanted)
        expect_saved(page, wanted)
        expect(page.locator("#conflict")).to_be_empty()
        said = {row.fields["text"][0] for row in DraftVersion.objects.all()}
        assert {"Mine", "Theirs"} <= said | {wanted}
        other.close()
        write(page, "In between")
        expect_saved(page, "In between")


def test_what_was_published_elsewhere_does_not_come_back(hers: BrowserContext, page: Page):
    write(page, OURS)
    expect_saved(page, OURS)
    first, other = draft_id(page), hers.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Publish").click()
    expect(other.get_by_role("heading", name="Where it goes")).to_be_visible()
    write(page, "Too late")
    expect(page.locator("#saved")).to_contain_text("It was published already")
    link = page.locator("#saved").get_by_role("link", name="See the post")
    expect(link).to_have_attribute("href", Post.objects.get().get_absolute_url())
    assert not Draft.objects.live().exists()
    write(page, "Something new")
    expect_saved(page, "Something new")
    assert draft_id(page) != first
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()
    assert sorted(Post.objects.values_list("text", flat=True)) == [OURS, "Something new"]


def test_a_scheduled_post_is_changed_on_a_copy(page: Page, alice: Any):
    at = timezone.now() + timedelta(days=5)
    post = Post.objects.publish(alice, "A tpyo.", list(Channel.objects.of(alice)), at)
    page.goto(f"{post.get_absolute_url()}edit/")
    write(page, "A typo.")
    expect_saved(page, "A typo.")
    post.refresh_from_db()
    assert post.text == "A tpyo."
    page.reload()
    expect(page.get_by_label("Your post")).to_have_value("A typo.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".post-text")).to_have_text("A typo.")
    assert not Draft.objects.live().exists()
