"""The list of drafts, its trash, earlier versions, and a post that is taken back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishing.models import Delivery, Draft, DraftVersion, Media, Post
from publishing.planning.comparing import word_diff
from publishing.planning.pruning import prune_drafts
from tests.pictures import drawn
from tests.publishing.factories import page_channel, x_channel
from tests.publishing.pages import page_of, ticked_in
from tests.publishing.planning.pages import Composer

pytestmark = pytest.mark.django_db


@pytest.fixture
def channels(alice):
    return [x_channel(alice), page_channel(alice)]


@pytest.fixture
def her(alice, channels, client_for):
    return client_for(alice)


def draft(browser, text, **more):
    page = Composer(browser)
    assert page.save(text, **more).status_code == 200
    return page


# ── The list ──────────────────────────────────────────────────────────────────────────────────
def test_the_latest_is_first_and_the_list_does_not_count(her):
    for number in range(25):
        draft(her, f"Number {number}.")
    with CaptureQueriesContext(connection) as queries:
        page = page_of(her.get("/drafts/"))
    assert "Number 24." in page and "Number 4." not in page
    assert page.index("Number 24.") < page.index("Number 10.")
    assert "Number 4." in page_of(her.get("/drafts/?page=2"))
    assert not [q for q in queries if "COUNT(" in q["sql"] and "publishing_draft" in q["sql"]]


@pytest.mark.parametrize("q", ["strawberry", "only there", "100%", "“quoted”"])
def test_search_finds_words_for_all_and_for_one_network(q, her):
    draft(her, "Strawberry 100% “quoted”", text_x="Only there.")
    draft(her, "Something else.")
    page = page_of(her.get("/drafts/", {"q": q}))
    assert "Strawberry" in page and "Something else." not in page


def test_search_keeps_its_words_from_page_to_page(her):
    for number in range(21):
        draft(her, f"Bread {number}.")
    assert "q=Bread" in page_of(her.get("/drafts/?q=Bread"))
    assert "No draft says that" in page_of(her.get("/drafts/?q=fish"))


def test_empty_lists_say_what_to_do_next(her):
    assert "Write something" in page_of(her.get("/drafts/"))
    assert "The trash is empty" in page_of(her.get("/drafts/?trash=1"))


def test_nobody_elses_drafts_are_listed(her, bob, client_for):
    draft(client_for(bob), "His secret.")
    assert "His secret." not in page_of(her.get("/drafts/"))
    assert "His secret." not in page_of(her.get("/drafts/?q=secret"))


# ── The trash ─────────────────────────────────────────────────────────────────────────────────
def test_what_is_discarded_can_be_brought_back(her):
    page = draft(her, "Hello.")
    answer = her.post(f"{page.address}discards/", follow=True)
    assert "Undo" in page_of(answer) and f"{page.address}restorations/" in page_of(answer)
    assert "Hello." not in page_of(her.get("/drafts/?q=Hello"))
    assert "Hello." in page_of(her.get("/drafts/?trash=1"))
    assert her.get(page.address).url == "/drafts/?trash=1"
    assert her.post(f"{page.address}restorations/").url == page.address
    assert "Hello.</textarea>" in page_of(her.get(page.address))
    assert page.save("Hello again.").status_code == 200


def test_discarding_twice_and_restoring_twice_do_no_harm(her):
    page = draft(her, "Hello.")
    for verb in ("discards", "discards", "restorations", "restorations"):
        assert her.post(f"{page.address}{verb}/").status_code == 302
    assert Draft.objects.get().is_live


@pytest.mark.parametrize("days, left", [(29, 1), (31, 0)])
def test_the_trash_is_emptied_after_thirty_days(days, left, her, alice):
    picture = Media.objects.keep(alice, drawn())
    page = draft(her, "Hello.", media=[str(picture.public_id)])
    her.post(f"{page.address}discards/")
    Draft.objects.update(trashed_at=timezone.now() - timedelta(days=days))
    prune_drafts()
    assert Draft.objects.count() == left
    assert Media.objects.get().draft_id == (Draft.objects.get().pk if left else None)


def test_tombstones_and_versions_go_when_nobody_can_want_them(her, channels):
    page = draft(her, "Hello.")
    page.publish("Hello.", channels)
    kept = draft(her, "Still writing.")
    DraftVersion.of(Draft.objects.get(public_id=kept.id)).keep()
    prune_drafts()
    assert Draft.objects.count() == 2 and DraftVersion.objects.count() == 1
    long_ago = timezone.now() - timedelta(days=91)
    Draft.objects.update(changed_at=long_ago)
    DraftVersion.objects.update(created_at=long_ago)
    prune_drafts()
    assert str(Draft.objects.get().public_id) == kept.id and not DraftVersion.objects.exists()


# ── Earlier versions ──────────────────────────────────────────────────────────────────────────
def test_words_are_compared_one_by_one():
    parts = word_diff("We bake bread today", "We bake fresh bread")
    assert "".join(p.words for p in parts if p.kind != "added") == "We bake bread today"
    assert "".join(p.words for p in parts if p.kind != "removed") == "We bake fresh bread"
    assert next(p.words for p in parts if p.kind == "same").startswith("We bake")


def test_a_long_text_is_compared_quickly():
    """What would take the square of its length is shown as a whole."""
    old = " ".join("ab" for _ in range(50_000))
    parts = word_diff(f"start {old} end", f"start {old[:-1]}. {old} end")
    assert "".join(p.words for p in parts if p.kind != "added") == f"start {old} end"
    assert "".join(p.words for p in parts if p.kind != "removed") == f"start {old[:-1]}. {old} end"


def test_a_version_is_shown_and_restored_as_the_next_revision(her):
    page = draft(her, "We bake bread.")
    Draft.objects.update(versioned_at=timezone.now() - timedelta(minutes=3))
    page.save("We bake cake.")
    shown = page_of(her.get(f"{page.address}versions/"))
    assert "<del> bread.</del><ins> cake.</ins>" in shown
    version = DraftVersion.objects.get()
    gone = version.fields | {"media": [str(uuid4()), "no picture"]}
    DraftVersion.objects.update(fields=gone)
    assert "2 pictures of it are not kept any more" in page_of(her.get(f"{page.address}versions/"))
    DraftVersion.objects.update(fields=version.fields)
    where = f"{page.address}versions/{version.pk}/restorations/"
    assert her.post(where, {"revision": 1}).url == f"{page.address}versions/"
    assert her.post(where, {"revision": 2}).url == page.address
    row = Draft.objects.get()
    assert row.fields["text"] == ["We bake bread."] and row.revision == 3
    assert {v.fields["text"][0] for v in row.versions.all()} == {"We bake bread.", "We bake cake."}
    assert page.save("We bake cakes.").status_code == 409


def test_a_version_of_another_draft_is_none_of_this(her):
    one, other = draft(her, "One."), draft(her, "Other.")
    DraftVersion.of(Draft.objects.get(public_id=one.id)).keep()
    version = DraftVersion.objects.get()
    where = f"{other.address}versions/{version.pk}/restorations/"
    assert her.post(where, {"revision": 1}).status_code == 404


def test_without_versions_the_page_says_so(her):
    page = draft(her, "Hello.")
    assert "No earlier versions yet" in page_of(her.get(f"{page.address}versions/"))


# ── Taken back ────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def scheduled(alice, channels):
    at = timezone.now() + timedelta(days=1)
    pictures = [(drawn(), "A beach")]
    return Post.objects.publish(
        alice, "Tomorrow.", channels, at, texts={"x": "Only X."}, media=pictures
    )


def test_a_post_that_waits_becomes_a_draft(her, scheduled, channels):
    where = f"{scheduled.get_absolute_url()}drafts/"
    answer = her.post(where)
    shown = page_of(her.get(answer.url))
    assert {d.state for d in scheduled.deliveries.all()} == {"canceled"}
    assert "Tomorrow.</textarea>" in shown and "Only X.</textarea>" in shown
    assert "A beach</textarea>" in shown and len(ticked_in(shown)) == 2
    assert f'value="{timezone.localtime(scheduled.due_at):%Y-%m-%dT%H:%M}"' in shown
    assert her.post(where).url == answer.url and Draft.objects.count() == 1
    page = Composer(her, answer.url.split("/")[2], 1)
    picture = str(scheduled.media.get().public_id)
    assert page.publish("Today.", channels, media=[picture]).status_code == 302
    assert [post.media.count() for post in Post.objects.all()] == [1, 1]


def test_only_what_is_untried_is_taken_back(her, scheduled):
    sent = scheduled.deliveries.first()
    Delivery.objects.filter(pk=sent.pk).update(
        state="sent", waiting_for="", remote_id="1", finished_at=timezone.now()
    )
    her.post(f"{scheduled.get_absolute_url()}drafts/")
    assert Draft.objects.get().fields["channels"] == [str(scheduled.deliveries.last().channel_id)]
    assert Delivery.objects.get(pk=sent.pk).state == "sent"


def test_what_is_sent_is_not_taken_back(her, scheduled):
    Delivery.objects.update(state="sent", waiting_for="", remote_id="1", finished_at=timezone.now())
    answer = her.post(f"{scheduled.get_absolute_url()}drafts/")
    assert answer.url == scheduled.get_absolute_url() and not Draft.objects.exists()


def test_pictures_of_a_draft_outlive_the_post_that_was_canceled(her, scheduled):
    her.post(f"{scheduled.get_absolute_url()}drafts/")
    Delivery.objects.update(finished_at=timezone.now() - timedelta(days=90))
    Media.objects.get().make_thumbnail()
    Media.objects.prune()
    assert Media.objects.get().original()
