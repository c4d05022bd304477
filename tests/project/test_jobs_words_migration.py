"""Migration 0003 of the jobs: what an operator set stays set under the new words."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django_q.models import Schedule

from project.jobs.queue.timetable import sync_timetable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def before() -> Iterator[None]:
    """The database as it was; afterwards as it is."""
    call_command("migrate", "jobs", "0002_queue", verbosity=0)
    try:
        yield
    finally:
        call_command("migrate", "jobs", verbosity=0)


def test_a_paused_schedule_stays_paused(before):
    old = Schedule.objects.create(
        name="timetable: look at closed networks", func="social.tasks.look_at_closed", repeats=0
    )
    call_command("migrate", "jobs", verbosity=0)
    sync_timetable()
    kept = Schedule.objects.get(name="timetable: probe tripped networks")
    assert (kept.pk, kept.repeats, kept.func) == (old.pk, 0, "social.tasks.probe_networks")


def test_who_could_read_what_was_set_aside_can_read_dead_letters(before, django_user_model):
    operator = django_user_model.objects.create(username="operator")
    theirs = Permission.objects.get(codename="view_setaside", content_type__app_label="jobs")
    operator.user_permissions.add(theirs)
    call_command("migrate", "jobs", verbosity=0)
    assert operator.has_perm("jobs.view_deadletter")
