"""Two pictures, from the composer to both networks."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from publishing.models import Post
from tests.hazards.stage import eventually
from tests.pictures import drawn, from_phone, moving
from tests.sandbox import Sandbox

from . import scenes
from .gallery import Gallery
from .steps import expect_state, write

pytestmark = pytest.mark.browser
X, BAKERY = "Alice Example", "Alice's Bakery"


def file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


BEACH, LOAF = (
    file("beach.jpg", from_phone((1600, 1200))),
    file("loaf.png", drawn((800, 800), "PNG")),
)


def describe(page: Page, number: int, alt: str) -> None:
    page.get_by_label(f"What it shows: picture {number}").fill(alt)


def shown(page: Page) -> list[bool]:
    """Whether each picture of the page came and can be seen."""
    thumbs = page.locator(".thumb")
    # Not wait_for_function: to wait, it evaluates text in the page, which our policy forbids.
    assert eventually(lambda: thumbs.evaluate_all("them => them.every(i => i.complete)"))
    return thumbs.evaluate_all("them => them.map(i => i.naturalWidth > 0)")


def test_the_whole_walk(window: Callable[..., Page], alice: Any, worker: Any, sandbox: Sandbox):
    scenes.connect_all(alice, sandbox)
    gallery, page = Gallery(), window(alice)
    write(page, "Fresh from the sea and the oven.", X, BAKERY)
    page.get_by_label("Add pictures").set_input_files([BEACH])
    describe(page, 1, "A beach, standing on end")
    page.get_by_label("Add pictures").set_input_files([LOAF, file("film.png", moving("PNG"))])
    expect(page.get_by_role("alert")).to_have_text(
        "film.png moves; only still pictures can be posted."
    )
    expect(page.get_by_label("What it shows: picture 1")).to_have_value("A beach, standing on end")
    expect(page.get_by_label("Your post")).to_have_value("Fresh from the sea and the oven.")
    describe(page, 2, 'A "loaf"')
    assert shown(page)[:2] == [True, True]
    gallery.look(page, "compose-with-pictures")
    page.get_by_role("button", name="Earlier picture 2").click()
    expect(page.get_by_label("What it shows: picture 1")).to_have_value('A "loaf"')
    page.get_by_label("Add pictures").set_input_files([file("again.jpg", drawn())])
    page.get_by_role("button", name="Remove picture 3").click()
    expect(page.locator(".pictures .thumb")).to_have_count(2)
    page.get_by_role("button", name="Publish").click()
    for name in (X, BAKERY):
        expect_state(page, name, "Sent")
    alts = ['A "loaf"', "A beach, standing on end"]
    assert [[one["alt_text"] for one in post["media"]] for post in sandbox.truth()] == [alts] * 2
    expect(page.get_by_role("img", name="A beach, standing on end")).to_be_visible()
    page.reload()
    assert shown(page) == [True, True]
    gallery.look(page, "post-with-pictures")
    page.goto("/posts/")
    expect(page.get_by_role("img", name='A "loaf"')).to_be_visible()
    gallery.look(page, "posts-with-pictures")
    page.goto(sandbox.url)
    expect(page.get_by_role("img", name="A beach, standing on end")).to_have_count(2)
    assert not gallery.faults, "\n".join(gallery.faults)


def test_without_javascript(window: Callable[..., Page], alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice, java_script_enabled=False)
    write(page, "", X)
    page.get_by_label("Add pictures").set_input_files([BEACH, LOAF])
    page.get_by_role("button", name="Add them").click()
    describe(page, 1, "A beach")
    page.get_by_role("button", name="Earlier picture 2").click()
    describe(page, 1, "A loaf")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()
    post = Post.objects.get()
    assert [one.alt for one in post.media.all()] == ["A loaf", "A beach"]
    page.goto(f"/posts/{post.public_id}/edit/")
    page.get_by_role("button", name="Remove picture 1").click()
    page.get_by_role("button", name="Save and publish now").click()
    expect(page.locator(".gallery img")).to_have_count(1)
    assert [one.alt for one in post.media.all()] == ["A beach"]
