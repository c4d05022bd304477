"""After a silence, or in a copied or restored database, what is overdue is looked up first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.deliveries.instance import InstanceManager, identity_file
from publishing.deliveries.verify import Verifier
from publishing.models import Delivery, Instance
from tests.publishing.factories import (
    TEXT,
    create_requests,
    delivery_in_state,
    let_time_pass,
    publish,
    reloaded,
    verify_until_settled,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def machine(settings, tmp_path):
    """One that has a file to remember by."""
    settings.INSTANCE_ID, settings.VAR_DIR = "", tmp_path / "var"
    settings.TIME_SCALE = 0.01


def silence(**by):
    Instance.objects.update(seen_at=timezone.now() - timedelta(**by))


def after_a_silence(delivery):
    silence(minutes=2)
    Instance.objects.beat()
    return reloaded(delivery)


@pytest.mark.django_db
def test_it_works(channel):
    Instance.objects.beat()
    delivery = publish(channel)
    Instance.objects.beat()
    assert reloaded(delivery).state == "queued"
    delivery = after_a_silence(delivery)
    assert (delivery.state, delivery.reason) == ("unconfirmed", "away")
    assert delivery.sentence.startswith("This server was away when it was due")
    assert claim(delivery.job_id) is None


def test_what_is_there_is_linked_and_what_is_not_goes_out(x, sandbox, run_jobs):
    """The backup was made before it went out."""
    there = publish(x, "Sent before the backup came back.")
    Instance.objects.beat()
    run_jobs()
    Delivery.objects.update(
        state="queued", attempt=0, remote_id="", remote_url="", finished_at=None,
        next_attempt_at=timezone.now(),
    )  # fmt: skip
    there.attempts.all().delete()
    absent = publish(x, TEXT)
    for delivery in (after_a_silence(there), reloaded(absent)):
        assert delivery.state == "unconfirmed"
        verify_until_settled(delivery)
    run_jobs()
    assert (reloaded(there).state, reloaded(absent).state) == ("sent", "sent")
    made = {row["text"]: row["id"] for row in sandbox.truth()}
    assert (made[there.content], made[TEXT]) == (
        reloaded(there).remote_id,
        reloaded(absent).remote_id,
    )
    assert len(create_requests(sandbox)) == 2


def test_what_is_absent_and_late_is_held(x, sandbox, run_jobs):
    delivery = publish(x, TEXT)
    Instance.objects.beat()
    let_time_pass(hours=3)
    verify_until_settled(after_a_silence(delivery))
    run_jobs()
    assert reloaded(delivery).waiting_for == "held" and not create_requests(sandbox)


WAITS = [("paused", None), ("reconnect", None), ("held", None), ("outage", HOUR)]


def waiting(delivery, waiting_for, wait):
    """As in a backup: it stopped waiting since, and went out."""
    Delivery.objects.filter(pk=delivery.pk).update(
        waiting_for=waiting_for, next_attempt_at=wait and timezone.now() + wait
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("waiting_for", "wait"), WAITS)
def test_what_waited_is_looked_up_when_it_comes_back(waiting_for, wait, channel):
    """Each look costs, so not before; also when its person moves it to another time meanwhile."""
    delivery = publish(channel)
    Instance.objects.beat()
    waiting(delivery, waiting_for, wait)
    due_at = reloaded(delivery).due_at
    delivery = after_a_silence(delivery)
    assert (delivery.state, delivery.waiting_for) == ("queued", waiting_for)
    assert delivery.retry() and delivery.due_at > due_at
    assert claim(delivery.job_id) is None
    delivery = reloaded(delivery)
    assert (delivery.state, delivery.reason) == ("unconfirmed", "away")
    assert Verifier(delivery)._doubts()[1][0].started_at == due_at


def test_what_waited_and_is_there_is_linked_and_what_is_not_goes_out_once(x, sandbox, run_jobs):
    Instance.objects.beat()
    there = publish(x, "Sent since the backup.")
    run_jobs()
    there.attempts.all().delete()
    Delivery.objects.update(
        state="queued", attempt=0, remote_id="", remote_url="", finished_at=None
    )
    absent = publish(x, TEXT)
    for delivery in (there, absent):
        waiting(delivery, "reconnect", None)
    after_a_silence(there)
    for delivery in (there, absent):
        reloaded(delivery).resume()
        run_jobs()
        verify_until_settled(delivery)
    run_jobs()
    assert (reloaded(there).state, reloaded(absent).state) == ("sent", "sent")
    assert len(create_requests(sandbox)) == 2 and reloaded(absent).doubted_since is None


@pytest.mark.django_db
def test_what_is_due_later_goes_out_as_ever(channel):
    Instance.objects.beat()
    delivery = publish(channel, at=timezone.now() + HOUR)
    assert after_a_silence(delivery).waiting_for == "time"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["sent", "failed", "canceled", "unconfirmed"])
def test_other_states_are_left_alone(state, channel):
    Instance.objects.beat()
    assert after_a_silence(delivery_in_state(channel, state)).state == state


@pytest.mark.django_db
def test_what_was_being_sent_is_looked_up_also_when_nothing_proves_that_it_left(channel):
    """The copy was made before its attempt was written."""
    Instance.objects.beat()
    delivery = after_a_silence(delivery_in_state(channel, "sending"))
    assert (delivery.state, delivery.reason) == ("unconfirmed", "away")


@pytest.mark.django_db
@pytest.mark.parametrize(("waiting_for", "wait"), WAITS)
def test_a_database_that_was_put_back_is_known_by_what_the_machine_remembers(
    waiting_for, wait, channel, machine
):
    """However short the time was: the file has counted on."""
    for _ in range(3):
        Instance.objects.beat()
    name, beats = identity_file().read_text().split()
    assert Instance.objects.get().pk == name and beats == "3"
    delivery, other = publish(channel), publish(channel, "Sent meanwhile, perhaps.")
    later = publish(channel, at=timezone.now() + HOUR)
    waiting(other, waiting_for, wait)
    Instance.objects.update(beats=2)
    Instance.objects.beat()
    assert reloaded(delivery).reason == reloaded(other).reason == "away"
    assert reloaded(other).doubted_since is None  # it is looked up now, not when it comes back
    assert reloaded(later).state == "queued"
    assert Instance.objects.get().beats == 4


@pytest.mark.django_db
def test_a_machine_that_joins_others_doubts_nothing(channel, machine, monkeypatch):
    Instance.objects.create(pk="other", seen_at=timezone.now() - timedelta(seconds=5))
    delivery, original = publish(channel), InstanceManager.filter

    def others_go_on(self, *args, **fields):
        Instance.objects.all().update(seen_at=timezone.now())
        return original(self, *args, **fields)

    with monkeypatch.context() as patched:
        patched.setattr(InstanceManager, "filter", others_go_on, raising=False)
        Instance.objects.beat()
    assert reloaded(delivery).state == "queued"


@pytest.mark.django_db
def test_a_copy_in_which_nobody_lives_any_more_is_doubted(channel, machine):
    Instance.objects.create(pk="original", seen_at=timezone.now() - timedelta(seconds=5))
    delivery = publish(channel)
    Instance.objects.beat()
    assert reloaded(delivery).reason == "away"


@pytest.mark.django_db
def test_two_workers_that_start_together_do_not_wait_for_each_other(machine):
    long_ago = timezone.now() - timedelta(seconds=5)
    Instance.objects.create(pk="ours", seen_at=long_ago)
    Instance.objects.wait_for_a_sign("ours")
    assert Instance.objects.get().seen_at == long_ago  # nobody was taken for gone


@pytest.mark.django_db
def test_a_worker_beats_now_and_then_and_forgets_the_old(machine):
    Instance.objects.create(pk="old", seen_at=timezone.now() - timedelta(days=31))
    manager = InstanceManager()
    manager.model = Instance
    for _ in range(5):
        manager.heartbeat()
    assert Instance.objects.get().beats == 1


@pytest.mark.django_db
def test_where_nothing_can_be_written_it_still_works(channel, machine, settings):
    settings.VAR_DIR = "/proc/nowhere"
    Instance.objects.beat()
    assert Instance.objects.count() == 1


@pytest.mark.django_db
def test_very_many_are_doubted_in_parts_and_the_beat_comes_last(channel, machine, monkeypatch):
    """A worker that does not turn for half a minute is killed: it would never get through."""
    Instance.objects.beat()
    deliveries, heard = [publish(channel, f"Number {n}.") for n in range(5)], []
    monkeypatch.setattr("publishing.deliveries.instance.DOUBTS_PER_TRANSACTION", 2)
    silence(minutes=2)
    Instance.objects.beat(lambda: heard.append(Instance.objects.get().beats))
    assert {reloaded(one).reason for one in deliveries} == {"away"}
    assert heard == [1, 1, 1] and Instance.objects.get().beats == 2
