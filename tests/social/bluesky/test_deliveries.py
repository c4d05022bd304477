"""A post that goes to Bluesky from here: sent once whatever the answer was, settled in seconds and
without a question, and the same record also from a database that knows nothing of it."""

from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from importing.models import ImportedItem
from publishing.models import Attempt, Media, Post
from tests.publishing.factories import HOUR, let_time_pass, publish, reloaded

from ..dancing import channel_of, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(sandbox, alice):
    connect(sandbox, alice, "bluesky")
    return channel_of(alice, "bluesky")


def run_until_settled(run_jobs, delivery):
    for _ in range(5):
        run_jobs(until=timezone.now() + HOUR / 60)
        let_time_pass(seconds=15)
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
    delivery = run_until_settled(run_jobs, publish(channel, "Once"))
    assert (delivery.state, delivery.attempt) == ("sent", 2)
    assert [made["text"] for made in sandbox.truth("bluesky")] == ["Once"]


def test_a_database_put_back_makes_the_same_record(channel, run_jobs, sandbox):
    delivery = publish(channel, "Once")
    run_jobs()
    (made,) = sandbox.truth("bluesky")
    Attempt.objects.all().delete()
    fields = {"state": "queued", "attempt": 0, "remote_id": "", "remote_url": "", "tries": 0}
    type(delivery).objects.update(**fields, finished_at=None)
    reloaded(delivery).post.send_later()
    delivery = run_until_settled(run_jobs, delivery)
    assert (delivery.state, delivery.remote_id) == ("sent", made["id"])
    assert [row["id"] for row in sandbox.truth("bluesky")] == [made["id"]]


def test_an_access_token_that_ended_is_renewed(channel, run_jobs, sandbox):
    sandbox.arm("bsky.400.expired")
    delivery = run_until_settled(run_jobs, publish(channel))
    assert delivery.state == "sent" and len(sandbox.truth("bluesky")) == 1


def test_a_revoked_password_waits_for_its_person(channel, run_jobs, sandbox):
    sandbox.change("revoke", user="alice.test", network="bluesky")
    delivery = run_until_settled(run_jobs, publish(channel))
    assert (delivery.state, delivery.waiting_for) == ("queued", "reconnect")
    connect(sandbox, channel.connection.user, "bluesky")
    assert run_until_settled(run_jobs, delivery).state == "sent"


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


def test_what_is_there_is_read_back(channel, run_jobs):
    publish(channel, "From here")
    run_jobs()
    texts = set(ImportedItem.objects.filter(kind="post").values_list("text", flat=True))
    assert {"First."} - texts and len(texts) >= 3
