"""A cancel that its person takes back: exactly what it ended waits for its time again."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.models import Delivery, Post
from publishing.posts.stopping import undo_cancel
from social.models import Channel
from tests.publishing.factories import jobs_of, let_time_pass, page_channel, publish, reloaded
from tests.racing import run_at_once

DAY = timedelta(days=1)


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def waiting(channel) -> Delivery:
    return publish(channel, "Soon.", at=timezone.now() + DAY)


def cancel(browser: Any, delivery: Delivery) -> str:
    """The address behind the Undo of its message."""
    browser.post(f"/posts/{delivery.post.public_id}/cancellations/")
    return undo_in(browser.get(delivery.post.get_absolute_url()))


def undo_in(page: Any) -> str:
    forms = re.findall(r'action="([^"]*/returns/[^"]*)"', page.content.decode())
    return unescape(forms[0]) if forms else ""


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_it_waits_for_its_time_as_before(her, waiting):
    due_at = waiting.due_at
    address = cancel(her, waiting)
    assert reloaded(waiting).state == "canceled"
    answer = her.post(address)
    back = reloaded(waiting)
    assert (back.state, back.waiting_for, back.due_at) == ("queued", "time", due_at)
    assert back.next_attempt_at == due_at and back.finished_at is None
    assert said(answer) == "It goes out after all." and jobs_of(back)


def test_it_is_sent_once(x, alice, client_for, sandbox, run_jobs):
    delivery = publish(x, "After all.", at=timezone.now() + timedelta(hours=1))
    browser = client_for(alice)
    browser.post(cancel(browser, delivery))
    let_time_pass(minutes=61)
    run_jobs()
    assert [row["text"] for row in sandbox.truth()] == ["After all."]


def test_only_what_that_cancel_ended_comes_back(her, alice, channel):
    other = page_channel(alice)
    post = Post.objects.publish(alice, "To both.", [channel, other], timezone.now() + DAY)
    one, two = post.deliveries.order_by("id")
    her.post(f"/deliveries/{one.job_id}/cancellations/")
    first = undo_in(her.get(post.get_absolute_url()))
    second = cancel(her, two)
    assert first != second
    her.post(second)
    assert [reloaded(d).state for d in (one, two)] == ["canceled", "queued"]
    her.post(first)
    assert [reloaded(d).state for d in (one, two)] == ["queued", "queued"]


def test_twice_is_once(her, waiting):
    address = cancel(her, waiting)
    her.post(address)
    jobs = len(jobs_of(waiting))
    assert "nothing to bring back" in said(her.post(address))
    assert len(jobs_of(waiting)) == jobs and reloaded(waiting).state == "queued"


def test_a_later_cancel_is_not_undone_by_the_first_ones_button(her, waiting):
    first = cancel(her, waiting)
    her.post(first)
    second = cancel(her, waiting)
    her.post(first)
    assert reloaded(waiting).state == "canceled"
    her.post(second)
    assert reloaded(waiting).state == "queued"


def test_what_is_past_is_refused_with_a_way_on(her, waiting):
    address = cancel(her, waiting)
    let_time_pass(days=2)
    answer = her.post(address)
    assert "its time has passed" in said(answer) and "Write it again" in said(answer)
    assert answer.url == waiting.post.get_absolute_url()
    assert reloaded(waiting).state == "canceled"


@pytest.mark.parametrize("gone", ["channel", "connection"])
def test_what_has_nowhere_to_go_stays_canceled(gone, her, waiting):
    address = cancel(her, waiting)
    (waiting.channel if gone == "channel" else waiting.channel.connection).disconnect()
    assert "not used any more" in said(her.post(address))
    assert reloaded(waiting).state == "canceled"


@pytest.mark.parametrize(
    "fields", [{"attempt": 1}, {"reason": "dropped"}, {"reason": "anew"}], ids=str
)
def test_what_was_tried_or_said_anew_stays_canceled(fields, her, waiting):
    address = cancel(her, waiting)
    Delivery.objects.filter(pk=waiting.pk).update(**fields)
    her.post(address)
    assert reloaded(waiting).state == "canceled"


def test_what_was_edited_meanwhile_comes_back_as_it_is_now(her, alice, channel):
    other = page_channel(alice)
    post = Post.objects.publish(alice, "First.", [channel, other], timezone.now() + DAY)
    mine = post.deliveries.get(channel=channel)
    her.post(f"/deliveries/{mine.job_id}/cancellations/")
    address = undo_in(her.get(post.get_absolute_url()))
    post = Post.objects.get(pk=post.pk)
    assert post.edit("Too long for it. " * 20, timezone.now() + 2 * DAY, "UTC")
    her.post(address)
    assert reloaded(mine).state == "canceled"
    assert post.edit("Second.", timezone.now() + 3 * DAY, "UTC")
    her.post(address)
    back = reloaded(mine)
    assert (back.state, back.content, back.due_at) == ("queued", "Second.", post.due_at)


def test_what_could_not_come_back_offers_no_undo(her, channel):
    """Published at once, and waiting for something: its time is past."""
    delivery = publish(channel, "Now.")
    Delivery.objects.filter(pk=delivery.pk).update(waiting_for="paused", next_attempt_at=None)
    assert cancel(her, delivery) == ""


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-30T10:00:00"])
def test_what_names_no_cancel_is_nothing(at, her, waiting):
    cancel(her, waiting)
    address = f"/posts/{waiting.post.public_id}/returns/"
    assert her.post(f"{address}?canceled_at={at}").status_code == 404
    assert reloaded(waiting).state == "canceled"


def test_nobody_undoes_for_somebody_else(her, waiting, client_for, bob):
    address = cancel(her, waiting)
    assert client_for(bob).post(address).status_code == 404
    assert reloaded(waiting).state == "canceled"


def test_undo_leads_back_to_where_it_was_pressed(her, waiting):
    her.post(f"/deliveries/{waiting.job_id}/cancellations/", {"next": "/notices/"})
    page = her.get("/notices/")
    assert 'name="next" value="/notices/"' in page.content.decode()
    assert her.post(undo_in(page), {"next": "/notices/"}).url == "/notices/"


# ── At the same time ──────────────────────────────────────────────────────────────────────────
def canceled_at(delivery: Delivery) -> Any:
    return reloaded(delivery).finished_at


@pytest.mark.django_db(transaction=True)
def test_of_two_undos_at_once_one_brings_it_back(channel):
    for number in range(6):
        delivery = publish(channel, f"Words {number}.", at=timezone.now() + DAY)
        delivery.cancel()
        at, before = canceled_at(delivery), len(jobs_of(delivery))
        answers = run_at_once(*[lambda: undo_cancel(delivery.post, at)[0]] * 2)  # noqa: B023
        assert sorted(answers) == [0, 1] and reloaded(delivery).state == "queued"
        assert len(jobs_of(delivery)) == before + 1


@pytest.mark.django_db(transaction=True)
def test_undo_and_a_worker_that_comes_too_early_or_in_time(channel):
    """Its old job may run at any moment: never is it sent while canceled, nor before its time."""
    for number in range(6):
        delivery = publish(channel, f"Words {number}.", at=timezone.now() + DAY)
        delivery.cancel()
        at, job_id = canceled_at(delivery), str(delivery.job_id)
        claimed, (back, _) = run_at_once(
            lambda: claim(job_id),  # noqa: B023
            lambda: undo_cancel(delivery.post, at),  # noqa: B023
        )
        assert (claimed, back, reloaded(delivery).state) == (None, 1, "queued")


@pytest.mark.django_db(transaction=True)
def test_undo_while_its_channel_is_stopped_leaves_nothing_in_line(alice):
    page_channel(alice, "Garden")
    for number in range(6):
        page = page_channel(alice, f"Bakery {number}")
        delivery = publish(page, f"Words {number}.", at=timezone.now() + DAY)
        delivery.cancel()
        at = canceled_at(delivery)
        stopped = Channel.objects.select_related("connection").get(pk=page.pk)
        run_at_once(stopped.disconnect, lambda: undo_cancel(delivery.post, at))  # noqa: B023
        assert reloaded(delivery).state == "canceled"
