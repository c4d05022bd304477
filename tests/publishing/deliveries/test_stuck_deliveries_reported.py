"""What does not move is seen: by its person, on the operators' page, in /healthz and in the log."""

import logging
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from project.jobs.models import PausedQueue, QueuedJob
from publishing.deliveries.stuck import (
    LOGGED_AFTER_SECONDS,
    STUCK_AFTER_SECONDS,
    WATCH_EVERY_SECONDS,
    stuck,
)
from publishing.models import Delivery
from publishing.tasks import sweep, watch
from tests.publishing.factories import HOUR, delivery_in_state, let_time_pass, publish, reloaded

pytestmark = pytest.mark.django_db


def due_without_a_job(channel, seconds):
    delivery = publish(channel)
    QueuedJob.objects.filter(argument=str(delivery.job_id)).delete()
    by = timedelta(seconds=seconds)
    Delivery.objects.update(next_attempt_at=F("next_attempt_at") - by)
    return delivery


def past_its_lease(channel, seconds):
    """Of a worker on another machine, which nobody has heard of since."""
    delivery = delivery_in_state(channel, "sending")
    ended = timezone.now() - timedelta(seconds=seconds)
    Delivery.objects.filter(pk=delivery.pk).update(lease_until=ended, worker="elsewhere:1")
    return delivery


def never_looked_up(channel, seconds):
    delivery = delivery_in_state(channel, "unconfirmed")
    at = timezone.now() - timedelta(seconds=seconds)
    Delivery.objects.filter(pk=delivery.pk).update(next_verification_at=at)
    return delivery


def test_healthy_is_nothing_stuck(channel):
    publish(channel, at=timezone.now() + HOUR)
    delivery_in_state(channel, "sending")
    assert stuck() == [] and Client().get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "make, what",
    [
        (due_without_a_job, "1 delivery due and not begun, the first for 6"),
        (past_its_lease, "1 delivery sending past the lease of their worker, the first for 6"),
        (never_looked_up, "1 delivery in doubt and not looked up, the first for 6"),
    ],
)
def test_it_is_named_in_healthz_and_on_the_operators_page(
    make, what, channel, client_for, django_user_model
):
    delivery = make(channel, 60)
    answer = Client().get("/healthz")
    assert answer.status_code == 503 and answer.json()["queue"] == "deliveries"
    assert what in answer.json()["reason"] and str(delivery.job_id) in answer.json()["reason"]
    root = django_user_model.objects.create_superuser("root", "root@example.org", "x")
    page = client_for(root).get("/jobs/").content.decode()
    assert what in page and f"?q={delivery.job_id}" in page


def test_its_person_reads_it_on_the_post(channel, alice, client_for):
    delivery = due_without_a_job(channel, 90)
    url = f"/posts/{delivery.post.public_id}/"
    assert "the workers are behind" in client_for(alice).get(url).content.decode()
    Delivery.objects.update(state="sending", lease_until=timezone.now() - timedelta(seconds=5))
    assert "settled by itself within a minute" in client_for(alice).get(url).content.decode()


def test_the_log_names_it_within_a_minute(channel, caplog):
    """However the moment falls between two looks."""
    assert LOGGED_AFTER_SECONDS + WATCH_EVERY_SECONDS < 60 >= STUCK_AFTER_SECONDS
    delivery = due_without_a_job(channel, LOGGED_AFTER_SECONDS + 1)
    with caplog.at_level(logging.ERROR):
        watch()
    assert (
        f"Stuck: 1 delivery due and not begun, the first for {LOGGED_AFTER_SECONDS + 1} s"
        in caplog.text
    )
    assert str(delivery.job_id) in caplog.text


def test_between_two_sweeps_there_is_a_look_while_something_is_under_way(channel, run_jobs):
    sweep()
    assert not QueuedJob.objects.filter(func="publishing.tasks.watch").exists()
    waiting = publish(channel)
    sweep()
    waiting.cancel()
    job = QueuedJob.objects.get(func="publishing.tasks.watch")
    assert 20 < (job.lock - timezone.now()).total_seconds() <= WATCH_EVERY_SECONDS
    delivery = past_its_lease(channel, 1)
    run_jobs(until=job.lock)
    assert reloaded(delivery).state == "queued"
    assert not QueuedJob.objects.filter(func="publishing.tasks.watch").exists()


def test_what_a_paused_queue_holds_back_is_not_stuck(channel):
    due_without_a_job(channel, 60)
    PausedQueue.objects.pause("publish")
    assert Client().get("/healthz").status_code == 200


def test_who_waits_for_a_turn_is_not_stuck(channel):
    delivery_in_state(channel, "sending")
    waiting = publish(channel, "Behind it.")
    let_time_pass(minutes=1)
    Delivery.objects.filter(pk=waiting.pk).update(waiting_for="turn")
    assert [it.what for it in stuck()] == []
