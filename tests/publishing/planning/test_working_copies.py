"""A scheduled post is changed on a copy: what is saved meanwhile never touches it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.models import Delivery, Draft, DraftVersion, Post
from publishing.planning.copies import copy_id
from tests.publishing.factories import page_channel, x_channel
from tests.publishing.pages import page_of
from tests.publishing.planning.pages import Composer
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(alice):
    at = timezone.now() + timedelta(days=1)
    return Post.objects.publish(alice, "First.", [x_channel(alice), page_channel(alice)], at)


@pytest.fixture
def her(post, alice, client_for):
    return client_for(alice)


class Editor(Composer):
    """The page on which a scheduled post is changed."""

    def __init__(self, browser, post):
        self.post, self.browser = post, browser
        form = browser.get(f"{post.get_absolute_url()}edit/").context["form"]
        super().__init__(browser, form["submit_key"].value(), form["revision"].value() or 0)
        self.seen = form["seen"].value()
        self.shown = {name: form[name].value() or "" for name in ("at", "zone", "moment")}

    def fields(self, text, **more):
        own = {"post": self.post.public_id, "seen": self.seen, "when": "later", **self.shown}
        own["at"] = str(own["at"])[:16].replace(" ", "T")
        own["channels"] = [delivery.channel_id for delivery in self.post.deliveries.all()]
        return super().fields(text, **(own | more))

    def apply(self, text, **more):
        where = f"{self.post.get_absolute_url()}edit/"
        return self.browser.post(where, self.fields(text, **more))


def fresh(post):
    return Post.objects.with_deliveries().get(pk=post.pk)


def test_what_is_saved_does_not_touch_the_post_and_is_there_when_it_is_opened_again(her, post):
    page = Editor(her, post)
    page.save("Half a sent")
    assert fresh(post).text == "First." and fresh(post).edited_at is None
    draft = Draft.objects.get()
    assert (draft.post, draft.post_revision) == (post, "first")
    again = page_of(her.get(f"{post.get_absolute_url()}edit/"))
    assert "Half a sent</textarea>" in again and "what you were changing" in again
    assert her.get(page.address).url == f"{post.get_absolute_url()}edit/"


def test_both_devices_have_the_same_copy(her, post, alice, client_for):
    one, other = Editor(her, post), Editor(client_for(alice), post)
    assert one.id == other.id == str(copy_id(post, "first"))
    one.save("One")
    assert other.save("Other").status_code == 409


def test_what_changes_nothing_makes_no_copy(her, post):
    page = Editor(her, post)
    assert page.save("First.").json()["revision"] == 0 and not Draft.objects.exists()
    assert page.save("First.", at="2031-01-01T10:00").json()["revision"] == 1


def test_saving_applies_it_and_a_late_save_is_told_so(her, post):
    page = Editor(her, post)
    page.save("Chang")
    assert page.apply("Changed.").status_code == 302
    assert fresh(post).text == "Changed."
    assert Draft.objects.get().published_as == post and not DraftVersion.objects.exists()
    answer = page.save("Changed. And late")
    assert answer.status_code == 410 and answer.json()["url"] == post.get_absolute_url()
    assert page.apply("Changed.").status_code == 302  # a second click
    again = Editor(her, post)
    assert again.id != page.id and again.seen == fresh(post).revision


def test_a_late_save_of_a_page_that_never_saved_before_makes_no_copy(her, post):
    page = Editor(her, post)
    page.apply("Changed.")
    assert page.save("Chang").status_code == 410
    assert not Draft.objects.live().exists()


def test_what_another_device_had_written_stays_as_a_version(her, post):
    page = Editor(her, post)
    page.save("From the phone.")
    page.revision = 0
    page.apply("From the desk.")
    assert DraftVersion.objects.get().fields["text"] == ["From the phone."]


@pytest.mark.django_db(transaction=True)
def test_saved_and_applied_at_once_nothing_is_lost_and_the_copy_is_over(post, alice, client_for):
    for number in range(5):
        one, other = (Editor(client_for(alice), post) for _ in "12")
        answer, applied = run_at_once(
            lambda: one.save(f"Saved {number}."),  # noqa: B023
            lambda: other.apply(f"Applied {number}."),  # noqa: B023
        )
        assert applied.status_code == 302 and answer.status_code in (200, 410)
        assert fresh(post).text == f"Applied {number}."
        copy = Draft.objects.get(public_id=one.id)
        assert copy.published_as == post and copy.fields == {}
        kept = [version.fields["text"] for version in copy.versions.all()]
        assert kept == ([[f"Saved {number}."]] if answer.status_code == 200 else [])


def test_a_refused_change_leaves_the_copy(her, post):
    page = Editor(her, post)
    page.save("Longer")
    answer = page.apply("a" * 300)
    assert answer.status_code == 200 and page.id in page_of(answer)
    assert Draft.objects.get().is_live


def test_a_post_that_was_changed_meanwhile_is_shown_beside_the_copy(her, post):
    Editor(her, post).save("My change.")
    assert post.edit("Changed elsewhere.", post.due_at, "UTC")
    page = her.get(f"{post.get_absolute_url()}edit/")
    assert "My change.</textarea>" in page_of(page) and "Changed elsewhere." in page_of(page)
    editor = Editor(her, post)
    editor.seen = fresh(post).revision  # as the page carries it
    editor.apply("My change.")
    assert fresh(post).text == "My change." and not Draft.objects.live().exists()


@pytest.mark.parametrize("state", ["sent", "canceled"])
def test_what_came_too_late_is_a_draft_to_publish_anew(state, her, post):
    page = Editor(her, post)
    page.save("My change.")
    remote_id = "1" if state == "sent" else ""
    ended = {"state": state, "waiting_for": "", "remote_id": remote_id}
    Delivery.objects.update(**ended, finished_at=timezone.now())
    answer = her.get(f"{post.get_absolute_url()}edit/", follow=True)
    assert answer.redirect_chain[-1][0] == page.address
    shown = page_of(answer)
    assert "My change.</textarea>" in shown and "a new post beside" in shown
    assert page.id in shown and 'name="revision" value="1"' in shown


def test_discarding_goes_back_to_the_post_and_the_next_change_starts_anew(her, post):
    page = Editor(her, post)
    page.save("My change.")
    assert her.post(f"{page.address}discards/").url == post.get_absolute_url()
    again = Editor(her, post)
    assert again.id != page.id and again.save("Another.").json()["revision"] == 1


def test_the_button_comes_back_to_the_editor(her, post):
    page = Editor(her, post)
    answer = page.press("My change.")
    assert answer.url == page.address
    page.revision = 0
    conflict = page.press("Another change.")
    shown = page_of(conflict)
    assert conflict.status_code == 409 and "Edit or move" in shown and "My change." in shown
    assert "Another change.</textarea>" in shown
