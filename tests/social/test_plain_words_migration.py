"""Migration 0006 gives tables, columns and permissions better names, and loses no row."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from social.models import CircuitBreaker

BEFORE = "0005_how_long_posts_may_be"
OLD_ROW = """INSERT INTO social_closure (bucket, kind, network, reason, since, times, by_id)
    VALUES ('x', 'paused', 'x', 'network_paused', %s, 2, %s)"""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def before() -> Iterator[None]:
    """The database as it was; afterwards as it is."""
    call_command("migrate", "social", BEFORE, verbosity=0)
    try:
        yield
    finally:
        call_command("migrate", "social", verbosity=0)


def test_what_was_closed_is_tripped_and_who_could_open_it_can_reset_it(before, django_user_model):
    operator = django_user_model.objects.create(username="operator")
    theirs = Permission.objects.filter(
        content_type__app_label="social", codename__endswith="_closure"
    )
    operator.user_permissions.add(*theirs)
    with connection.cursor() as cursor:
        cursor.execute(OLD_ROW, [timezone.now(), operator.pk])
    call_command("migrate", "social", verbosity=0)
    breaker = CircuitBreaker.objects.get()
    assert (breaker.scope, breaker.times, breaker.by) == ("x", 2, operator)
    assert breaker.is_tripped
    verbs = ("add", "change", "delete", "view")
    operator = django_user_model.objects.get(pk=operator.pk)
    assert operator.get_all_permissions() == {f"social.{verb}_circuitbreaker" for verb in verbs}
    names = Permission.objects.filter(codename="add_circuitbreaker").values_list("name", flat=True)
    assert list(names) == ["Can add circuit breaker"]
