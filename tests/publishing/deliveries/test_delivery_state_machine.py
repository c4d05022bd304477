"""The whole life of deliveries, in any order: see machine.py."""

import os

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.publishing.deliveries.machine import FindingMachine, KeepingMachine, Machine
from tests.publishing.factories import x_channel

PARTS = 4  # each by a process of its own
# A database; the other one plays other examples. `EXAMPLES=20000 SEED=7 pytest -n 2 …` by hand.
EXAMPLES = int(os.environ.get("EXAMPLES", "500"))
SEED = int(os.environ.get("SEED", "0" if connection.vendor == "sqlite" else "1"))


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_no_order_of_events_loses_or_doubles_a_post(part):
    play(Machine, part)


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [FindingMachine, KeepingMachine])
def test_nor_does_it_where_requests_are_repeated(machine):
    play(machine, 0)


def play(machine, part):
    """An order of events after the other."""
    machine.user = get_user_model().objects.create_user("machine")
    machine.channel = x_channel(machine.user, "machine")
    run_state_machine_as_test(
        seed(PARTS * SEED + part)(machine),
        settings=settings(
            max_examples=EXAMPLES // PARTS,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # shrinking takes minutes, and the steps are printed anyway
            database=None,
        ),
    )
