"""Lists of posts: what a post's status is made of, and how much it costs to show many."""

from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from publishing.deliveries.claims import claim
from publishing.models import Delivery, Post
from publishing.posts.contents import excerpt
from publishing.states import status_of
from social.networks.errors import TemporaryError
from tests.publishing.factories import finish_send, page_channel, x_channel

SENT, FAILED, CANCELED = ("sent", "", ""), ("failed", "", "policy"), ("canceled", "", "")
QUEUED, SENDING = ("queued", "", ""), ("sending", "", "")
UNSURE = ("unconfirmed", "person", "several_there")


def waits(waiting_for, reason=""):
    return ("queued", waiting_for, reason)


BY_THE_OPERATOR = waits("paused", "network_paused")


STATUS = [
    ([], "draft"),
    ([QUEUED], "queued"),
    ([QUEUED, waits("turn")], "queued"),
    ([waits("time"), waits("time")], "scheduled"),
    ([waits("backoff"), QUEUED], "waiting"),
    ([waits("rate_limit"), SENT], "waiting"),
    ([waits("time"), waits("held")], "waiting for you"),
    ([waits("reconnect"), SENT], "waiting for you"),
    ([waits("paused", "paused")], "waiting for you"),
    ([BY_THE_OPERATOR, SENT], "waiting for the operator"),
    ([waits("credits", "month_limit"), waits("time")], "waiting for the operator"),
    ([BY_THE_OPERATOR, waits("held", "late")], "waiting for you"),
    ([BY_THE_OPERATOR, waits("paused", "paused")], "waiting for you"),
    ([SENDING, SENT, FAILED], "sending"),
    ([UNSURE, SENDING, FAILED, SENT, QUEUED], "unconfirmed"),
    ([SENT, SENT], "sent"),
    ([SENT, FAILED], "partly sent"),
    ([SENT, CANCELED], "partly sent"),
    ([FAILED, CANCELED], "failed"),
    ([FAILED], "failed"),
    ([CANCELED, CANCELED], "canceled"),
]


@pytest.mark.parametrize(("deliveries", "status"), STATUS)
def test_the_status_of_a_post(deliveries, status):
    assert status_of(deliveries) == status
    assert status_of(reversed(deliveries)) == status


def test_of_what_was_sent_and_what_failed_nothing_is_said_to_be_canceled(alice):
    post = Post.objects.publish(alice, "Hello", [x_channel(alice), page_channel(alice)])
    states = dict(zip(post.deliveries.all(), ("failed", "canceled"), strict=True))
    for delivery, state in states.items():
        Delivery.objects.filter(pk=delivery.pk).update(state=state, waiting_for="")
    post = Post.objects.with_deliveries().get()
    [(note, address)] = post.notes
    assert note == f"not on {post.deliveries.all()[1].channel.name}: canceled" and not address


def test_what_waits_may_be_canceled_and_what_is_there_not(alice, client_for):
    post = Post.objects.publish(alice, "Hello", [x_channel(alice)])
    address, act = post.get_absolute_url(), f"{post.get_absolute_url()}cancellations/"
    assert act in client_for(alice).get(address).content.decode()
    post.deliveries.update(state="sent", remote_id="1", waiting_for="")
    assert act not in client_for(alice).get(address).content.decode()


def test_of_long_words_a_list_shows_the_beginning():
    assert excerpt("Hello,\n world!") == "Hello, world!"
    assert 60 <= len(excerpt("word " * 100)) <= 90


def test_only_what_waits_on_a_paused_channel_is_said_to_wait_there(alice):
    x, page = x_channel(alice), page_channel(alice)
    post = Post.objects.publish(alice, "Hello", [x, page])
    assert Post.objects.with_deliveries().get().notes == []
    page.pause()
    [(note, _)] = Post.objects.with_deliveries().get().notes
    assert note == f"waits on {page.name}: paused"
    post.deliveries.filter(channel=page).update(state="failed", waiting_for="")
    assert Post.objects.with_deliveries().get().notes == []


def test_it_works(alice, client_for):
    x_channel(alice)
    Post.objects.publish(alice, "Hello, world!")
    page = client_for(alice).get("/posts/").content.decode()
    assert "Hello, world!" in page and "Queued" in page


def test_the_newest_comes_first_and_twenty_on_a_page(alice, client_for):
    x_channel(alice)
    browser, texts, address = client_for(alice), [], "/posts/"
    for number in range(41):
        Post.objects.publish(alice, f"Number {number}.")
    while address:
        with CaptureQueriesContext(connection) as captured:
            found = browser.get(address).context["found"]
        assert not [q for q in captured if "COUNT(" in q["sql"] and "publishing_post" in q["sql"]]
        texts.append([post.text for post in found.posts])
        address = found.further and f"/posts/?{found.further.query}"
    assert [len(page) for page in texts] == [20, 20, 1]
    assert list(chain(*texts)) == [f"Number {n}." for n in range(40, -1, -1)]


def test_a_place_that_makes_no_sense_is_the_beginning(alice, client_for):
    x_channel(alice)
    Post.objects.publish(alice, "The only one.")
    for place in ("nonsense", "", "-7", "9" * 30, "1e9", "1-2-3", "²", f"{9 * 10**17}-1"):
        for state in ("", "queued"):
            answer = client_for(alice).get(f"/posts/?before={place}&state={state}")
            if place != f"{9 * 10**17}-1":
                assert "The only one." in answer.content.decode(), place
            assert answer.status_code == 200


@pytest.fixture
def queries(alice, client_for):
    """How many queries a page takes."""
    browser = client_for(alice)

    def count(url):
        browser.get(url)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert browser.get(url).status_code == 200
        return len(captured)

    return count


def write(user, posts, attempts=1):
    for number in range(posts):
        post = Post.objects.publish(user, f"Number {number} of {posts}.")
    for delivery in Delivery.objects.due().in_order():
        for _ in range(attempts):
            Delivery.objects.update(next_attempt_at=delivery.due_at)
            taken = claim(delivery.job_id)
            if taken:
                finish_send(taken, TemporaryError("unreachable"))
    return post


@pytest.mark.parametrize("url", ["/posts/", "/posts/new/"])
def test_more_posts_take_no_more_queries(url, alice, queries):
    x_channel(alice), page_channel(alice)
    write(alice, 2)
    few = queries(url)
    write(alice, 10)
    assert queries(url) == few


def test_more_channels_and_attempts_take_no_more_queries(alice, queries):
    x_channel(alice)
    few = queries(write(alice, 1).get_absolute_url())
    for name in ("Bakery", "Garden", "Library"):
        page_channel(alice, name)
    many = write(alice, 1, attempts=3)
    assert many.deliveries.count() == 4
    assert queries(many.get_absolute_url()) == few
