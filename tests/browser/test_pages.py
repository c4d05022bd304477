"""Every page, as a person sees it: light and dark, desktop and phone, and through axe's eyes."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, Route

from project.jobs.models import QueuedJob
from publishing.models import ChannelGroup, Draft, Post, Snippet
from publishing.posts import views
from social.models import Channel, Connection
from tests.addresses import fill_the_admin, things_of
from tests.people import PASSWORD
from tests.pictures import drawn, turned_heic
from tests.project.test_accounts_pages import ANONYMOUS, SIGNED_IN
from tests.project.test_jobs_monitor import fill as fill_monitor
from tests.sandbox import Sandbox

from . import scenes
from .gallery import DESKTOP, PHONE, Gallery

pytestmark = pytest.mark.browser
ARABIC = "صباح الخير! الخبز جاهز في السابعة."


def named(url: str) -> str:
    return url.strip("/").partition("?")[0].replace("/", "-") or "landing"


def test_pages_for_strangers(window: Callable[..., Page], gallery: Gallery):
    page = window()
    for url in ANONYMOUS:
        page.goto(url)
        gallery.look(page, named(url))


def test_pages_for_people(window: Callable[..., Page], gallery: Gallery, alice: Any):
    scenes.worker_is_there()
    page = window(alice)
    for url in SIGNED_IN:
        page.goto(url)
        gallery.look(page, named(url))


def test_the_operators_monitor(window: Callable[..., Page], gallery: Gallery, alice: Any):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    page = window(alice)
    page.goto("/jobs/")
    gallery.look(page, "jobs-empty")
    fill_monitor(alice)
    page.goto("/jobs/")
    gallery.look(page, "jobs")


def test_the_operators_lists(window: Callable[..., Page], gallery: Gallery, alice: Any):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    things_of(alice)
    fill_the_admin(alice)
    page, job = window(alice), QueuedJob.objects.earliest("pk")
    for url in ("/admin/", "/admin/publishing/delivery/", "/admin/jobs/failuregroup/"):
        page.goto(url)
        gallery.look(page, named(url))
    # Django's own table of attempts and its box to search in are not as axe wants them.
    for url in ("/admin/jobs/queuedjob/?state=queued", f"/admin/jobs/queuedjob/{job.pk}/change/"):
        page.goto(url)
        for width in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            gallery.measure(page, named(url))


def test_pages_behind_the_links_in_mails(window: Callable[..., Page], gallery: Gallery, alice: Any):
    page, address = window(), EmailAddress.objects.create(user=alice, email=alice.email)
    key = f"{user_pk_to_url_str(alice)}-{default_token_generator.make_token(alice)}"
    page.goto(f"/accounts/password/reset/key/{key}/")
    page.get_by_role("heading", name="Choose a new password").wait_for()
    gallery.look(page, "password-new")
    page.goto(f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/")
    page.get_by_role("heading", name="Confirm").wait_for()
    gallery.look(page, "email-confirm")


def test_pages_of_those_who_are_not_here(
    window: Callable[..., Page], gallery: Gallery, alice: Any, settings: Any
):
    page = window(alice)
    page.goto(reverse("settings_delete"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_role("heading", name="Your account is deleted").wait_for()
    gallery.look(page, "deleted")
    settings.SIGN_UP = "closed"
    page.goto(reverse("account_signup"))
    page.get_by_role("heading", name="Sign-up is closed").wait_for()
    gallery.look(page, "signup-closed")


def test_wrong_answers_in_forms(window: Callable[..., Page], gallery: Gallery, alice: Any):
    page = window()
    page.goto(reverse("account_login"))
    page.get_by_label("E-mail or user name").fill("alice")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    gallery.look(page, "login-wrong")
    page.goto(reverse("account_signup"))
    page.get_by_label("E-mail").fill("nobody@example.org")
    page.get_by_label("Password", exact=True).fill("123")
    page.get_by_role("button", name="Sign up").click()
    gallery.look(page, "signup-wrong")


def test_empty_pages(window: Callable[..., Page], gallery: Gallery, alice: Any):
    page = window(alice)
    for name in ("posts:compose", "posts:list", "channels:list"):
        page.goto(reverse(name))
        gallery.look(page, f"{name.replace(':', '-')}-empty-and-no-worker")


def test_the_demo_person_before_the_worker_has_come(
    window: Callable[..., Page], gallery: Gallery, settings: Any
):
    settings.DEBUG = True
    scenes.worker_is_there()
    page = window()
    page.goto("/")
    page.route("**/channels/", hang_if_scripted)
    page.get_by_role("button", name="Look around as a demo person").click()
    page.get_by_text("Connecting the demo person").wait_for()
    gallery.look(page, "channels-demo-on-its-way")


def hang_if_scripted(route: Route) -> None:
    if "hx-request" not in route.request.headers:
        route.continue_()


def test_the_composer(window: Callable[..., Page], gallery: Gallery, alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice)
    page.goto(reverse("posts:compose"))
    gallery.look(page, "compose")
    page.get_by_label("Your post").fill("Bread at seven. " * 20)
    page.get_by_label("At a time").check()
    page.get_by_text("too long").wait_for()
    gallery.look(page, "compose-too-long")
    page.get_by_role("button", name="Schedule").click()
    page.get_by_text("Choose a date and time").wait_for()
    gallery.look(page, "compose-errors")


def test_the_composer_of_somebody_with_much(
    window: Callable[..., Page], gallery: Gallery, alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    channels = scenes.connect_all(alice, sandbox)
    x, page_of = channels["Alice Example"], channels["Alice's Bakery"]
    scenes.forty_pages(page_of.connection)
    Channel.objects.filter(pk=page_of.pk).update(name=scenes.LONG_NAME)
    x.pause()
    Post.objects.publish(alice, ARABIC, [page_of])
    Post.objects.publish(alice, "A" * 5000, [page_of])
    page = window(alice)
    page.goto(reverse("posts:compose"))
    page.get_by_label("Your post").fill(ARABIC)
    gallery.look(page, "compose-forty")
    page.goto(reverse("channels:list"))
    gallery.look(page, "channels-forty")
    for number, post in enumerate(Post.objects.of(alice)):
        page.goto(post.get_absolute_url())
        gallery.look(page, f"post-odd-{number}")


def test_a_post_in_every_state(
    window: Callable[..., Page], gallery: Gallery, alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    x = scenes.connect_all(alice, sandbox)["Alice Example"]
    scenes.forty_pages(Connection.objects.get(network_name="facebook"))
    scheduled = Post.objects.publish(alice, "Later", [x], timezone.now() + timedelta(days=2))
    posts = {"every-state": scenes.post_in_every_state(alice, list(Channel.objects.of(alice)))}
    posts |= {name: scenes.post_in(alice, x, name) for name in ("unconfirmed", "held", "sent")}
    page = window(alice)
    for name, post in ({"scheduled": scheduled} | posts).items():
        page.goto(post.get_absolute_url())
        for fold in page.locator("details.fold").all():
            fold.evaluate("fold => fold.open = true")
        gallery.look(page, f"post-{name}")
    page.goto(reverse("posts:edit", args=[scheduled.public_id]))
    gallery.look(page, "post-edit")


def test_a_long_list(window: Callable[..., Page], gallery: Gallery, alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    channels = list(scenes.connect_all(alice, sandbox).values())
    for number in range(21):
        Post.objects.publish(alice, f"{number}: " + "all about bread " * (number % 9), channels)
    for name in scenes.every_state():
        scenes.post_in(alice, channels[0], name)
    page = window(alice)
    page.goto(reverse("posts:list"))
    gallery.look(page, "posts")
    page.get_by_role("link", name="Older").click()
    gallery.look(page, "posts-older")


def test_channels_in_every_state(
    window: Callable[..., Page], gallery: Gallery, alice: Any, bob: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    channels = scenes.connect_all(alice, sandbox)
    page = window(alice)
    page.goto(reverse("channels:list"))
    gallery.look(page, "channels")
    channels["Alice's Bakery"].pause()
    channels["City Garden Club"].mark_lost("page_role")
    channels["Alice Example"].connection.mark_lost("token_dead")
    page.goto(reverse("channels:list"))
    page.locator("summary", has_text="Disconnect").first.click()
    gallery.look(page, "channels-troubled")
    facebook = Connection.objects.get(user=alice, network_name="facebook")
    Channel.objects.filter(connection=facebook).update(chosen_at=None, paused_at=None)
    Connection.objects.filter(pk=facebook.pk).update(missing_permissions=["pages_manage_posts"])
    x = Connection.objects.filter(user=alice, network_name="x")
    x.update(blocked_reason="", missing_permissions=["tweet.write"])
    page.goto(reverse("channels:list"))
    gallery.look(page, "channels-offered-and-incomplete")
    Channel.objects.filter(connection=facebook).delete()
    page.goto(reverse("channels:list"))
    gallery.look(page, "channels-without-pages")
    x.update(missing_permissions=[], checked_at=None, last_error="unreachable")
    Connection.objects.filter(pk=facebook.pk).update(checked_at=None, missing_permissions=[])
    page.goto(reverse("channels:list"))
    gallery.look(page, "channels-looking-around")


ERRORS = {
    "400": SuspiciousOperation("odd"),
    "403": PermissionDenied("no"),
    "500": ZeroDivisionError("oops"),
}


def test_what_goes_wrong(
    window: Callable[..., Page], gallery: Gallery, alice: Any, monkeypatch: pytest.MonkeyPatch
):
    scenes.worker_is_there()
    page = window(alice)
    page.goto("/nothing/here/")
    gallery.look(page, "404")
    for name, error in ERRORS.items():

        def broken(request: HttpRequest, error: Exception = error) -> HttpResponse:
            raise error

        monkeypatch.setattr(views, "list_posts", broken)
        page.goto(reverse("posts:list"))
        assert page.locator(".eyebrow").inner_text() == name
        gallery.look(page, name)
    too_many = partial(render, template_name="429.html", status=429)
    monkeypatch.setattr(views, "list_posts", too_many)
    page.goto(reverse("posts:list"))
    gallery.look(page, "429")


def test_a_form_that_was_open_for_too_long(
    window: Callable[..., Page], gallery: Gallery, alice: Any
):
    page = window(alice)
    page.goto(reverse("settings"))
    page.locator("main [name=csrfmiddlewaretoken]").first.evaluate("field => field.value = 'x'")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="open for too long").wait_for()
    gallery.look(page, "403-csrf")


def add_picture(page: Page, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.get_by_label("Add pictures").set_input_files([file])
    page.get_by_text(name).first.wait_for(state="attached", timeout=60_000)  # it is decoded


def test_the_desk_in_its_states(
    window: Callable[..., Page], gallery: Gallery, alice: Any, sandbox: Sandbox
):
    """Pictures with and without words, two windows, drafts, what is kept for writing."""
    scenes.worker_is_there()
    channels = list(scenes.connect_all(alice, sandbox).values())
    page = window(alice)
    page.goto(reverse("posts:compose"))
    page.get_by_label("Your post").fill("Fresh #bread: https://bread.example @bob")
    for name, data in {"beach.jpg": drawn((900, 600)), "loaf.heic": turned_heic(1)}.items():
        add_picture(page, name, data)
    page.get_by_label("What it shows: picture 1").fill("A beach")
    page.locator("#saved", has_text="Saved").wait_for()
    gallery.look(page, "compose-pictures")
    draft = Draft.objects.get()
    theirs = draft.fields | {"text": ["Stale bread."]}
    assert Draft.objects.get().rewrite(theirs, keeps_old=True)
    page.get_by_label("Your post").fill("Fresh bread.")
    page.get_by_text("This draft was saved elsewhere").wait_for()
    gallery.look(page, "compose-conflict")
    trashed = Draft(user=alice, fields={"text": ["Not this."]})
    assert trashed.create() and trashed.discard()
    Snippet.objects.create(user=alice, name="Signature", text="Alice's Bakery")
    ChannelGroup.objects.create(user=alice, name="Shops").channels.set(channels)
    for name, url in {
        "drafts": reverse("drafts:list"),
        "drafts-trash": f"{reverse('drafts:list')}?trash=1",
        "draft-versions": reverse("drafts:versions", args=[draft.public_id]),
        "snippets": reverse("reuse:snippets"),
        "channel-groups": reverse("reuse:channel_groups"),
        "posts-search": f"{reverse('posts:list')}?q=nothing",
    }.items():
        page.goto(url)
        gallery.look(page, name)
    page.goto(reverse("reuse:snippets"))
    page.get_by_role("button", name="Delete Signature").click()
    page.get_by_role("button", name="Undo").wait_for()
    gallery.look(page, "snippets-undo")
