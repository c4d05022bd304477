"""Every text that a person sees or is read can be translated: a walk through all pages in a
language that puts each message in brackets."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from playwright.sync_api import Page, expect

from publishing.posts import views
from tests.languages import tour
from tests.languages.pseudo import CLOSES, OPENS, pseudo_language, unmarked
from tests.pictures import from_phone
from tests.sandbox import Sandbox

from . import scenes

pytestmark = pytest.mark.browser
WALKS = [tour.writing, tour.channels_in_trouble, tour.read_back]


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    with pseudo_language():
        yield


def faults(page: Page, urls: Iterable[str]) -> dict[str, list[str]]:
    """What is not marked, by page."""
    shown = {}
    for url in urls:
        page.goto(url)
        if left := unmarked(page.content(), tour.data()):
            shown[url] = left
    return shown


def test_pages_for_strangers(window: Callable[..., Page]):
    assert faults(window(), tour.strangers()) == {}


def test_pages_of_somebody_new(window: Callable[..., Page], alice: Any):
    assert faults(window(alice), tour.empty(alice)) == {}


@pytest.mark.parametrize("walk", WALKS)
def test_pages_for_people(
    walk: Callable[..., Iterator[str]], window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    assert faults(window(alice), walk(alice, sandbox)) == {}


def test_what_goes_wrong(window: Callable[..., Page], alice: Any, monkeypatch: pytest.MonkeyPatch):
    def broken(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    page = window(alice)
    for view in (broken, partial(render, template_name="429.html", status=429)):
        monkeypatch.setattr(views, "list_posts", view)
        assert faults(page, [reverse("posts:list")]) == {}
        expect(page.locator("h1")).to_contain_text(OPENS)


@pytest.mark.usefixtures("patient")
def test_what_scripts_say(window: Callable[..., Page], alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice)
    page.goto(reverse("posts:compose"))
    said = page.evaluate("Object.values(sentences)")
    assert len(said) > 20
    assert all(words.startswith(OPENS) and words.endswith(CLOSES) for words in said)
    page.locator("[name=text]").fill("7 " * 200)
    page.locator(".counter.over").wait_for()
    picture = {"name": "loaf.jpg", "mimeType": "image/jpeg", "buffer": from_phone()}
    page.locator("#files").set_input_files([picture] * 5)
    expect(page.locator("#pictures .errorlist")).to_contain_text(OPENS)
    page.locator("[name=when][value=later]").check()
    page.locator(".actions .primary").click()
    expect(page.locator(".errorlist").last).to_contain_text(OPENS)
    written = ["loaf.jpg", *tour.data()]
    assert unmarked(page.content(), written) == []
    page.reload()
    expect(page.locator(".kept")).to_be_visible()
    assert unmarked(page.content(), written) == []
