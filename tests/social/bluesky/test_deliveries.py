"""A post that goes to Bluesky from here: sent once whatever the answer was, settled in seconds and
without a question, and the same record also from a database that knows nothing of it."""

from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from importing.models import ImportedItem
from project.jobs.models import QueuedJob
from publishing.cards import card as cards
from publishing.deliveries import card_upload
from publishing.deliveries.instance import mark_overdue_unconfirmed
from publishing.deliveries.retrying import REPEAT_LATEST_SECONDS
from publishing.models import Attempt, Delivery, Media, Post
from social.networks.web_pages import WebPage
from social.timing import Window
from tests.publishing.factories import let_time_pass, publish, reloaded, verify_once

from ..dancing import channel_of, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(sandbox, alice):
    connect(sandbox, alice, "bluesky")
    return channel_of(alice, "bluesky")


def goes_on(delivery, run_jobs):
    let_time_pass(seconds=REPEAT_LATEST_SECONDS)
    run_jobs()
    return reloaded(delivery)


def test_it_is_sent(channel, run_jobs, sandbox):
    delivery = publish(channel, "Fresh #bread")
    run_jobs()
    delivery = reloaded(delivery)
    (made,) = sandbox.truth("bluesky")
    assert (delivery.state, delivery.remote_id) == ("sent", made["id"])
    assert made["id"].endswith(delivery.attempts.get().key)


@pytest.mark.parametrize("preset", ["cut.after", "cut.before", "500.after", "503.html"])
def test_an_answer_that_was_lost_is_settled_by_the_same_request(preset, channel, run_jobs, sandbox):
    sandbox.arm(f"bsky.{preset}")
    delivery = publish(channel, "Once")
    run_jobs()
    delivery = goes_on(delivery, run_jobs)
    assert (delivery.state, delivery.attempt) == ("sent", 2)
    assert [made["text"] for made in sandbox.truth("bluesky")] == ["Once"]


@pytest.fixture
def put_back(channel, run_jobs):
    """Sent, and the database that of before."""
    delivery = publish(channel, "Once")
    row = Delivery.objects.filter(pk=delivery.pk).values().get()
    run_jobs()
    Attempt.objects.all().delete()
    Delivery.objects.filter(pk=delivery.pk).update(**row)
    return delivery


def test_a_database_put_back_finds_the_same_record(put_back, sandbox):
    (made,) = sandbox.truth("bluesky")
    mark_overdue_unconfirmed(True, None)
    verify_once(put_back)
    delivery = reloaded(put_back)
    assert (delivery.state, delivery.remote_id) == ("sent", made["id"])
    assert len(sandbox.truth("bluesky")) == 1


def test_a_database_put_back_that_sends_again_makes_no_second_one(put_back, run_jobs, sandbox):
    (made,) = sandbox.truth("bluesky")
    Delivery.objects.all().send_later()
    run_jobs()
    verify_once(put_back)
    delivery = reloaded(put_back)
    assert (delivery.state, delivery.remote_id) == ("sent", made["id"])
    assert [row["edited"] for row in sandbox.truth("bluesky")] == [False]


def test_an_access_token_that_ended_is_renewed(channel, run_jobs, sandbox):
    sandbox.arm("bsky.400.expired")
    delivery = publish(channel)
    run_jobs()
    delivery = goes_on(delivery, run_jobs)
    assert delivery.state == "sent" and len(sandbox.truth("bluesky")) == 1


def test_a_revoked_password_waits_for_its_person(channel, run_jobs, sandbox):
    sandbox.change("revoke", user="alice.test", network="bluesky")
    delivery = publish(channel)
    run_jobs()
    delivery = goes_on(delivery, run_jobs)
    assert (delivery.state, delivery.waiting_for) == ("queued", "reconnect")
    connect(sandbox, channel.connection.user, "bluesky")
    assert goes_on(delivery, run_jobs).state == "sent"


def test_a_large_picture_is_made_smaller_on_the_way(channel, run_jobs, sandbox):
    file = BytesIO()
    Image.effect_noise((1600, 1200), 90).convert("RGB").save(file, "JPEG", quality=95)
    assert len(file.getvalue()) > 1_000_000
    media = Media.objects.keep(channel.connection.user, file.getvalue(), alt="Noise")
    Post.objects.publish(channel.connection.user, "", [channel], media=[media])
    run_jobs()
    (made,) = sandbox.truth("bluesky")
    (picture,) = made["media"]
    assert picture["size"] <= 1_000_000 and picture["alt_text"] == "Noise"
    ratio = picture["aspect_ratio"]
    assert ratio["width"] * 3 == ratio["height"] * 4


# ── The card of a link ────────────────────────────────────────────────────────────────────────
PAGE, PICTURE = "https://green.example/rye", "https://green.example/rye.png"
HEAD = "<title>Rye</title><meta name=description content=Warm><meta property=og:image content="


@pytest.fixture
def web(monkeypatch):
    """A page with a picture, and how often it was read."""
    reads, file = [], BytesIO()
    Image.effect_noise((900, 600), 90).convert("RGB").save(file, "PNG")

    def read_page(address):
        reads.append(address)
        return WebPage(address, "text/html", f"{HEAD}{PICTURE}>".encode())

    cache.clear()
    monkeypatch.setattr(cards, "is_readable", lambda address: True)
    monkeypatch.setattr(cards, "read_page", read_page)
    picture = WebPage(PICTURE, "image/png", file.getvalue())
    monkeypatch.setattr(cards, "read_picture", lambda address: picture)
    return reads


