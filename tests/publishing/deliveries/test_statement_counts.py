"""How many statements a post costs. Each is a millisecond of somebody's, so more need a reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import claim, take
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent
from publishing.deliveries.sweep import sweep
from publishing.models import Delivery, Post
from social.models import circuit_breaker
from social.networks.errors import Rejected, TemporaryError
from tests.publishing.factories import (
    HOUR,
    PUBLISHED,
    delivery_in_state,
    finish_send,
    more_channels,
    page_channel,
    publish,
    reloaded,
)

pytestmark = pytest.mark.django_db(transaction=True)
CONTROL = ("BEGIN", "COMMIT")
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def statements(monkeypatch):
    """Run something; the verbs of its statements, but for where transactions begin and end, and
    for what is asked once in a while."""
    monkeypatch.setattr(circuit_breaker, "KNOWN_FOR_SECONDS", 60)

    def run(action):
        circuit_breaker.known_breakers()
        with CaptureQueriesContext(connection) as captured:
            action()
        verbs = [query["sql"].split()[0] for query in captured]
        return [verb for verb in verbs if verb not in CONTROL]

    return run


@pytest.mark.parametrize("count", [0, 30])
def test_publishing(count, channel, alice, statements):
    channels = more_channels(channel, count)

    def write():
        Post.objects.publish(alice, "Hello.", channels, time_zone="UTC")

    # The post, its deliveries, the moment of publishing, which rings the bell, and the jobs: where
    # in line a few of them stand is asked first.
    found = statements(write)
    written = [verb for verb in found if verb not in ("SELECT", "WITH")]
    assert written == ["INSERT", "INSERT", "UPDATE", "INSERT"]
    assert len(found) - len(written) == (count > 0)
    assert OrmQ.objects.count() == len(channels)


def test_a_thousand_channels_get_a_delivery_each_with_its_own_words(channel, alice):
    """More than one statement takes."""
    channels, page = more_channels(channel, 1000), page_channel(alice)
    texts = {"facebook": "Hello, Page."}
    post = Post.objects.publish(alice, "Hello.", [*channels, page], texts=texts)
    written = post.deliveries.select_related("channel")
    assert {delivery.channel for delivery in written} == {*channels, page}
    assert {(d.account, d.network_name) for d in written} == (
        {(c.account, c.network_name) for c in [*channels, page]}
    )
    assert {(d.network_name, d.content) for d in written} == (
        {("x", "Hello."), ("facebook", "Hello, Page.")}
    )
    assert len({d.job_id for d in written}) == OrmQ.objects.count() == 1002
    assert {d.created_at for d in written} == {written[0].created_at}


def test_what_is_written_says_already_that_it_was_woken(channel):
    at = timezone.now() + HOUR
    now, later = publish(channel), publish(channel, "Later.", at=at)
    assert now.next_attempt_at <= now.woken_at <= timezone.now()
    assert later.woken_at == at
    assert not Delivery.objects.unwoken().exists()


def test_what_a_lost_insert_left_unwoken_is_found_by_its_post_and_by_the_sweep(channel):
    delivery = publish(channel)
    OrmQ.objects.all().delete()
    for wake in (lambda: Post.objects.get().send_later(), sweep):
        Delivery.objects.update(woken_at=None)
        wake()
        assert OrmQ.objects.count() == 1 and reloaded(delivery).woken_at
        OrmQ.objects.all().delete()


def test_sending(channel, statements):
    delivery = publish(channel)
    # Read all, take, and read what may have been edited meanwhile.
    assert statements(lambda: claim(delivery.job_id)) == (["SELECT", "UPDATE", "SELECT"])
    delivery = reloaded(delivery)
    # Write ahead; save the id, settle, and look for who is next.
    sent = ["UPDATE", "INSERT", "UPDATE", "UPDATE", "SELECT"]
    # And, once in a while a person, note that their numbers have changed, unless it is noted, and
    # queue their counting.
    assert statements(lambda: finish_send(delivery, PUBLISHED)) == [
        *sent,
        "SELECT",
        "INSERT",
        "INSERT",
    ]


@pytest.mark.parametrize("state", ["sent", "canceled", "unconfirmed"])
def test_a_second_job_for_what_is_over_is_one_look(state, channel, statements):
    delivery = delivery_in_state(channel, state)
    assert statements(lambda: claim(delivery.job_id)) == ["SELECT"]


def test_what_comes_back_wakes_itself_and_the_next_by_one_insert(channel, statements):
    delivery = publish(channel)
    taken, behind = claim(delivery.job_id), publish(channel, "Behind it.")
    assert claim(behind.job_id) is None
    OrmQ.objects.all().delete()
    found = statements(lambda: finish_send(taken, TemporaryError("too_slow_here")))
    assert found.count("UPDATE") == 3 and found.count("INSERT") == 2  # the attempt, the jobs
    assert OrmQ.objects.count() == 2
    assert reloaded(delivery).woken_at == reloaded(delivery).next_attempt_at
    assert reloaded(behind).state == "queued"


@pytest.mark.parametrize("verb", ["retry", "send_again", "drop"])
def test_what_was_not_in_the_way_looks_for_nobody(verb, channel, statements):
    delivery = publish(channel)
    take(delivery)
    finish_send(delivery, Rejected("policy"))
    if verb != "retry":
        Delivery.objects.update(state="unconfirmed", waiting_for="person", finished_at=None)
    delivery = reloaded(delivery)
    found = statements(getattr(delivery, verb))
    # A retry may be of one that is queued, and then lets others go first.
    assert found.count("SELECT") == (verb == "retry")
    assert found.count("UPDATE") == 1 and reloaded(delivery).state != "unconfirmed"


def waits_for_the_disk(statements):
    """One truth value for each commit among what SQLite ran: whether it waited."""
    is_waiting, is_within = True, False
    for statement in statements:
        verb = statement.split()[0]
        if verb == "PRAGMA":
            is_waiting = statement.endswith("FULL")
        elif verb == "BEGIN":
            is_within = True
        elif verb == "COMMIT" or (verb in WRITES and not is_within):
            is_within = False
            yield is_waiting


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL lets others write meanwhile")
def test_of_a_send_only_the_attempt_waits_for_the_disk(channel):
    delivery, statements = publish(channel), []
    connection.connection.set_trace_callback(statements.append)
    assert take(delivery)
    attempt = Sender(delivery).write_ahead()
    mark_sent(delivery, PUBLISHED, attempt)
    connection.connection.set_trace_callback(None)
    # It is taken, written ahead, and sent, and the numbers of its person have changed.
    assert list(waits_for_the_disk(statements)) == [False, True, False, False]
