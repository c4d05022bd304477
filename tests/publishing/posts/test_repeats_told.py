"""Words that were said lately at the same account are told while they are written."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.models import Delivery, Post
from publishing.posts.presenting import counters_of
from social.networks import NETWORKS
from tests.publishing.factories import delivery_in_state, page_channel, publish, x_channel

SAID = "Fresh bread at https://bakery.example/ today"


@pytest.fixture
def sent(channel) -> Delivery:
    return said(channel, SAID)


def said(channel, text: str, days_ago: int = 2, state: str = "sent") -> Delivery:
    delivery = publish(channel, text)
    at = timezone.now() - timedelta(days=days_ago)
    remote = {"remote_id": str(delivery.pk)} if state == "sent" else {}
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, waiting_for="", due_at=at, finished_at=at, attempt=1, **remote
    )
    return delivery


def remarks(text: str, *channels, texts=None) -> list[str]:
    counters = counters_of(text, channels, texts or {})
    return [str(r) for counter in counters for r in counter.remarks if "link" not in str(r)]


def test_the_same_words_are_told_with_their_day_and_what_the_network_does(sent, channel):
    sentence, refusal = remarks(SAID, channel)
    day = timezone.localtime(timezone.now() - timedelta(days=2))
    assert sentence == f"You said this at X on {day.day} {day:%B}."
    assert refusal == "X may refuse the same words again."


@pytest.mark.parametrize("text", ["Fresh bread at http://BAKERY.example today", f"  {SAID}\r\n"])
def test_what_a_network_takes_for_the_same_is_the_same(text, sent, channel):
    assert remarks(text, channel)


@pytest.mark.parametrize("text", ["", "Other words.", "Fresh bread"])
def test_other_words_are_not_told(text, sent, channel):
    assert not remarks(text, channel)


def test_it_is_a_matter_of_one_account(sent, channel, alice, bob):
    page, his = page_channel(alice), x_channel(bob, "bob")
    assert not remarks(SAID, page) and not remarks(SAID, his)
    assert len(remarks(SAID, page, channel)) == 2


def test_own_words_count_there(channel, alice):
    page = page_channel(alice)
    said(page, "For friends.")
    assert remarks("Other.", page, texts={"facebook": "For friends."})
    assert not remarks("For friends.", page, texts={"facebook": "Other."})


@pytest.mark.parametrize("state", ["failed", "canceled", "queued"])
def test_what_did_not_go_out_was_not_said(state, channel):
    publish(channel, SAID) if state == "queued" else delivery_in_state(channel, state)
    Post.objects.update(text=SAID)
    assert not remarks(SAID, channel)


def test_what_was_said_long_ago_is_forgotten(channel):
    said(channel, SAID, days_ago=31)
    assert not remarks(SAID, channel)


def test_a_network_that_says_nothing_of_it_is_not_blamed(sent, channel, monkeypatch):
    monkeypatch.setattr(NETWORKS["x"], "on_repeats", "")
    assert len(remarks(SAID, channel)) == 1


def test_one_statement_however_much_was_said(channel, alice, client_for, django_assert_num_queries):
    for number in range(12):
        said(channel, f"Words {number}.")
    with django_assert_num_queries(1):
        counters_of("Words 3.", [channel], {})
    with django_assert_num_queries(0):
        counters_of("", [channel], {})


def test_the_page_says_so_while_somebody_writes(sent, channel, alice, client_for):
    fields = {"text": SAID, "channels": [str(channel.pk)]}
    assert b"You said this at X on" in client_for(alice).post("/posts/lengths/", fields).content
