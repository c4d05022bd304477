"""The real worker process, between the real database and the networks."""

import os
import signal
from datetime import timedelta

import psutil
import pytest
from django.utils import timezone

from publishing.models import Delivery, Post
from social.processes import host_prefix
from tests.publishing.factories import TEXT, create_requests, publish, reloaded
from tests.waiting import eventually


def state_of(delivery):
    return reloaded(delivery).state


@pytest.mark.django_db(transaction=True)
def test_a_post_goes_out_to_both_networks(x, bakery, worker, alice, sandbox):
    post = Post.objects.publish(alice, "Hello & <b>hi</b> https://example.com/a")
    assert eventually(lambda: post.deliveries.filter(state="sent").count() == 2), worker.output()
    made = {row["network"]: row for row in sandbox.truth()}
    assert {row["text"] for row in made.values()} == {post.text}
    for delivery in post.deliveries.all():
        assert delivery.remote_id == made[delivery.network_name]["id"]
        assert delivery.remote_url.endswith(made[delivery.network_name]["id"])


@pytest.mark.django_db(transaction=True)
def test_a_scheduled_post_goes_out_after_its_time_and_not_before(worker, x, sandbox):
    delivery = publish(x, at=timezone.now() + timedelta(seconds=2))
    assert eventually(lambda: state_of(delivery) == "sent"), worker.output()
    begun = delivery.attempts.get().started_at
    assert delivery.due_at <= begun


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_the_network_hangs_never_sends_it_again(start_worker, x, sandbox):
    """kill -9 after the network took it; another worker settles it, and looks it up."""
    sandbox.arm("x.timeout.after")
    first = start_worker()
    delivery = publish(x, TEXT)
    assert eventually(lambda: sandbox.truth(text=TEXT)), first.output()
    processes = first.children()
    first.kill()
    assert state_of(delivery) == "sending"
    assert eventually(lambda: not any(map(psutil.pid_exists, processes)))

    second = start_worker()
    assert eventually(lambda: state_of(delivery) != "sending"), second.output()
    another = publish(x, "The worker is alive.")
    assert eventually(lambda: state_of(another) == "sent"), second.output()
    assert state_of(delivery) in ("unconfirmed", "sent")  # found by now, perhaps
    assert len(sandbox.truth(text=TEXT)) == 1
    assert len(create_requests(sandbox)) == 2  # it and the other one


@pytest.mark.django_db(transaction=True)
def test_those_behind_a_killed_worker_wait_for_seconds_not_for_its_lease(start_worker, x, sandbox):
    sandbox.arm("x.timeout.after")
    worker = start_worker(COUNT="1")
    delivery, behind = publish(x, TEXT), publish(x, "Behind it.")
    assert eventually(lambda: sandbox.truth(text=TEXT)), worker.output()
    assert reloaded(delivery).worker == f"{host_prefix()}{worker.children()[0]}"
    os.kill(worker.children()[0], signal.SIGKILL)

    assert eventually(lambda: state_of(behind) == "sent"), worker.output()
    assert state_of(delivery) in ("unconfirmed", "sent")  # found by now, perhaps
    assert reloaded(delivery).lease_until > timezone.now()
    assert len(create_requests(sandbox)) == 2


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_once_and_in_order(start_worker, x, sandbox):
    texts = [f"Number {number}." for number in range(8)]
    for text in texts:
        publish(x, text)
    workers = [start_worker(WORKERS="2") for _ in "12"]
    everything = Delivery.objects.filter(state="sent")
    assert eventually(lambda: everything.count() == len(texts)), workers[0].output()
    assert [row["body"]["text"] for row in create_requests(sandbox)] == texts
