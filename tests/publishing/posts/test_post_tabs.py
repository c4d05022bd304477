"""The tabs of the list of posts: in which order, how far, and by which index; on both databases."""

import re
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishing import sql
from publishing.models import Delivery, Post, Tag
from publishing.posts import browsing, windows
from tests.publishing.factories import delivery_in_state, page_channel, publish, x_channel

BIG = ("publishing_post", "publishing_delivery", "publishing_posttag")


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


def pages(browser: Any, query: str) -> list[list[str]]:
    """What stands on each page, one after the other."""
    texts: list[list[str]] = []
    while True:
        found = browser.get(f"/posts/?{query}").context["found"]
        texts.append([post.text for post in found.posts])
        if found.further is None:
            return texts
        query = found.further.query


def test_what_is_queued_comes_in_the_order_in_which_it_goes_out(
    her, alice, channel, bob, monkeypatch
):
    page, now = page_channel(alice), timezone.now()
    page_channel(bob, "Bakery")  # two people may post to one Page
    Post.objects.publish(bob, "Somebody else's.", at=now + timedelta(hours=1))
    for number in (3, 1, 4, 2):
        Post.objects.publish(alice, f"Day {number}.", at=now + timedelta(days=number))
    publish(channel, "Now.")
    split = Post.objects.publish(alice, "Twice.", [channel, page], at=now + timedelta(days=9))
    split.deliveries.filter(channel=page).update(due_at=now + timedelta(hours=1))
    wanted = ["Now.", "Twice.", "Day 1.", "Day 2.", "Day 3.", "Day 4."]
    assert pages(her, "state=queued") == [wanted]
    monkeypatch.setattr(browsing, "POSTS_FOUND", 2)
    assert list(chain(*pages(her, "state=queued"))) == wanted
    monkeypatch.setattr(browsing, "POSTS_SEARCHED", 3)
    monkeypatch.setattr(sql, "MOST_LINES", 1)  # as with very many channels
    assert list(chain(*pages(her, "state=queued"))) == wanted
    assert list(chain(*pages(her, "state=queued&q=day+4"))) == ["Day 4."]


def test_trouble_is_found_at_once_and_counted_however_far_down(her, alice, channel, monkeypatch):
    monkeypatch.setattr(browsing, "POSTS_SEARCHED", 2)
    monkeypatch.setattr(browsing, "MOST_COUNTED", 2)
    delivery_in_state(channel, "failed")
    held = publish(channel, "Held.")
    Delivery.objects.filter(pk=held.pk).update(waiting_for="held", next_attempt_at=None)
    for number in range(5):
        publish(channel, f"Other {number}.", at=timezone.now() + timedelta(days=1))
    assert pages(her, "state=failed") == [["This will be failed."]]
    assert pages(her, "state=you") == [["Held."]]
    page = her.get("/posts/")
    assert page.context["counts"] == {"you": "1", "failed": "1"}
    Delivery.objects.exclude(state="failed").update(waiting_for="held", next_attempt_at=None)
    assert her.get("/posts/").context["counts"]["you"] == "2+"


def test_filters_go_together_and_stay_in_the_address(her, alice, channel):
    page, now = page_channel(alice), timezone.localtime()
    old = Post.objects.publish(alice, "Old bread.", [channel, page])
    Post.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=9))
    publish(channel, "Bread.")
    publish(page, "Cake.", at=now + timedelta(days=3))
    day = (now - timedelta(days=9)).date()
    assert pages(her, f"from={day}&to={day}") == [["Old bread."]]
    assert pages(her, f"channel={page.pk}") == [["Cake.", "Old bread."]]
    assert pages(her, f"q=bread&channel={channel.pk}&from={now.date()}") == [["Bread."]]
    assert pages(her, f"state=queued&from={(now + timedelta(days=3)).date()}") == [["Cake."]]
    assert pages(her, f"state=queued&to={now.date()}") == [["Old bread.", "Bread."]]
    assert pages(her, f"state=sent&from={day}") == [[]]
    told = her.get(f"/posts/?q=bread&channel={page.pk}&from={day}&tag=nonsense&to=yesterday")
    assert (
        f"?q=bread&amp;state=failed&amp;channel={page.pk}&amp;from={day}" in told.content.decode()
    )


def test_nobody_finds_by_somebody_elses_channel_or_tag(her, client_for, bob, channel):
    publish(channel, "Bread.")
    theirs, tag = x_channel(bob, "bob"), Tag.objects.create(user=bob, name="Theirs")
    publish(theirs, "Secret.").post.tags.add(tag)
    assert pages(her, f"channel={theirs.pk}") == [[]]
    assert pages(her, f"tag={tag.public_id}") == [[]]
    assert pages(her, f"state=queued&tag={tag.public_id}") == [[]]
    assert pages(client_for(bob), f"tag={tag.public_id}") == [["Secret."]]


ASKED = (
    "",
    "before=900",
    "state=queued",
    "state=queued&before={at}-1",
    "state=sent",
    "state=sent&before={at}-1",
    "state=sent&from=2026-01-01",
    "state=failed&before=900",
    "state=you",
    "state=unconfirmed",
    "tag={tag}",
    "tag={tag}&before=900",
)


def test_each_tab_is_found_by_an_index(her, alice, channel):
    """None goes through a whole table, nor sorts one."""
    tag = Tag.objects.create(user=alice, name="Bread")
    delivery_in_state(channel, "failed")
    for number in range(30):
        publish(channel, f"Bread {number}.").post.tags.add(tag)
    at = (timezone.now() - windows.EPOCH) // windows.MICROSECOND
    for query in ASKED:
        address = f"/posts/?{query.format(at=at, tag=tag.public_id)}"
        with CaptureQueriesContext(connection) as captured:
            assert her.get(address).status_code == 200
        for asked in {q["sql"] for q in captured if q["sql"].lstrip().startswith("SELECT")}:
            if any(table in asked for table in BIG):
                plan = plan_of(asked)
                assert not whole_tables(plan), f"{address}\n{asked}\n{plan}"


def plan_of(asked: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {asked}")
            return "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
        return "\n".join(row[3] for row in cursor.fetchall())


def whole_tables(plan: str) -> list[str]:
    found = re.findall(rf"(?:Seq Scan on|SCAN) ({'|'.join(BIG)})\b(?! USING)", plan)
    # SQLite takes an index of a channel's whole past where it does not know a smaller one.
    return found + re.findall(
        r"publishing_delivery USING INDEX publishing_delivery_channel\w*", plan
    )
