"""Pages survive what networks and people do to them: no answer, refusals, a session that ends, two
windows. Nothing that was typed is lost, and what is wrong is said where one looks."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from project.accounts.models import Profile
from publishing.models import Delivery, Media, Post
from tests.pictures import drawn
from tests.sandbox import Sandbox

from . import scenes
from .gallery import Gallery
from .steps import delivery, sign_in
from .test_pictures import file
from .trouble import answering, hide

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]
X, BAKERY = "Alice Example", "Alice's Bakery"
WORDS = "Nobody shall lose this."
BEACH, LOAF = file("beach.jpg", drawn((900, 600))), file("loaf.png", drawn((300, 200), "PNG"))


def test_polling_outlives_an_outage_and_says_so(hers: BrowserContext, alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    channels = scenes.connect_all(alice, sandbox)
    post = Post.objects.publish(alice, "Slowly", [channels[X], channels[BAKERY]])
    page, asked = hers.new_page(), []
    page.clock.install()
    page.goto(post.get_absolute_url())
    page.on("request", lambda request: "/status/" in request.url and asked.append(request.url))
    contact = page.locator("#contact")
    for break_it in (lambda route: route.abort(), answering(502), answering(200)):
        page.route("**/status/*", break_it)
        del asked[:]
        page.clock.run_for(3000)
        expect(contact).to_contain_text("No contact with Fanfare since")
        for _ in range(10):
            page.clock.run_for(30_000)
            page.wait_for_timeout(50)
        assert 4 <= len(asked) <= 20, asked  # in five minutes, and for both of them
        expect(page.locator(".deliveries > li")).to_have_count(2)
        page.unroute("**/status/*")
        while "again" not in contact.inner_text():
            page.clock.run_for(5000)
            page.wait_for_timeout(50)
    hide(page, True)
    page.clock.run_for(20_000)
    del asked[:]
    page.clock.run_for(120_000)
    assert not asked
    row = {"state": "sent", "attempt": 1, "remote_url": "https://x.com/alice/status/1"}
    for one in post.deliveries.all():
        Delivery.objects.filter(pk=one.pk).update(remote_id=f"{one.pk}", **row)
    hide(page, False)
    for name in (X, BAKERY):
        page.clock.run_for(5000)
        expect(delivery(page, name).locator(".chip")).to_have_text("Sent")
    del asked[:]
    page.clock.run_for(120_000)
    assert not asked and contact.inner_text() == ""


def test_a_composer_keeps_everything_through_every_failure(
    hers: BrowserContext, alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    gallery, page = Gallery(), hers.new_page()
    page.goto("/posts/new/")
    text, alert = page.get_by_label("Your post"), page.locator("form.composer .failure")
    text.fill(WORDS)
    page.get_by_label(BAKERY).uncheck()
    for status, said in ((413, "too large for this server"), (502, "could not do that just now")):
        page.route("**/posts/pictures/", answering(status))
        page.get_by_label("Add pictures").set_input_files([BEACH])
        expect(alert).to_contain_text(said)
        page.unroute("**/posts/pictures/")
        page.get_by_role("button", name="Try again: beach.jpg").click()
        expect(page.locator(".pictures .thumb")).to_have_count(1)
        expect(alert).to_have_count(0)
        page.get_by_role("button", name="Remove picture 1").click()
        expect(page.locator(".pictures .thumb")).to_have_count(0)
    page.get_by_label("Add pictures").set_input_files([BEACH])
    page.get_by_label("What it shows: picture 1").fill("A beach")
    for break_it, said in (
        (lambda route: route.abort(), "No answer came"),
        (answering(502), "it may have arrived"),
        (answering(429), "too often"),
        (answering(403), "Load it again"),
    ):
        page.route("**/posts/", break_it)
        page.get_by_role("button", name="Publish").click()
        expect(alert).to_contain_text(said)
        page.unroute("**/posts/")
    gallery.look(page, "composer-that-got-no-answer")
    text.fill("a" * 300)
    page.get_by_role("button", name="Publish").click()
    refusal = page.get_by_text("Too long for X: 300 of 280 characters.")
    expect(refusal).to_be_visible()
    text.fill("a" * 290)
    expect(page.get_by_text("Too long for X: 290 of 280 characters.")).to_be_visible()
    page.get_by_label("At a time").check()
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_text("Choose a date and time.")).to_be_visible()
    text.fill(WORDS)
    expect(page.locator("#refused .notice")).to_have_count(0)
    later = f"{timezone.now() + timedelta(days=9):%Y-%m-%dT%H:%M}"
    with page.expect_response("**/posts/lengths/"):
        page.get_by_label("Date and time").fill(later)
    expect(page.get_by_text("Choose a date and time.")).to_have_count(0)
    hers.clear_cookies()
    text.press("End")
    text.type("!")
    expect(page.locator("#saved")).to_contain_text("You are signed out")
    page.get_by_role("button", name="Schedule").click()
    sign_in(page, "alice")
    expect(text).to_have_value(f"{WORDS}!")
    expect(page.get_by_text("What you had written is here again.")).to_be_visible()
    expect(page.get_by_label("What it shows: picture 1")).to_have_value("A beach")
    expect(page.get_by_label("Date and time")).to_have_value(later)
    expect(page.get_by_label(X)).to_be_checked()
    expect(page.get_by_label(BAKERY)).not_to_be_checked()
    gallery.look(page, "composer-after-signing-in-again")
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()
    post = Post.objects.get()
    assert (post.text, post.media.get().alt) == (f"{WORDS}!", "A beach")
    page.goto("/posts/new/")
    expect(text).to_have_value("")
    assert not gallery.faults, "\n".join(gallery.faults)


def test_pictures_come_together_however_they_come(
    hers: BrowserContext, alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page, held = hers.new_page(), []
    page.goto("/posts/new/")
    page.get_by_label("Your post").fill("Four.")
    thumbs = page.locator(".pictures .thumb:visible")
    page.get_by_label("Add pictures").set_input_files([LOAF])
    expect(thumbs).to_have_count(1)
    page.route("**/posts/pictures/", lambda it: it.continue_() if held else held.append(it))
    page.get_by_label("Add pictures").set_input_files([BEACH])
    page.get_by_label("Add pictures").set_input_files([file("second.jpg", drawn())])
    page.get_by_role("button", name="Remove picture 1").click()
    expect(thumbs).to_have_count(0)
    expect(page.locator(".while")).to_have_text("Uploading beach.jpg…")
    page.get_by_label("Your post").press("Control+End")
    page.get_by_role("button", name="Publish").click()  # waits for all of them
    page.wait_for_timeout(200)
    held[0].continue_()
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()
    assert [one.name for one in Post.objects.get().media.all()] == ["beach.jpg", "second.jpg"]
    page.goto("/posts/new/")
    for number, kind in enumerate(("paste", "drop"), 1):
        target = "body" if kind == "drop" else "textarea[name=text]"
        page.evaluate(GIVE, [kind, target, list(drawn())])
        expect(thumbs).to_have_count(number)
    assert page.url.endswith("/posts/new/") and Media.objects.unused().count() == 3
    many = [file(f"{n}.jpg", drawn()) for n in range(101)]
    page.get_by_label("Add pictures").set_input_files(many)
    expect(page.locator("#pictures [role=alert]")).to_have_text(
        "99 left out: a post may have 4 pictures."
    )


GIVE = """([kind, target, bytes]) => {
  const given = new DataTransfer();
  given.items.add(new File([new Uint8Array(bytes)], "given.jpg", {type: "image/jpeg"}));
  const event = kind === "paste" ? new ClipboardEvent(kind, {clipboardData: given, bubbles: true})
    : new DragEvent(kind, {dataTransfer: given, bubbles: true, cancelable: true});
  document.querySelector(target).dispatchEvent(event);
}"""


def test_two_people_at_one_browser(
    hers: BrowserContext, alice: Any, bob: Any, sandbox: Sandbox, client_for: Callable[..., Client]
):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    scenes.connect_one(bob, sandbox, "x", "bob")
    page, other = hers.new_page(), hers.new_page()
    page.goto("/posts/new/")
    page.route("**/drafts/*/", lambda route: route.abort())
    with page.expect_response("**/posts/lengths/"):
        page.get_by_label("Your post").fill(WORDS)
    hers.clear_cookies()
    other.goto("/accounts/login/")
    sign_in(other, "bob")
    other.goto("/posts/new/")
    expect(other.get_by_label("Your post")).to_have_value("")
    expect(other.locator(".kept")).to_be_hidden()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_label("Your post")).to_have_value("")  # the page is Bob's now
    page.unroute("**/drafts/*/")
    assert not Post.objects.exists()
    hers.clear_cookies()
    # Whoever comes to the composer twice may find them among the drafts: by then they are saved.
    other.goto("/accounts/login/?next=/posts/new/")
    sign_in(other, "alice")
    expect(other.get_by_text("What you had written is here again.")).to_be_visible()
    expect(other.get_by_label("Your post")).to_have_value(WORDS)
    # Signing in rotates the token of every page that is open.
    third = hers.new_page()
    hers.clear_cookies(name="sessionid")
    third.goto("/accounts/login/")
    sign_in(third, "alice")
    other.get_by_role("button", name="Publish").click()
    expect(other.get_by_role("heading", name="Where it goes")).to_be_visible()
    assert Post.objects.get().text == WORDS


def test_two_windows_on_one_post_and_a_phone_that_travels_meanwhile(
    hers: BrowserContext, alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    channel = scenes.connect_all(alice, sandbox)[X]
    page, other, third = (hers.new_page() for _ in range(3))
    Profile.objects.of(alice).guess_time_zone("Europe/Berlin")
    at = (timezone.now() + timedelta(days=5)).replace(microsecond=0)
    post = Post.objects.publish(alice, "A tpyo.", [channel], at, time_zone="Europe/Berlin")
    url = f"{post.get_absolute_url()}edit/"
    page.goto(url)
    third.goto(url)
    hers.new_cdp_session(other).send(
        "Emulation.setTimezoneOverride", {"timezoneId": "America/New_York"}
    )
    with other.expect_response("**/settings/time-zone/"):
        other.goto("/posts/new/")
    page.get_by_label("Your post").fill("A typo.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".post-text")).to_have_text("A typo.")
    post.refresh_from_db()
    assert (post.due_at, post.time_zone) == (at, "Europe/Berlin")
    third.get_by_label("Your post").fill("Something else.")
    third.get_by_role("button", name="Save", exact=True).click()
    expect(third.get_by_role("region", name="As it is now")).to_contain_text("A typo.")
    expect(third.get_by_label("Your post")).to_have_value("Something else.")
    gallery = Gallery()
    gallery.look(third, "changed-meanwhile")
    third.get_by_role("button", name=re.compile("Save yours")).click()
    expect(third.locator(".post-text")).to_have_text("Something else.")
    post.refresh_from_db()
    assert post.due_at == at and not gallery.faults, "\n".join(gallery.faults)
