"""A worker that dies at any step of looking a delivery up: what it had seen is seen again."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from publishing.deliveries.confirm import confirm
from publishing.deliveries.reconciling import VERIFY_AFTER_SECONDS
from publishing.deliveries.verify import Verifier, claim_verification
from publishing.models import Attempt, Delivery, Verification
from social.models import CircuitBreaker
from social.models.circuit_breaker import forget_known_breakers
from tests.publishing.factories import reloaded

from .checker import Check, truth_of
from .steps import KILLED, Struck
from .test_crash_points import EVERY, HARMLESS, NETWORKS, Case, a_fresh_worker

pytestmark = pytest.mark.django_db(transaction=True)
# The look that decides: the first one finds what is there; what is not is absent at the last.
DECIDES = {"made, no answer": 1, "not made, no answer": len(VERIFY_AFTER_SECONDS)}
DECIDES |= {"made, no answer, hidden": len(VERIFY_AFTER_SECONDS)}
WRITTEN = {
    Delivery: ("pk", ("due_at", "next_verification_at", "woken_at", "lease_until")),
    Attempt: ("delivery", ("started_at", "finished_at")),
    Verification: ("delivery", ("verified_at", "server_time")),
}


def until_its_next_look(delivery: Delivery) -> None:
    """The time passes for this one alone, and its network is back by then."""
    CircuitBreaker.objects.tripped().update(reset_at=timezone.now())
    forget_known_breakers()
    wait = reloaded(delivery).next_verification_at - timezone.now() + timedelta(milliseconds=1)
    for model, (its, fields) in WRITTEN.items():
        rows = model.objects.filter(**{its: delivery.pk})
        rows.update(**{field: F(field) - max(wait, timedelta()) for field in fields})


def look(delivery: Delivery) -> None:
    Verifier(claim_verification(delivery.job_id)).verify()


def before_it_decides(case: Case) -> Delivery:
    case.run()
    for _ in range(DECIDES[case.fate] - 1):
        until_its_next_look(case.delivery)
        look(case.delivery)
    until_its_next_look(case.delivery)
    return case.delivery


def claimed(case: Case) -> Delivery:
    """Its person says that it is there, and is right."""
    case.run()
    delivery = reloaded(case.delivery)
    assert confirm(delivery, case.sandbox.truth(text=case.text)[0]["id"])
    until_its_next_look(delivery)
    return delivery


@pytest.mark.parametrize("network", NETWORKS if EVERY else ["facebook"])
def test_a_worker_may_die_while_it_asks_whose_post_that_is(network, crowd, sandbox, run_jobs):
    delivery = claimed(Case(sandbox, crowd(network), "made, no answer"))
    steps = Struck(lambda: look(delivery)).wait()
    assert reloaded(delivery).state == "sent"
    for at in [n for n, step in enumerate(steps, 1) if EVERY or not HARMLESS.match(step)]:
        delivery = claimed(Case(sandbox, crowd(network), "made, no answer"))
        worker = Struck(lambda: look(delivery), at=at)  # noqa: B023
        assert len(worker.wait()) == at and worker.code == KILLED
    a_fresh_worker(run_jobs)
    check = Check(truth_of(sandbox.truth(network)))
    assert not check.violations, "\n".join(check.violations)
    assert set(check.states) == {"sent"}


@pytest.mark.parametrize("network", NETWORKS if EVERY else ["x"])
def test_a_worker_may_die_while_it_looks(network, crowd, sandbox, run_jobs):
    count = 0
    for fate in DECIDES:
        delivery = before_it_decides(Case(sandbox, crowd(network), fate))
        steps = Struck(lambda: look(delivery)).wait()  # noqa: B023
        for at in [n for n, step in enumerate(steps, 1) if EVERY or not HARMLESS.match(step)]:
            delivery = before_it_decides(Case(sandbox, crowd(network), fate))
            worker = Struck(lambda: look(delivery), at=at)  # noqa: B023
            assert len(worker.wait()) == at and worker.code == KILLED
            count += 1
    a_fresh_worker(run_jobs)
    check = Check(truth_of(sandbox.truth(network)))
    print(f"\n→ {network}: a worker died at {count} steps of a look; {check.says()}")
    assert not check.violations, "\n".join(check.violations)
    assert set(check.states) == {"sent"}
