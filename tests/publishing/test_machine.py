"""The whole life of deliveries, in any order: see machine.py."""

import os

import pytest
from django.contrib.auth import get_user_model
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .conftest import x_channel
from .machine import Machine

EXAMPLES = int(os.environ.get("EXAMPLES", "60"))  # `EXAMPLES=20000 SEED=7 pytest …` by hand
SEED = int(os.environ.get("SEED", "0"))


@pytest.mark.django_db
def test_no_order_of_events_loses_or_doubles_a_post():
    Machine.user = get_user_model().objects.create_user("machine")
    Machine.channel = x_channel(Machine.user, "machine")
    run_state_machine_as_test(
        seed(SEED)(Machine) if SEED else Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            derandomize=not SEED,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # shrinking takes minutes, and the steps are printed anyway
            database=None,
        ),
    )
