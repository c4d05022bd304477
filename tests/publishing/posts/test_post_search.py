"""Looking for posts: by words, by what became of them, by network; as long as the list may be."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from publishing.models import Delivery, Post
from publishing.posts import browsing
from tests.publishing.factories import delivery_in_state, page_channel, publish, x_channel


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


def found(browser: Any, query: str) -> list[str]:
    answer = browser.get(f"/posts/?{query}")
    assert answer.status_code == 200
    return [post.text for post in answer.context["found"].posts]


def test_words_are_found_in_whatever_case_also_in_own_texts(her, alice, channel):
    page = page_channel(alice)
    publish(channel, "Fresh BREAD today.")
    Post.objects.publish(alice, "Cake.", [channel, page], texts={"facebook": "Bread and cake."})
    publish(channel, "Nothing else.")
    assert found(her, "q=bread") == ["Cake.", "Fresh BREAD today."]
    assert found(her, "q=100%25") == [] and found(her, "q=%00bread+") != []


@pytest.mark.parametrize("state", ["sent", "failed", "canceled", "queued", "unconfirmed"])
def test_each_state_is_a_filter(state, her, channel):
    others = [s for s in ("sent", "failed", "canceled") if s != state]
    for number, other in enumerate(others):
        delivery = delivery_in_state(channel, other)
        Delivery.objects.filter(pk=delivery.pk, remote_id__gt="").update(remote_id=f"{number}")
    wanted = delivery_in_state(channel, state)
    assert found(her, f"state={state}") == [wanted.post.text]


def test_what_waits_for_its_person_is_a_filter(her, channel):
    held, paused, asked = (publish(channel, words) for words in ("Held.", "Paused.", "Asked."))
    rows = Delivery.objects
    rows.filter(pk=held.pk).update(waiting_for="held", reason="late", next_attempt_at=None)
    rows.filter(pk=paused.pk).update(
        waiting_for="paused", reason="network_paused", next_attempt_at=None
    )
    rows.filter(pk=asked.pk).update(
        state="unconfirmed", waiting_for="person", reason="several_there", next_attempt_at=None
    )
    publish(channel, "Soon.", at=timezone.now() + timedelta(days=1))
    assert found(her, "state=you") == ["Asked.", "Held."]


def test_network_and_state_are_of_one_delivery(her, alice, channel):
    page = page_channel(alice)
    post = Post.objects.publish(alice, "To both.", [channel, page])
    post.deliveries.get(channel=page).cancel()
    publish(channel, "Only there.")
    assert found(her, "network=facebook") == ["To both."]
    assert found(her, "network=facebook&state=canceled") == ["To both."]
    assert found(her, "network=x&state=canceled") == []


def test_a_page_begins_where_the_last_one_ended(her, alice, channel):
    for number in range(25):
        publish(channel, f"Bread {number}.")
    answer = her.get("/posts/?q=bread")
    assert len(answer.context["found"].posts) == 20
    publish(channel, "Bread, newer.")
    further = answer.context["found"].further.query
    assert found(her, further) == [f"Bread {n}." for n in range(4, -1, -1)]
    assert "Newest" in her.get(f"/posts/?{further}").content.decode()


def test_a_search_stops_after_so_many_and_says_so(her, channel, monkeypatch):
    monkeypatch.setattr(browsing, "POSTS_SEARCHED", 3)
    publish(channel, "Bread.")
    for number in range(4):
        publish(channel, f"Other {number}.")
    page = her.get("/posts/?q=bread")
    assert "Nothing like that so far" in page.content.decode()
    assert "Look further back" in page.content.decode()
    assert found(her, page.context["found"].further.query) == ["Bread."]


@pytest.mark.parametrize("query", ["state=nonsense", "network=nowhere", "before=x", "q=%20"])
def test_what_makes_no_sense_is_all_of_them(query, her, channel):
    publish(channel, "The only one.")
    page = her.get(f"/posts/?{query}")
    assert page.status_code == 200 and "The only one." in page.content.decode()


def test_nobody_finds_somebody_elses(her, client_for, bob, channel):
    post = publish(channel, "Bread.").post
    x_channel(bob, "bob")
    assert found(client_for(bob), "q=bread") == []
    assert found(client_for(bob), f"q=bread&before={post.pk + 1}") == []


def test_more_posts_take_no_more_statements(her, channel, django_assert_max_num_queries):
    for number in range(15):
        publish(channel, f"Bread {number}.")
    her.get("/posts/?q=bread")
    with django_assert_max_num_queries(20):
        her.get("/posts/?q=bread&state=queued&network=x")
