"""What operators read can be translated: the page of the jobs, and the admin's lists and rows."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from importing.states import RUN_STATES, TIMELINE_KINDS
from project.jobs.models import AuditLogEntry, DeadLetter, FailureNote, Heartbeat, PausedQueue
from project.jobs.operations.admin.queued import ORDER_OF_STATE
from project.jobs.operations.names import NAMES, OUR_APPS
from project.jobs.operations.site import SECTIONS
from project.jobs.queue.job import registered
from project.jobs.templatetags.job_words import job_word, shortened
from publishing.models import Attempt, Delivery, Verification
from publishing.states import STATES, WAITING_FOR
from social.models import CircuitBreaker
from social.models.channel import ChannelState
from tests.addresses import fill_the_admin, things_of

from . import tour
from .pseudo import pseudo_language, unmarked

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LISTS = [apps.get_model(label) for _, lists in SECTIONS for label in lists]


@pytest.fixture
def operator(alice: Any, client_for: Any) -> Client:
    things_of(alice)
    fill_the_admin(alice)
    return client_for(get_user_model().objects.create_superuser("root", "r@example.org", "x"))


def written() -> set[str]:
    """What is no sentence of ours: all that stands in rows, and the keys and names of the code."""
    known = {*tour.data(), *STATES, *WAITING_FOR, *settings.JOB_SLOTS, "root", "r@example.org"}
    for task in (task for worker in Heartbeat.objects.all() for task in worker.tasks):
        known |= {task.what, job_word(task.what), task.owner}
    known |= {"ms", "s", "min", "h"}  # units of time
    known |= {*ChannelState, *RUN_STATES, *TIMELINE_KINDS, *ORDER_OF_STATE}
    known |= {"Search"}  # which Django itself does not mark
    known |= {word for job in registered() for word in (job, job_word(job))}
    for model in (*LISTS, Attempt, Verification):
        for row in model._default_manager.all():
            values = [getattr(row, field.attname) for field in model._meta.concrete_fields]
            known |= {str(row), *map(str, values), *(shortened(str(value)) for value in values)}
            known |= {json.dumps(value) for value in values if isinstance(value, list | dict)}
    return known


def faults(client: Client, addresses: list[str]) -> dict[str, list[str]]:
    shown = {}
    with pseudo_language():
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            if left := unmarked(answer.content.decode(), written()):
                shown[address] = left
    return shown


def test_every_name_that_the_admin_shows_is_listed_for_translators():
    ours = [model for model in (*LISTS, Attempt, Verification) if model._meta.app_label in OUR_APPS]
    columns = {str(field.verbose_name) for model in ours for field in model._meta.concrete_fields}
    assert columns - NAMES <= {"ID"}


def test_the_page_of_the_jobs(operator: Client):
    page = reverse("jobs:monitor")
    assert faults(operator, [page]) == {}
    now = timezone.now()
    task = {"job": "publishing.tasks.sweep", "id": ["1"], "owner": "user:1", "seconds": 5}
    Heartbeat.objects.update(doing=[task] * 7, command="quiet")
    for kind, home in (("paused", ""), ("outage", "a.example"), ("credits", "b.example")):
        CircuitBreaker.objects.trip("x", kind, "unreachable", home=home, until=now + DAY)
    Delivery.objects.update(next_attempt_at=now - DAY, waiting_for="")
    AuditLogEntry.objects.record(None, "retried", "1 failed jobs")
    assert faults(operator, [page]) == {}
    Heartbeat.objects.all().delete(), PausedQueue.objects.all().delete()
    FailureNote.objects.all().delete(), DeadLetter.objects.all().delete()
    AuditLogEntry.objects.all().delete()
    assert faults(operator, [page]) == {}


def test_lists_of_the_admin(operator: Client):
    lists = [admin_address(model, "changelist") for model in LISTS]
    assert faults(operator, [reverse("admin:index"), *lists]) == {}


def test_rows_of_the_admin(operator: Client):
    theirs = [model for model in LISTS if model._meta.app_label != "auth"]  # Django's own pages
    rows = [model._default_manager.first() for model in theirs]
    pages = [admin_address(type(row), "change", row.pk) for row in rows if row]
    assert len(pages) > 15 and faults(operator, pages) == {}


def admin_address(model: type, page: str, *args: object) -> str:
    name = model._meta.label_lower.replace(".", "_")
    return reverse(f"admin:{name}_{page}", args=args)
