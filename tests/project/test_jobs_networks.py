"""Networks on the operators' page: why nothing goes there, pausing them, and opening them again."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import caches

from project.jobs.models import AuditLogEntry
from publishing.deliveries.claims import claim
from publishing.models import Delivery
from social.models import CircuitBreaker
from tests.addresses import things_of

from .test_jobs_metrics import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db, client_for):
    return client_for(get_user_model().objects.create_superuser("root", "r@example.org", "x"))


def standing():
    return set(CircuitBreaker.objects.tripped().values_list("scope", "kind"))


def acts():
    return [str(act) for act in AuditLogEntry.objects.all()]


@pytest.mark.parametrize(("network", "label"), [("x", "X"), ("facebook", "Facebook")])
def test_a_network_is_paused_and_resumed_by_a_click(network, label, operator, alice, run_jobs):
    things_of(alice)
    operator.post(f"/jobs/networks/{network}/pauses/")
    again = operator.post(f"/jobs/networks/{network}/pauses/", follow=True).content.decode()
    assert "was paused already" in again and "by root" in again
    assert f"The operator of this server has paused posting to {label}." in again
    delivery = Delivery.objects.get(network_name=network)
    assert claim(delivery.job_id) is None
    delivery.refresh_from_db()
    assert (delivery.waiting_for, delivery.next_attempt_at) == ("paused", None)

    operator.post(f"/jobs/networks/{network}/openings/", {"kind": "paused"})
    assert standing() == set()
    said = operator.post(f"/jobs/networks/{network}/openings/", {"kind": "paused"}, follow=True)
    assert "was open already" in said.content.decode()
    assert acts() == [f"root resumed the network {label}", f"root paused the network {label}"]
    Delivery.objects.exclude(network_name=network).update(state="canceled")
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.waiting_for == "" and delivery.next_attempt_at


@pytest.mark.parametrize("kind", ["credits", "outage", "rate_limit"])
def test_what_closed_by_itself_is_opened_by_a_click(kind, operator):
    CircuitBreaker.objects.trip("x", kind, "credits")
    page = operator.get("/jobs/").content.decode()
    assert "credits at X are used up" in page and f'id="open-x-{kind}"' in page
    operator.post("/jobs/networks/x/openings/", {"kind": kind})
    assert standing() == set() and acts() == ["root opened the network X"]


def test_what_no_network_is_and_what_nobody_is_closed_for(operator):
    assert operator.post("/jobs/networks/friendster/pauses/").status_code == 404
    assert operator.post("/jobs/networks/friendster/openings/").status_code == 404
    assert operator.post("/jobs/networks/x/openings/", {"kind": "fun"}).status_code == 400
    assert operator.get("/jobs/networks/x/pauses/").status_code == 405


def test_what_waits_in_a_paused_queue_says_so(operator, alice, client_for):
    things = things_of(alice)
    hers, page = client_for(alice), f"/posts/{things['<uuid:public_id>']}/"
    said = "The operator of this server has paused sending"
    assert said not in hers.get(page).content.decode()
    operator.post("/jobs/queues/publish/pauses/")
    assert hers.get(page).content.decode().count(said) == 2
    operator.post("/jobs/queues/publish/resumptions/")
    assert said not in hers.get(page).content.decode()


def test_only_who_may_does(alice, client_for):
    alice.is_staff = True
    alice.save()
    alice.user_permissions.set(Permission.objects.filter(codename="view_queuedjob"))
    client = client_for(alice)
    assert "pause-network" not in client.get("/jobs/").content.decode()
    for verb in ("pauses", "openings"):
        assert client.post(f"/jobs/networks/x/{verb}/", {"kind": "paused"}).status_code == 403


def test_numbers_for_machines(operator):
    caches["process"].clear()
    CircuitBreaker.objects.trip("x", "outage", "unreachable")
    CircuitBreaker.objects.trip("x", "rate_limit", "rate_limit", account="x:1")
    found = read()
    assert found['network_closed{network="x",why="outage"}'] == 1
    assert found['network_closed{network="x",why="paused"}'] == 0
    assert found['network_closed{network="facebook",why="outage"}'] == 0
    assert found['network_accounts_limited{network="x"}'] == 1
    assert "1 limited account" in operator.get("/jobs/").content.decode()
