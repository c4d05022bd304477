"""Credits that are used up park the network's queue, and whoever runs the instance is told."""

import pytest

from publishing.deliveries.claims import take
from publishing.models import Notice
from publishing.notices.sync import sync_notices
from publishing.tasks import sweep_notices
from social.connections.probe import probe_tripped
from social.models import CircuitBreaker
from social.networks.errors import RateLimited
from tests.publishing.deliveries.accounts import accounts, everything_comes_back, where
from tests.publishing.factories import (
    create_requests,
    finish_send,
    let_time_pass,
    publish,
    reloaded,
)
from tests.publishing.notices.test_notice_sync import the_notice

pytestmark = pytest.mark.django_db


def test_whoever_runs_the_instance_hears_of_credits_once(channel, alice, django_user_model):
    root = django_user_model.objects.create_superuser("root", "root@example.org", "x")
    for text in ("One.", "Two."):
        delivery = publish(channel, text)
        take(delivery)
        finish_send(delivery, RateLimited("credits"))
    sync_notices()
    notice = the_notice()
    assert (notice.user, notice.kind, notice.count) == (root, "credits", 2)
    assert "2 posts wait for it." in notice.text.why
    sync_notices()
    assert Notice.objects.count() == 1
    CircuitBreaker.objects.reset("x", "credits")
    sync_notices()
    assert not Notice.objects.open().exists()


def test_credits_that_are_used_up_park_the_queue_and_the_operator_is_told(
    alice, bob, sandbox, run_jobs, django_user_model
):
    root = django_user_model.objects.create_superuser("root", "root@example.org", "x")
    mine, other = accounts("x", [alice, bob], sandbox)
    sandbox.change("credits", credits=0)
    posts = [publish(channel, f"Number {n}.") for n in range(3) for channel in (mine, other)]
    run_jobs()
    assert set(where(*posts)) == {("queued", "credits")}
    assert len(create_requests(sandbox)) == 1
    assert {reloaded(post).post.status for post in posts} == {"waiting for the operator"}
    assert the_notice().user == root  # by a job, and nobody else is asked for anything
    let_time_pass(minutes=1)
    sweep_notices()
    run_jobs()
    assert "6 posts wait for it." in the_notice().text.why

    sandbox.change("credits", credits=100)
    let_time_pass(minutes=20)
    probe_tripped()
    everything_comes_back(run_jobs)
    assert set(where(*posts)) == {("sent", "")}
    assert not Notice.objects.open().exists()