def test_a_post_holds_the_card_of_its_link_and_a_repeat_the_same_one(
    channel, run_jobs, sandbox, web
):
    cards.keep(PAGE, channel.connection.user_id)
    sandbox.arm("bsky.cut.after")
    delivery = publish(channel, f"See {PAGE}")
    run_jobs()
    cache.clear()  # what is known of the page by then counts no more
    assert goes_on(delivery, run_jobs).state == "sent"
    (made,) = sandbox.truth("bluesky")
    card = made["record"]["embed"]["external"]
    assert made["text"] == f"See {PAGE}" and not made["edited"]
    assert (card["uri"], card["title"], card["description"]) == (PAGE, "Rye", "Warm")
    assert 0 < card["thumb"]["size"] <= cards.PICTURE_BYTES


def test_nothing_waits_for_a_card(channel, run_jobs, sandbox, web):
    user = channel.connection.user
    publish(channel, f"Unread {PAGE}")
    run_jobs()
    cards.keep(PAGE, user.pk)
    Post.objects.publish(user, f"None {PAGE}", [channel], extras={"bluesky": {"link": "none"}})
    sandbox.arm("bsky.upload.500")
    publish(channel, f"No picture {PAGE}")
    run_jobs()
    embeds = {row["text"].split(" http")[0]: row["record"] for row in sandbox.truth("bluesky")}
    assert not any("embed" in embeds[name] for name in ("Unread", "None"))
    assert embeds["No picture"]["embed"]["external"].keys() == {"uri", "title", "description"}


def test_a_picture_that_is_forgotten_takes_its_card_no_further(channel, run_jobs, sandbox, web):
    cards.keep(PAGE, channel.connection.user_id)
    sandbox.arm("bsky.400.blob")
    delivery = publish(channel, f"See {PAGE}")
    run_jobs()
    let_time_pass(seconds=600)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    (made,) = sandbox.truth("bluesky")
    assert "thumb" not in made["record"]["embed"]["external"]


def test_a_repeat_has_the_picture_of_the_request_that_it_repeats(channel, run_jobs, sandbox, web):
    cards.keep(PAGE, channel.connection.user_id)
    sandbox.arm("bsky.cut.before")
    delivery = publish(channel, f"See {PAGE}")
    run_jobs()
    let_time_pass(seconds=600)
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).attempt) == ("sent", 2)
    (made,) = sandbox.truth("bluesky")
    assert "thumb" in made["record"]["embed"]["external"]


def test_nor_does_one_that_an_earlier_request_in_doubt_had(channel, run_jobs, sandbox, web):
    cards.keep(PAGE, channel.connection.user_id)
    sandbox.arm("bsky.cut.before")
    delivery = publish(channel, f"See {PAGE}")
    run_jobs()
    sandbox.change("drop_blobs")
    for _ in range(2):  # the same request, which is refused; and without the picture
        let_time_pass(seconds=600)
        run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).attempt) == ("sent", 3)
    (made,) = sandbox.truth("bluesky")
    assert "thumb" not in made["record"]["embed"]["external"]


def test_a_card_goes_without_its_picture_when_that_has_no_time(
    channel, run_jobs, sandbox, web, monkeypatch
):
    """The send has plenty of time left; what a picture may take of it is used up."""
    monkeypatch.setattr(card_upload, "UPLOAD_SECONDS", 0)
    cards.keep(PAGE, channel.connection.user_id)
    delivery = publish(channel, f"See {PAGE}")
    run_jobs()
    assert reloaded(delivery).state == "sent"
    (made,) = sandbox.truth("bluesky")
    assert "thumb" not in made["record"]["embed"]["external"]


def test_a_card_goes_without_its_picture_when_its_send_has_no_time(channel, web):
    cards.keep(PAGE, channel.connection.user_id)
    delivery = publish(channel, f"See {PAGE}")
    grant, picture = channel.connection.grant(), cards.known_picture(PAGE)
    assert card_upload.upload(delivery, picture, grant, Window(0)) is None
    assert card_upload.upload(delivery, picture, grant, Window(30))


def test_the_page_is_read_before_a_scheduled_post_goes_out(channel, run_jobs, web):
    user, now = channel.connection.user, timezone.now()
    for minutes in (10, 10, 60):
        at = now + timedelta(minutes=minutes)
        Post.objects.publish(user, f"See {PAGE}", [channel], at=at)
    card_upload.read_ahead_later()
    jobs = QueuedJob.objects.filter(func__endswith="read_card_ahead")
    told = {(job.key, job.owner) for job in jobs}
    assert told == {("mail", f"user:{user.pk}")}  # theirs, and no post waits behind it
    run_jobs()
    assert web == [PAGE] and cards.known_card(PAGE).title == "Rye"
    card_upload.read_ahead_later()
    run_jobs()
    assert web == [PAGE]


def test_of_what_went_out_meanwhile_or_names_no_page_none_is_read(channel, run_jobs, web):
    gone, plain = publish(channel, f"See {PAGE}"), publish(channel, "No page.")
    gone.cancel()
    for job_id in (gone.job_id, plain.job_id):
        card_upload.read_ahead(str(job_id))
    assert web == []


def test_what_is_there_is_read_back_and_what_is_ours_is_known(channel, run_jobs):
    delivery = publish(channel, "From here")
    run_jobs()
    for kind in ("posts", "likes", "friends", "home"):
        user = channel.connection.user.username
        call_command("import_now", user, "--kind", kind, stdout=StringIO())
    run_jobs()
    kinds = set(ImportedItem.objects.values_list("kind", flat=True))
    assert kinds == {"post", "like", "friend", "home"}
    ours = ImportedItem.objects.get(kind="post", text="From here")
    assert ours.remote_id == reloaded(delivery).remote_id
    assert ImportedItem.objects.filter(kind="post").count() == 4
