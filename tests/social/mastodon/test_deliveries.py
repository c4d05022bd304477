"""A post that goes to Mastodon from here: sent once whatever the answer was and whatever its server
keeps, settled by the same request where that is safe, and else by looking."""

from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from PIL import Image

from importing.models import ImportedItem
from publishing.deliveries.instance import mark_overdue_unconfirmed
from publishing.deliveries.retrying import REPEAT_LATEST_SECONDS
from publishing.models import Attempt, Delivery, Media, Post
from social.models import Home
from tests.publishing.factories import let_time_pass, publish, reloaded, verify_once

from ..dancing import HOST, channel_of, connect

pytestmark = [pytest.mark.django_db, pytest.mark.database]
WARNED = {"warning": "Bread", "visibility": "private", "language": "de"}


@pytest.fixture
def channel(sandbox, alice):
    connect(sandbox, alice, "mastodon")
    return channel_of(alice, "mastodon")


def goes_on(delivery, run_jobs):
    let_time_pass(seconds=REPEAT_LATEST_SECONDS)
    run_jobs()
    return reloaded(delivery)


def posts_made(sandbox):
    rows = sandbox.call("GET", "/journal", params={"since": 0})["entries"]
    return sum(row["method"] == "POST" and row["path"] == "/api/v1/statuses" for row in rows)


def test_it_is_sent(channel, run_jobs, sandbox):
    assert channel.label == "mastodon:alice@meadow.test"
    assert Home.objects.get().software == "mastodon"
    delivery = publish(channel, "Fresh #bread")
    run_jobs()
    delivery = reloaded(delivery)
    (made,) = sandbox.truth("mastodon")
    assert (delivery.state, delivery.remote_id) == ("sent", made["id"])
    assert delivery.remote_id.endswith(f"@{HOST}")


@pytest.mark.parametrize("preset", ["cut.after", "cut.before", "500.after", "503.after"])
def test_an_answer_that_was_lost_is_settled_within_seconds(preset, channel, run_jobs, sandbox):
    sandbox.arm(f"mast.{preset}")
    delivery = publish(channel, "Once")
    run_jobs()
    delivery = goes_on(delivery, run_jobs)
    assert (delivery.state, delivery.attempt) == ("sent", 2)
    assert [made["text"] for made in sandbox.truth("mastodon")] == ["Once"]
    # Looked for first: who is there is not asked for again.
    assert posts_made(sandbox) == 1 + preset.endswith("before")


@pytest.mark.parametrize("trouble", ["repeat_fails", "lists_lag", "keys_lost", "keys_late"])
def test_whatever_its_keys_do_there_is_one(trouble, channel, run_jobs, sandbox):
    if trouble == "repeat_fails":
        sandbox.change("repeat_fails")
    lag_ms = 0 if trouble.startswith("keys") else 30_000
    sandbox.change("visibility_lag", ms=lag_ms, network="mastodon")
    if trouble == "keys_lost":
        sandbox.change("keys", kept_s=0)
    elif trouble == "keys_late":  # known after a minute: before that the same request makes another
        sandbox.change("keys", late_s=60)
    sandbox.arm("mast.cut.after")
    delivery = publish(channel, "Once")
    run_jobs()
    delivery = goes_on(delivery, run_jobs)
    if delivery.state != "sent":  # a 500 to a repeat says nothing: looked up
        sandbox.clock(advance=60)
        delivery = goes_on(delivery, run_jobs)
        if delivery.state == "unconfirmed":
            verify_once(delivery)
    assert reloaded(delivery).state == "sent"
    assert len(sandbox.truth("mastodon")) == 1


@pytest.mark.parametrize("name", ["gotosocial", "pixelfed"])
def test_where_no_keys_are_kept_nothing_is_repeated(name, sandbox, alice, run_jobs):
    sandbox.change("server_software", name=name)
    connect(sandbox, alice, "mastodon")
    channel = channel_of(alice, "mastodon")
    sandbox.arm("mast.500.after")
    delivery = publish(channel, "Once")
    run_jobs()
    delivery = reloaded(delivery)
    assert (delivery.state, delivery.attempt) == ("unconfirmed", 1)
    verify_once(delivery)
    assert reloaded(delivery).state == "sent" and len(sandbox.truth("mastodon")) == 1


def test_a_post_that_was_deleted_before_we_heard_of_it_is_no_failure(channel, run_jobs, sandbox):
    sandbox.arm("mast.cut.after")
    delivery = publish(channel, "Once")
    run_jobs()
    (made,) = sandbox.truth("mastodon")
    sandbox.call("POST", "/posts", json={"delete": made["id"]})
    delivery = goes_on(delivery, run_jobs)
    assert (delivery.state, delivery.reason) == ("canceled", "deleted_there")
    assert len(sandbox.truth("mastodon")) == 1


