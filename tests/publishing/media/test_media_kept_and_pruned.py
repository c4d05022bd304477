"""What posts with pictures cost, who may use which picture, and how long it is kept."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.models import Delivery, Media, MediaBytes, Post
from tests.pictures import drawn, opened
from tests.publishing.factories import PUBLISHED, finish_send, x_channel
from tests.publishing.media.test_posts_with_pictures import ALTS, TWO, write

pytestmark = pytest.mark.django_db


# ── What it costs, and what is kept ───────────────────────────────────────────────────────────
def test_a_send_without_pictures_asks_for_none(channel):
    write(channel, media=[])
    with CaptureQueriesContext(connection) as captured:
        finish_send(claim(Delivery.objects.get().job_id), PUBLISHED)
    statements = [re.sub("media_(ids|details)", "", query["sql"]) for query in captured]
    assert statements and not [sql for sql in statements if "media" in sql]


def test_lists_never_load_the_bytes(alice, channel, client_for):
    write(channel)
    with CaptureQueriesContext(connection) as captured:
        client_for(alice).get("/posts/")
    assert not [query for query in captured if "publishing_mediabytes" in query["sql"]]
    assert [query for query in captured if "publishing_media" in query["sql"]]


def test_a_thumbnail_is_made_by_a_job(alice, client_for, run_jobs):
    media = Media.objects.keep(alice, drawn((900, 600)), "a.jpg")
    browser = client_for(alice)
    first = browser.get(f"/pictures/{media.public_id}/")
    assert first.headers["Content-Type"] == "image/jpeg" and first.content == media.original()
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert [job.func for job in run_jobs()] == ["publishing.tasks.make_thumbnail"]
    second = browser.get(f"/pictures/{media.public_id}/")
    assert second.headers["Content-Type"] == "image/webp" and opened(second.content).width == 480
    assert second.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert second.headers["X-Content-Type-Options"] == "nosniff"
    assert second.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def state_of(delivery, state, days):
    ended = timezone.now() - timedelta(days=days) if state not in ("queued", "sending") else None
    fields = {"state": state, "finished_at": None if state == "unconfirmed" else ended}
    if state == "unconfirmed":
        fields["waiting_for"] = "person"
    if state == "sent":
        fields["remote_id"] = str(delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(**fields)


@pytest.mark.parametrize(
    ("state", "days", "kept"),
    [
        ("sent", 1, True),
        ("sent", 8, False),
        ("canceled", 8, False),
        ("failed", 8, True),
        ("failed", 61, False),
        ("queued", 400, True),
        ("sending", 400, True),
        ("unconfirmed", 400, True),
    ],
)
def test_originals_are_pruned_when_all_is_over(state, days, kept, channel, run_jobs):
    delivery = write(channel, media=TWO[:1])
    media = Media.objects.get()
    media.make_thumbnail()
    state_of(delivery, state, days)
    Media.objects.prune()
    assert (media.original() is not None) == kept
    assert media.shown()[1] == "image/webp"
    assert bool(Media.objects.get().pruned_at) != kept


def test_one_unfinished_delivery_keeps_them(channel, alice):
    other = x_channel(alice, "bob")
    post = Post.objects.publish(alice, "Two.", [channel, other], media=TWO[:1])
    one, _ = post.deliveries.all()
    Media.objects.get().make_thumbnail()
    state_of(one, "sent", 30)
    Media.objects.prune()
    assert Media.objects.get().original()


def test_each_picture_shows_its_own_bytes(alice):
    red, blue = (Media.objects.keep(alice, drawn(size)) for size in ((90, 60), (60, 90)))
    for media in (red, blue):
        media.make_thumbnail()
    assert red.shown()[0] != blue.shown()[0] and red.original() != blue.original()


def test_pictures_of_posts_are_used_however_old(channel):
    write(channel, media=TWO)
    Media.objects.update(created_at=timezone.now() - timedelta(days=99))
    Media.objects.prune()
    assert Media.objects.count() == 2 and not Media.objects.unused().exists()


def test_drafts_go_after_two_days_and_when_there_are_too_many(alice, monkeypatch):
    old, new = (Media.objects.keep(alice, drawn()) for _ in range(2))
    for it, hours in ((old, 49), (new, 47)):
        Media.objects.filter(pk=it.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    Media.objects.prune()
    assert Media.objects.get() == new
    monkeypatch.setattr("publishing.media.media.UNUSED_PER_USER", 2)
    for _ in range(3):
        Media.objects.keep(alice, drawn())
    assert Media.objects.count() == MediaBytes.objects.count() == 2
    assert not Media.objects.filter(pk=new.pk).exists()


# ── Who may, and what may be ──────────────────────────────────────────────────────────────────
def test_somebody_elses_picture_is_not_published(channel, alice, bob):
    theirs = Media.objects.keep(bob, drawn())
    with pytest.raises(ValidationError, match="somebody else's"):
        write(channel, media=[theirs])
    assert not Post.objects.exists()


def test_four_are_the_most(channel):
    with pytest.raises(ValidationError, match="X takes at most 4 pictures a post"):
        write(channel, media=[drawn()] * 5)
    write(channel, media=[drawn()] * 4)


def test_a_picture_of_one_post_is_copied_into_the_next(channel, run_jobs):
    first = write(channel)
    second = write(channel, "Again.", media=list(first.post.media.all()))
    assert first.post.media.count() == second.post.media.count() == 2
    assert [one.alt for one in second.post.media.all()] == ALTS
    assert {one.sha256 for one in first.post.media.all()} == (
        {one.sha256 for one in second.post.media.all()}
    )


def test_what_was_pruned_cannot_be_published_again(channel):
    first = write(channel)
    MediaBytes.objects.update(original=None)
    with pytest.raises(ValidationError, match="Add it again"):
        write(channel, "Again.", media=list(first.post.media.all()))
    assert Post.objects.count() == 1


@pytest.mark.parametrize("alt", ["a" * 1001, "\0", "\ud800"])
def test_alt_text_that_will_not_do(alt, alice):
    with pytest.raises(ValidationError):
        Media.objects.keep(alice, drawn(), alt=alt)


def test_a_file_that_is_not_there_is_one_sentence(channel, tmp_path):
    with pytest.raises(ValidationError, match="cannot be read"):
        write(channel, media=[tmp_path / "nothing.jpg"])
