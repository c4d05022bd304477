"""Lists of posts: what a post's status is made of, and how much it costs to show many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from publishing.deliveries.claims import claim
from publishing.models import Delivery, Post
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


def test_it_works(alice, client_for):
    x_channel(alice)
    Post.objects.publish(alice, "Hello, world!")
    page = client_for(alice).get("/posts/").content.decode()
    assert "Hello, world!" in page and "Queued" in page


def test_the_newest_comes_first_and_twenty_on_a_page(alice, client_for):
    x_channel(alice)
    for number in range(21):
        Post.objects.publish(alice, f"Number {number}.")
    page = client_for(alice).get("/posts/").context["page"]
    assert [post.text for post in page][:2] == ["Number 20.", "Number 19."]
    assert [post.text for post in client_for(alice).get("/posts/?page=2").context["page"]] == [
        "Number 0."
    ]


@pytest.mark.parametrize("number", ["nonsense", "", "0", "-7", "99", "9" * 30, "1e9"])
def test_a_page_number_that_makes_no_sense_is_the_first_page(number, alice, client_for):
    x_channel(alice)
    Post.objects.publish(alice, "The only one.")
    answer = client_for(alice).get(f"/posts/?page={number}")
    assert answer.status_code == 200 and "The only one." in answer.content.decode()


def test_there_are_pages_to_both_sides_and_nobody_counts(alice, client_for):
    x_channel(alice)
    browser, sides = client_for(alice), []
    for number in range(41):
        Post.objects.publish(alice, f"Number {number}.")
    for number in (1, 2, 3):
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(f"/posts/?page={number}").content.decode()
        sides.append(("Newer" in page, "Older" in page))
        counts = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
        assert not [sql for sql in counts if "publishing_post" in sql]
    assert sides == [(False, True), (True, True), (True, False)]


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
