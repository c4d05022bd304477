"""A draft in two windows, in any order: see machine.py."""

import os

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.publishing.factories import x_channel
from tests.publishing.planning.machine import DraftMachine

# A database; the other one plays other examples.
EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
SEED = int(os.environ.get("SEED", "0" if connection.vendor == "sqlite" else "1"))


@pytest.mark.django_db
def test_no_order_of_events_loses_words_or_doubles_a_post():
    DraftMachine.user = get_user_model().objects.create_user("machine")
    DraftMachine.channel = x_channel(DraftMachine.user, "machine")
    DraftMachine.browser = Client()
    DraftMachine.browser.force_login(DraftMachine.user)
    run_state_machine_as_test(
        seed(SEED)(DraftMachine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            database=None,
        ),
    )