def test_what_a_server_says_yes_to_and_drops_is_asked_for_no_more(channel, run_jobs, sandbox):
    """Against spam it answers as if it were there. Heard, that is a yes; not heard, the key says
    that what was made is gone: it is no failure, and nothing is sent again."""
    sandbox.change("silent_drop")
    heard = publish(channel, "Heard")
    run_jobs()
    sandbox.arm("mast.cut.after")
    unheard = publish(channel, "Unheard")
    run_jobs()
    unheard = goes_on(unheard, run_jobs)
    assert reloaded(heard).state == "sent"
    assert (unheard.state, unheard.reason) == ("canceled", "deleted_there")
    assert sorted(it["text"] for it in sandbox.truth("mastodon")) == ["Heard", "Unheard"]
    grant = channel.connection.grant()
    assert not channel.network.is_there(reloaded(heard).remote_id, grant)


@pytest.fixture
def put_back(channel, run_jobs):
    """Sent, and the database that of before."""
    delivery = publish(channel, "Once")
    row = Delivery.objects.filter(pk=delivery.pk).values().get()
    run_jobs()
    Attempt.objects.all().delete()
    Delivery.objects.filter(pk=delivery.pk).update(**row)
    return delivery


def test_a_database_put_back_finds_the_same_post(put_back, sandbox):
    (made,) = sandbox.truth("mastodon")
    mark_overdue_unconfirmed(True, None)
    verify_once(put_back)
    delivery = reloaded(put_back)
    assert (delivery.state, delivery.remote_id) == ("sent", made["id"])


def test_a_database_put_back_that_sends_again_makes_no_second_one(put_back, run_jobs, sandbox):
    """Within the hour: the key is derived and not drawn, so it is the same request."""
    (made,) = sandbox.truth("mastodon")
    Delivery.objects.all().send_later()
    run_jobs()
    delivery = reloaded(put_back)
    assert (delivery.state, delivery.remote_id) == ("sent", made["id"])
    assert len(sandbox.truth("mastodon")) == 1


def test_after_the_hour_it_is_only_looked_for(channel, run_jobs, sandbox, monkeypatch):
    """A request that hung for longer than keys are kept is never asked for again."""
    sandbox.arm("mast.cut.before")
    delivery = publish(channel, "Once")
    run_jobs()
    assert reloaded(delivery).is_repeat
    monkeypatch.setattr("social.networks.mastodon.network.KEYS_LAST", timedelta(0))
    delivery = goes_on(delivery, run_jobs)
    assert delivery.state == "unconfirmed" and posts_made(sandbox) == 1


def test_pictures_of_a_repeat_are_the_same_ones(channel, run_jobs, sandbox):
    file = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, "PNG")
    media = Media.objects.keep(channel.connection.user, file.getvalue(), alt="Blue")
    sandbox.change("slow_media", seconds=0.2)
    sandbox.arm("mast.cut.before")
    chosen = {"mastodon": WARNED}
    (post,) = [
        Post.objects.publish(
            channel.connection.user, "Look", [channel], media=[media], extras=chosen
        )
    ]
    run_jobs()
    delivery = goes_on(post.deliveries.get(), run_jobs)
    assert (delivery.state, delivery.attempt) == ("sent", 2)
    first, second = delivery.attempts.all()
    assert first.media_ids == second.media_ids and first.key == second.key
    (made,) = sandbox.truth("mastodon")
    assert [it["alt_text"] for it in made["media"]] == ["Blue"]
    assert (made["warning"], made["visibility"], made["language"]) == tuple(WARNED.values())


def test_a_removed_app_waits_for_its_person(channel, run_jobs, sandbox):
    sandbox.change("revoke", user="alice", network="mastodon")
    delivery = publish(channel)
    run_jobs()
    delivery = goes_on(delivery, run_jobs)
    assert (delivery.state, delivery.waiting_for) == ("queued", "reconnect")
    connect(sandbox, channel.connection.user, "mastodon")
    assert goes_on(delivery, run_jobs).state == "sent"


def test_what_is_there_is_read_back_and_what_is_ours_is_known(channel, run_jobs):
    delivery = publish(
        channel, "From here https://example.com/a/long/address/of/a/page?that=goes&on"
    )
    run_jobs()
    for kind in ("posts", "likes", "friends", "home"):
        user = channel.connection.user.username
        call_command("import_now", user, "--kind", kind, stdout=StringIO())
    run_jobs()
    kinds = set(ImportedItem.objects.values_list("kind", flat=True))
    assert kinds == {"post", "like", "friend", "home"}
    ours = ImportedItem.objects.get(kind="post", text=delivery.content)
    assert ours.remote_id == reloaded(delivery).remote_id
    assert ImportedItem.objects.filter(kind="post").count() == 4
