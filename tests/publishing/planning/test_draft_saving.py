"""Saving a draft: by revision, so that nothing is overwritten unseen and nothing comes back."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishing.models import Draft, DraftVersion, Media
from tests.pictures import drawn
from tests.publishing.factories import page_channel, x_channel
from tests.publishing.pages import page_of
from tests.publishing.planning.pages import Composer

pytestmark = pytest.mark.django_db


@pytest.fixture
def channels(alice):
    return [x_channel(alice), page_channel(alice)]


@pytest.fixture
def her(alice, channels, client_for):
    return client_for(alice)


@pytest.fixture
def page(her):
    return Composer(her)


def words(draft):
    return draft.fields["text"][0]


# ── The first save, and those after it ────────────────────────────────────────────────────────
def test_the_first_letter_makes_a_draft_and_the_next_saves_change_it(page, channels):
    answer = page.save(
        "H", channels=[channels[0].pk], text_x="For X", when="later", at="2031-01-02T10:00"
    )
    draft = Draft.objects.get()
    assert answer.json() == {
        "revision": 1,
        "saved_at": f"{timezone.localtime(draft.changed_at):%H:%M}",
        "url": page.address,
    }
    assert draft.fields["text_x"] == ["For X"] and draft.fields["channels"] == [str(channels[0].pk)]
    assert page.save("Hello\r\nyou").json()["revision"] == 2
    draft.refresh_from_db()
    assert words(draft) == "Hello\nyou" and draft.excerpt == "Hello you"


@pytest.mark.parametrize("fields", [{"text": ""}, {"text": " \n"}, {"text": "", "when": "later"}])
def test_nothing_makes_no_row(fields, page, channels):
    answer = page.save(**fields, channels=[channels[0].pk])
    assert answer.json()["revision"] == 0 and not Draft.objects.exists()


@pytest.mark.parametrize("name", ["text_x", "text_facebook"])
def test_words_for_one_network_are_something(name, page):
    assert page.save("", **{name: "Only there."}).json()["revision"] == 1
    assert Draft.objects.get().excerpt == "Only there."


def test_a_draft_may_be_emptied(page):
    page.save("Words.")
    assert page.save("").json()["revision"] == 2 and words(Draft.objects.get()) == ""


def test_only_what_a_composer_has_is_kept(page):
    page.save(
        "Words.", writer="me", csrfmiddlewaretoken="x", extra_nowhere_a="1", evil="y", text_zz="z"
    )
    assert set(Draft.objects.get().fields) == {"text", "channels", "media"}


# ── Twice, late, elsewhere ────────────────────────────────────────────────────────────────────
def test_an_answer_that_got_lost_is_no_conflict(page):
    page.save("One")
    page.save("Two")
    page.revision = 1  # it never heard of 2
    assert page.save("Two").json()["revision"] == 2
    page.revision = 0
    assert page.save("Two").json()["revision"] == 2
    assert Draft.objects.get().revision == 2


def test_the_second_device_is_shown_both_and_neither_is_lost(page, her):
    page.save("Together.")
    other = Composer(her, page.id, page.revision)
    other.save("From the phone.")
    answer = page.save("From the desk.")
    told = answer.json()
    assert answer.status_code == 409 and told["revision"] == 2
    assert told["fields"]["text"] == ["From the phone."]
    for part in ("From the phone.", "From the desk.", 'value="mine"', 'value="theirs"'):
        assert part in told["html"]
    page.revision = told["revision"]
    assert page.save("From the desk.", keep="mine").json()["revision"] == 3
    assert words(Draft.objects.get()) == "From the desk."
    assert words(DraftVersion.objects.get()) == "From the phone."


def test_taking_the_other_one_keeps_what_was_here_as_a_version(page, her):
    page.save("Together.")
    Composer(her, page.id, page.revision).save("From the phone.")
    told = page.save("From the desk.", use="theirs").json()
    assert told["fields"]["text"] == ["From the phone."] and told["revision"] == 2
    assert words(DraftVersion.objects.get()) == "From the desk."


def test_nothing_can_be_taken_over_from_what_was_discarded(page, her):
    page.save("Words.")
    her.post(f"{page.address}discards/")
    assert page.save("Other words.", use="theirs").status_code == 410
    assert not DraftVersion.objects.exists()


def test_a_save_from_before_changes_nothing(page):
    page.save("Old")
    page.save("New")
    late = Composer(page.browser, page.id, 1)
    assert late.save("Old and late").status_code == 409
    assert words(Draft.objects.get()) == "New" and not DraftVersion.objects.exists()


def test_somebody_elses_draft_of_the_same_id_is_another_row(page, bob, client_for):
    page.save("Hers.")
    his = Composer(client_for(bob), page.id)
    assert client_for(bob).get(page.address).status_code == 404
    assert his.save("His.").json() == his.save("His.").json()
    assert sorted(map(words, Draft.objects.all())) == ["Hers.", "His."]
    for verb in ("discards", "restorations"):
        other = Composer(page.browser)
        other.save("More of hers.")
        assert client_for(bob).post(f"{other.address}{verb}/").status_code == 404


def test_what_is_in_the_trash_or_gone_is_not_brought_back(page, her):
    page.save("Once.")
    her.post(f"{page.address}discards/")
    answer = page.save("Once more.")
    assert answer.status_code == 410 and answer.json()["url"] is None
    Draft.objects.all().delete()
    answer = page.save("And again.")
    assert answer.status_code == 410 and answer.json()["url"] is None
    assert not Draft.objects.exists()


# ── What will not do ──────────────────────────────────────────────────────────────────────────
def test_too_many_letters_and_broken_ones_are_said(page):
    assert page.save("a" * 499_000).status_code == 200
    assert page.save("a" * 500_001).status_code == 413
    answer = page.save("a\0b")
    assert answer.status_code == 400 and "broken" in answer.json()["message"]
    assert len(words(Draft.objects.get())) == 499_000


@pytest.mark.parametrize("revision", ["-1", "x", "", "9" * 30, "1.5"])
def test_an_odd_revision_is_none(revision, page):
    page.revision = revision
    assert page.save("Words.").status_code == 200


# ── Pictures ──────────────────────────────────────────────────────────────────────────────────
def test_pictures_of_a_draft_are_kept_as_long_as_it_is(page, alice, monkeypatch):
    held, let_go = (Media.objects.keep(alice, drawn()) for _ in "12")
    monkeypatch.setattr("publishing.media.media.UNUSED_PER_USER", 1)
    page.save("", media=[str(held.public_id)], **{f"alt_{held.public_id}": "A beach"})
    Media.objects.update(created_at=timezone.now() - timedelta(days=5))
    Media.objects.keep(alice, drawn())
    Media.objects.prune()
    assert Media.objects.filter(pk=held.pk).exists()
    assert not Media.objects.filter(pk=let_go.pk).exists()
    assert Draft.objects.get().fields[f"alt_{held.public_id}"] == ["A beach"]
    page.save("")
    Media.objects.prune()
    assert not Media.objects.filter(pk=held.pk).exists()


def test_somebody_elses_picture_is_not_taken(page, bob):
    his = Media.objects.keep(bob, drawn())
    page.save("Words.", media=[str(his.public_id)])
    his.refresh_from_db()
    assert his.draft is None
    assert str(his.public_id) not in page_of(page.browser.get(page.address))


def test_no_more_pictures_than_a_post_may_have(page):
    page.save("Words.", media=[str(uuid.uuid4()) for _ in range(9)] + ["no id"])
    assert len(Draft.objects.get().fields["media"]) == 4


# ── Versions ──────────────────────────────────────────────────────────────────────────────────
def later(**by):
    Draft.objects.update(versioned_at=timezone.now() - timedelta(**by))


def test_a_version_is_kept_every_two_minutes_and_twenty_in_all(page):
    page.save("0")
    page.save("1")
    assert not DraftVersion.objects.exists()
    for number in range(2, 26):
        later(minutes=3)
        page.save(str(number))
        page.save(f"{number}, corrected")
    kept = [words(version) for version in DraftVersion.objects.order_by("id")]
    assert kept == [f"{number}, corrected" for number in range(5, 25)]


# ── What it costs ─────────────────────────────────────────────────────────────────────────────
def test_saving_takes_two_statements_beside_those_of_any_page(page, her):
    page.save("Words.")
    her.post("/posts/lengths/", {"text": "Words."})
    with CaptureQueriesContext(connection) as bare:
        her.post("/posts/lengths/", {"text": "Words."})
    with CaptureQueriesContext(connection) as saving:
        page.save("More words.")
    of_drafts = [q["sql"] for q in saving if "publishing_draft" in q["sql"]]
    assert len(of_drafts) == 2 and len(saving) <= len(bare) + 2


# ── Without script ────────────────────────────────────────────────────────────────────────────
def test_the_button_saves_and_the_page_says_when(page):
    answer = page.press("Hello.")
    assert answer.url == page.address
    shown = page_of(page.browser.get(answer.url))
    assert "Hello.</textarea>" in shown and "Saved " in shown
    assert 'name="revision" value="1"' in shown


def test_the_button_without_anything_says_so(page):
    answer = page.press("")
    assert answer.status_code == 200 and "nothing to save" in page_of(answer)


def test_the_button_brings_pictures_along(page, her):
    file = SimpleUploadedFile("red.png", drawn(), "image/png")
    page.press("", files=[file])
    media = Media.objects.get()
    assert media.draft == Draft.objects.get()
    assert str(media.public_id) in page_of(her.get(page.address))


def test_both_are_on_the_page_and_a_button_decides(page, her):
    page.press("Together.")
    page.revision = 1
    Composer(her, page.id, 1).press("From the phone.")
    answer = page.press("From the desk.")
    shown = page_of(answer)
    assert answer.status_code == 409 and 'name="revision" value="2"' in shown
    assert "From the phone." in shown and "From the desk.</textarea>" in shown
    page.revision = 2
    assert page.press("From the desk.", use="mine").url == page.address
    assert words(Draft.objects.get()) == "From the desk."


@pytest.mark.parametrize("ended", ["discarded", "gone"])
def test_what_cannot_be_saved_there_stays_in_the_composer_under_another_id(ended, page, her):
    page.press("Once.")
    page.revision = 1
    her.post(f"{page.address}discards/")
    if ended == "gone":
        Draft.objects.all().delete()
    answer = page.press("Once more.")
    shown = page_of(answer)
    assert answer.status_code == 409 and "Once more.</textarea>" in shown
    assert f'data-draft-url="{page.address}"' not in shown
    assert 'name="revision" value="0"' in shown
