"""Yesterday's backup is put back, or that of a minute ago: what has gone out since is not sent
again."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent
from publishing.deliveries.sweep import sweep
from publishing.models import Attempt, Delivery, Instance
from social.connections.tokens import channel_grant
from social.networks.shapes import Outgoing
from tests.publishing.factories import let_time_pass, publish

from .checker import Check, truth_of
from .copies import put_back, take_copy
from .test_crash_points import a_fresh_worker

pytestmark = pytest.mark.django_db(transaction=True)
AGES = {"a minute": 60, "five minutes": 300, "a day": 86_400}  # seconds
SOON = timedelta(seconds=30)


@pytest.fixture(params=["a name that was given", "a file that counts"])
def instance(request, settings, tmp_path):
    """How this machine knows itself."""
    if request.param == "a file that counts":
        settings.INSTANCE_ID, settings.VAR_DIR = "", tmp_path / "var"
    return request.param


def in_all_places(channel) -> tuple[list[Delivery], Attempt]:
    """In line, for later, in the hands of a worker, and with its attempt written. Those that a
    worker has."""
    for number in range(3):
        publish(channel(), f"In line {number}.")
        publish(channel(), f"For later {number}.", at=timezone.now() + SOON)
    ids = [publish(channel(), f"Taken {number}.").job_id for number in range(2)]
    taken = [claim(job_id) for job_id in ids]
    return taken, Sender(taken[1]).write_ahead()


def all_goes_out(taken: list[Delivery], attempt: Attempt, run_jobs) -> None:
    Sender(taken[0]).send()
    channel = taken[1].channel
    published = channel.network.publish(
        channel.remote_id, channel.handle, Outgoing(attempt.text), channel_grant(channel)
    )
    mark_sent(taken[1], published, attempt)
    run_jobs()
    let_time_pass(minutes=3)
    sweep()
    run_jobs()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize(("network", "age"), list(zip(["x", "facebook", "x"], AGES, strict=True)))
def test_what_has_gone_out_since_is_not_sent_again(
    network, age, instance, crowd, sandbox, run_jobs
):
    Instance.objects.beat()
    taken, attempt = in_all_places(lambda: crowd(network))
    copy = take_copy()
    Instance.objects.beat()
    all_goes_out(taken, attempt, run_jobs)
    before = len(sandbox.truth(network))

    put_back(copy)
    let_time_pass(seconds=AGES[age])
    Instance.objects.update(seen_at=F("seen_at") - timedelta(seconds=AGES[age]))
    Instance.objects.beat()
    a_fresh_worker(run_jobs)
    check = Check(truth_of(sandbox.truth(network)))
    print(f"\n→ {network}, a copy {age} old: {check.says()}")
    assert len(sandbox.truth(network)) == before
    assert not check.violations, "\n".join(check.violations)
