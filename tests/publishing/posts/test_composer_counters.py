"""What a network will say of a text stands under it while it is written: how long it may be for
this very account, what it refuses, and what it costs."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from publishing.models import Post
from social import tasks
from social.models import Channel, Connection
from social.networks.shapes import Person
from tests.publishing.factories import reloaded
from tests.social.dancing import connect, dance

pytestmark = pytest.mark.django_db
LONG = "Bread, " * 500
OVER = "Bread! " * 3_600
TWICE = "$AAPL and $MSFT rise"


@pytest.fixture
def paula(bob, sandbox) -> Channel:
    """Bob's second account, whose posts may be long."""
    return connect(sandbox, bob, "x", "paula").channels.get()


def counted(client, text: str, *channels: Channel, **more: str):
    form = {"text": text, "channels": [channel.id for channel in channels], **more}
    answer = client.post(reverse("posts:lengths"), form)
    return {counter.label: counter for counter in answer.context["counters"]}, answer


# ── As long as this account may write ─────────────────────────────────────────────────────────
def test_a_long_post_of_a_subscriber_goes_out_whole(paula, bob, client_for, run_jobs, sandbox):
    counters, _ = counted(client_for(bob), LONG, paula)
    assert (counters["X"].length.limit, counters["X"].length.fits) == (25_000, True)
    form = {"text": LONG, "channels": [paula.id], "when": "now"}
    assert client_for(bob).post("/posts/", form).status_code == 302
    run_jobs()
    assert reloaded(Post.objects.get().deliveries.get()).state == "sent"
    assert len(sandbox.truth(text=LONG.strip())) == 1
    with pytest.raises(ValidationError, match="25,199 of 25,000"):
        Post.objects.publish(bob, OVER, [paula])


def test_of_two_accounts_the_shorter_decides(paula, bob, client_for, sandbox):
    other = connect(sandbox, bob, "x", "bob").channels.get()
    counters, _ = counted(client_for(bob), LONG, paula, other)
    assert counters["X"].length.limit == 280
    with pytest.raises(ValidationError, match="Too long for X: 3,499 of 280"):
        Post.objects.publish(bob, LONG, [paula, other])


def test_connecting_in_a_browser_asks_for_it(bob, client_for, sandbox):
    for name, limit in (("paula", 25_000), ("bob", 280)):
        dance(client_for(bob), "x", name)
        assert Connection.objects.get(handle=name).longest == limit


def test_who_subscribed_since_is_known_before_the_next_post(paula, bob, run_jobs):
    Connection.objects.update(longest=None, checked_at=timezone.now() - timedelta(hours=2))
    tasks.check_connection(str(paula.connection_id))
    assert Connection.objects.get().longest == 25_000


def test_it_is_asked_once_a_week_where_nothing_is_scheduled(paula):
    for days, limit in ((6, 280), (8, 25_000)):
        Connection.objects.update(longest=280, checked_at=timezone.now() - timedelta(days=days))
        tasks.renew_connection(str(paula.connection_id))
        assert Connection.objects.get().longest == limit


def test_where_x_does_not_say_it_stays(paula):
    connection = Connection.objects.get()
    connection.note_person(Person(connection.remote_id, "Paula", "paula"))
    assert Connection.objects.get().longest == 25_000


def test_what_comes_late_names_nobody_who_has_left(paula):
    connection = Connection.objects.get()
    Connection.objects.update(disconnected_at=timezone.now(), name="", handle="")
    connection.note_person(Person(connection.remote_id, "Paula", "paula"))
    assert not Connection.objects.get().name


# ── What it refuses, and what it costs ────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "text, is_refused",
    [
        (TWICE, True),
        ("$aapl, $BRK.A!", True),
        ("$AAPL\n$AAPL", True),
        ("$AAPL only", False),
        ("$5 or $10", False),
        ("US$AAPL$MSFT", False),
        ("$AAPL https://example.com/?a=$MSFT", False),
        ("$TOOLONG and $WORDSHERE", False),
    ],
)
def test_x_takes_one_cashtag(channel, bakery, alice, client_for, text, is_refused):
    Post.objects.publish(alice, text, [bakery])
    if not is_refused:
        Post.objects.publish(alice, text, [channel])
        return
    with pytest.raises(ValidationError, match="X takes one cashtag"):
        Post.objects.publish(alice, text, [channel, bakery])
    assert "X takes one cashtag" in counted(client_for(alice), text, channel)[1].content.decode()
    answer = client_for(alice).post("/posts/", {"text": text, "channels": [channel.id]})
    assert answer.status_code == 400 and "X takes one cashtag" in answer.content.decode()
    Post.objects.publish(alice, text, [channel, bakery], texts={"x": "One: $AAPL"})


@pytest.mark.parametrize(
    "text, words",
    [
        ("See example.com", ["$0.20"]),
        ("See https://example.com/a?b", ["$0.20"]),
        ("Thanks @bob!", ["name somebody"]),
        ("Thanks \uff20bob: example.com", ["$0.20", "name somebody"]),
        ("alice@example.org", []),
        ("https://mastodon.social/@bob and medium.com/@bob/x", ["$0.20"]),
        ("Nothing of the kind. 5 @ 3", []),
    ],
)
def test_what_a_link_costs_and_who_is_named_is_said(
    channel, bakery, alice, client_for, text, words
):
    counters, answer = counted(client_for(alice), text, channel, bakery)
    assert len(counters["X"].remarks) == len(words) and not counters["Facebook"].remarks
    for said in words:
        assert said in answer.content.decode()
    Post.objects.publish(alice, text, [channel, bakery])  # none of it is in the way


def test_words_of_its_own_are_what_counts(channel, alice, client_for):
    counters, _ = counted(client_for(alice), "example.com @bob", channel, text_x="Only words")
    assert not counters["X"].remarks
