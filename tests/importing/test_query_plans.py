"""How PostgreSQL finds what the pages show: by an index, and never through a whole table."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from importing.models import Statistics, Suggestion
from publishing.models import Post
from tests.publishing.factories import x_channel

from .history import ended, item, timeline_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL for its plans"),
]
BIG = ("importing_importeditem", "importing_importrun", "publishing_post", "publishing_delivery")
BIG += ("importing_suggestion", "importing_statistics")


@pytest.fixture
def plans(alice, client_for):
    """The plans of whatever a page asks of the big tables. Tables here are small, so what needs no
    whole one is asked for: with an index there is no other plan."""
    browser = client_for(alice)

    def explain(url):
        browser.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url).status_code == 200
        asked = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            told = [(sql, plan_of(cursor, sql)) for sql in asked if any(t in sql for t in BIG)]
        assert told
        return told

    return explain


def plan_of(cursor, sql):
    cursor.execute(f"EXPLAIN {sql}")
    return "\n".join(line for (line,) in cursor.fetchall())


@pytest.fixture
def timeline(alice):
    channel = x_channel(alice)
    timeline = timeline_of(channel)
    for number in range(60):
        item(timeline, f"Bread {number}", number, likes=number)
    ended([channel])
    Statistics.objects.mark_stale(alice.pk)
    Statistics.objects.get().calculate()
    Suggestion.objects.refill(alice)
    return timeline


URLS = (
    "/imports/items/",
    "/imports/items/?kind=post",
    "/imports/items/?of={of}",
    "/imports/items/?q=bread",
    "/imports/items/?kind=post&before={before}",
    "/imports/",
    "/numbers/",
    "/suggestions/",
    "/posts/",
    "/posts/new/",
)


@pytest.mark.parametrize("url", URLS)
def test_no_page_goes_through_a_whole_table(url, plans, timeline):
    middle = timeline.items.order_by("-created_at")[30]
    for sql, plan in plans(url.format(of=timeline.pk, before=middle.pk)):
        whole = [table for table in BIG if re.search(rf"Seq Scan on {table}\b", plan)]
        assert not whole, f"{sql}\n{plan}"


@pytest.mark.parametrize("url", URLS[:3] + URLS[4:5])
def test_the_newest_come_in_the_order_of_an_index(url, plans, timeline):
    """Nothing is sorted, and the next page begins where the last one ended."""
    middle = timeline.items.order_by("-created_at")[30]
    told = plans(url.format(of=timeline.pk, before=middle.pk))
    [plan] = [plan for sql, plan in told if "importing_importeditem" in sql and "LIMIT 31" in sql]
    assert "Sort" not in plan and "Index Scan using item_of_" in plan, plan
    if "before" in url:
        assert re.search(r"Index Cond:.*created_at <=", plan), plan


def test_posts_are_found_by_the_index_of_their_person(plans, timeline):
    told = plans("/posts/")
    [plan] = [plan for sql, plan in told if sql.endswith("LIMIT 21")]
    assert "post_of_user" in plan and "Sort" not in plan, plan
    assert Post.objects.exists()
