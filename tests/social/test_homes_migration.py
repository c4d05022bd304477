"""Migration 0007 makes room for long ids, and keeps every row."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from publishing.models import Delivery, Post
from social.models import Channel, CircuitBreaker, Connection
from tests.addresses import things_of

pytestmark = pytest.mark.django_db(transaction=True)
LATEST = {
    "social": "0006_plain_words",
    "publishing": "0011_verifications",
    "importing": "0003_names",
}


# One at a time: of many at once Django remakes SQLite's tables by models without later columns.
AFTERWARDS = [f"{number:04}" for number in range(20, 11, -1)]


@pytest.fixture
def before(alice):
    """The database as it was, with rows; afterwards as it is."""
    things_of(alice)
    for number in AFTERWARDS:
        call_command("migrate", "publishing", number, verbosity=0)
    for app, name in LATEST.items():
        call_command("migrate", app, name, verbosity=0)
    try:
        yield
    finally:
        call_command("migrate", verbosity=0)  # of every app: what stands on these went with them


def test_every_row_is_kept_and_ids_may_be_long(before):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO social_circuitbreaker (scope, kind, network, reason, tripped_at, times)"
            " VALUES ('x', 'outage', 'x', 'unreachable', %s, 1)",
            [timezone.now()],
        )
    for app in LATEST:
        call_command("migrate", app, verbosity=0)
    assert list(Connection.objects.values_list("home", "extra_sealed")) == [("", ""), ("", "")]
    assert CircuitBreaker.objects.tripped().of_networks().get().scope == "x"
    assert (Post.objects.count(), Delivery.objects.count()) == (1, 2)
    Channel.objects.update(remote_id="1@" + "a" * 318)
    channel = Channel.objects.first()
    Delivery.objects.filter(channel=channel).update(account=channel.account, claimed_id="p" * 320)
    assert Delivery.objects.filter(account=f"{channel.network_name}:{channel.remote_id}").exists()
