"""The admin as operators find it: a section a room, ways between the rows, jobs by their state."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from project.accounts.models import Profile
from project.jobs.models import DeadLetter, FailureNote, FinishedJob, Heartbeat, QueuedJob
from project.jobs.operations.related import RELATED, SUBJECTS
from project.jobs.operations.site import SECTIONS
from project.jobs.queue.job import Job, registered
from project.jobs.queue.queueing import QUARANTINED, NewRow, insert
from publishing.models import Delivery
from publishing.states import CANCELED
from social.models import Channel
from tests.addresses import fill_the_admin, things_of

pytestmark = pytest.mark.django_db
JOB = "project.jobs.tasks.prune"


@pytest.fixture
def operator(db: None, client_for: Any) -> Client:
    return client_for(get_user_model().objects.create_superuser("root", "r@example.org", "x"))


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


# ── Sections ──────────────────────────────────────────────────────────────────────────────────
def test_each_section_is_there_once_with_every_list(operator):
    page = page_of(operator, "/admin/")
    captions = re.findall(r'<caption><a href="[^"]*" class="section">([^<]*)</a>', page)
    assert captions == [name for name, _ in SECTIONS]
    named = {label for _, lists in SECTIONS for label in lists}
    shown = {m._meta.label_lower for m, its in admin.site._registry.items() if its.list_display}
    assert named == shown - {"django_q.ormq", "django_q.success", "django_q.failure"}


@pytest.mark.parametrize("app_label", ["auth", "account", "accounts"])
def test_a_section_is_one_page_whatever_app_asks(operator, app_label):
    page = page_of(operator, f"/admin/{app_label}/")
    assert "<h1>People administration</h1>" in page
    assert "Email addresses" in page and "Outgoing mails" in page and "Deliveries" not in page


def test_who_may_see_little_finds_little(alice, client_for):
    alice.is_staff = True
    alice.save()
    assert "<caption>" not in page_of(client_for(alice), "/admin/")


def test_times_are_those_of_the_reader_and_say_so(operator):
    root = get_user_model().objects.get()
    Profile.objects.filter(pk=Profile.objects.of(root).pk).update(time_zone="Asia/Tokyo")
    at = datetime(2030, 1, 2, 20, 0, 5, tzinfo=UTC)
    DeadLetter.objects.create(key="mail", payload="?", reason="?")
    DeadLetter.objects.update(created_at=at)
    page = page_of(operator, "/admin/jobs/deadletter/")
    assert "3 Jan 2030, 05:00:05" in page
    assert "Times are those of Asia/Tokyo (JST, UTC+0900)." in page


# ── Ways between rows ─────────────────────────────────────────────────────────────────────────
def test_a_delivery_leads_to_all_that_belongs_to_it_and_back(operator, alice):
    things_of(alice)
    delivery = Delivery.objects.select_related("channel").first()
    page = page_of(operator, f"/admin/publishing/delivery/{delivery.pk}/change/")
    for row in (delivery.post, delivery.channel, delivery.channel.connection, alice):
        where = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        assert f'href="{where}"' in page
    jobs = f"/admin/jobs/queuedjob/?argument={delivery.job_id}"
    assert f'href="{jobs}"' in page
    back = f"/admin/publishing/delivery/{delivery.job_id}/change/"
    assert f'href="{back}"' in page_of(operator, jobs)
    assert str(delivery.job_id) in page_of(operator, back)


def test_every_way_between_rows_leads_somewhere(operator, alice):
    things_of(alice)
    fill_the_admin(alice)
    for label in RELATED:
        model = next(m for m in admin.site._registry if m._meta.label_lower == label)
        row = model._default_manager.last()
        base = f"/admin/{label.replace('.', '/')}"
        links = re.findall(
            r'<li><a href="([^"]*\?[^"]*)"', page_of(operator, f"{base}/{row.pk}/change/")
        )
        assert len(links) == len(RELATED[label])
        for link in links:
            page_of(operator, link.replace("&amp;", "&"))


def test_jobs_that_are_about_a_row_are_registered():
    assert set(SUBJECTS) <= registered()


def test_a_finished_job_leads_to_its_owner_and_its_failure(operator, alice):
    now = timezone.now()
    FinishedJob.objects.create(
        id="f" * 32, name="n", func=JOB, owner=f"user:{alice.pk}", started=now, stopped=now,
        success=False,
    )  # fmt: skip
    FailureNote.objects.write({"id": "f" * 32, "func": JOB, "args": []}, "KeyError: 1")
    page = page_of(operator, f"/admin/jobs/finishedjob/{'f' * 32}/change/")
    assert f'href="/admin/auth/user/{alice.pk}/change/"' in page
    assert "KeyError" in page_of(operator, f"/admin/jobs/failurenote/?task_id={'f' * 32}")


def test_what_can_be_done_to_a_row_is_on_its_page(operator, alice):
    things_of(alice)
    delivery = Delivery.objects.first()
    where = f"/admin/publishing/delivery/{delivery.pk}/change/"
    assert 'name="action" value="cancel">Cancel</button>' in page_of(operator, where)
    asked = {"action": "cancel", "_selected_action": delivery.pk}
    operator.post("/admin/publishing/delivery/", asked)
    delivery.refresh_from_db()
    assert delivery.state == CANCELED


def test_who_may_only_look_finds_no_actions_on_a_row(alice, bob, client_for):
    things_of(alice)
    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    delivery = Delivery.objects.first()
    page = page_of(client_for(bob), f"/admin/publishing/delivery/{delivery.pk}/change/")
    assert 'name="action"' not in page


def test_the_monitor_leads_to_what_a_worker_is_busy_with(operator, alice):
    things_of(alice)
    delivery = Delivery.objects.first()
    doing = {"job": "publishing.tasks.send_delivery", "id": [str(delivery.job_id)]}
    Heartbeat.objects.start("worker").beat([doing])
    where = f"/admin/publishing/delivery/{delivery.job_id}/change/"
    assert f'<a href="{where}">publishing.send_delivery({delivery.job_id})</a>' in page_of(
        operator, "/jobs/"
    )


# ── Jobs by their state ───────────────────────────────────────────────────────────────────────
def tabs(page: str) -> dict[str, str]:
    nav = page[page.index('aria-label="Jobs by state"') :].split("</nav>")[0]
    return dict(re.findall(r">([\w ]+) <span class=\"number\">([^<]*)</span>", nav))


def test_every_list_of_jobs_has_a_tab_a_state_with_its_count(operator):
    now = timezone.now()
    soon = now + timedelta(hours=1)
    insert([NewRow("mail", Job.new(JOB), at) for at in (now, now, now, now, soon)])
    keys = list(QueuedJob.objects.queued().values_list("pk", flat=True))
    QueuedJob.objects.filter(pk=keys[0]).update(holder="here:1:1")
    QueuedJob.objects.filter(pk=keys[1]).update(holder=QUARANTINED)
    FinishedJob.objects.create(id="a", name="n", func=JOB, started=now, stopped=now)
    FailureNote.objects.write({"id": "b", "func": JOB, "args": []}, "KeyError: 1")
    expected = {
        "Queued": "2",
        "Scheduled": "1",
        "Running": "1",
        "Quarantined": "1",
        "Finished": "1",
        "Failed": "1",
        "Dead letters": "0",
    }
    lists = ["queuedjob/?state=queued", "finishedjob/", "failurenote/", "failuregroup/"]
    for where in (*(f"/admin/jobs/{name}" for name in lists), "/jobs/"):
        assert tabs(page_of(operator, where)) == expected, where
    assert "Jobs by state" not in page_of(operator, "/admin/jobs/heartbeat/")


@pytest.mark.parametrize(
    "where, current",
    [
        ("queuedjob/?state=running", "Running"),
        ("finishedjob/?success__exact=1", "Finished"),
        ("failurenote/", "Failed"),
        ("deadletter/", "Dead letters"),
    ],
)
def test_the_tab_of_a_list_is_marked(operator, where, current):
    page = page_of(operator, f"/admin/jobs/{where}")
    nav = page[page.index('aria-label="Jobs by state"') :].split("</nav>")[0]
    assert re.findall(r'aria-current="page">([\w ]+) <', nav) == [current]


# ── A million rows ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "where",
    [
        "publishing/post",
        "publishing/delivery",
        "social/channel",
        "importing/timeline",
        "importing/importrun",
        "importing/importeditem",
        "jobs/queuedjob",
        "jobs/finishedjob",
        "jobs/failurenote",
        "jobs/deadletter",
        "accounts/outgoingmail",
    ],
)
def test_no_list_counts_all_rows_or_looks_for_all_values(operator, alice, where):
    things_of(alice)
    fill_the_admin(alice)
    assert Channel.objects.exists()
    with CaptureQueriesContext(connection) as asked:
        page_of(operator, f"/admin/{where}/")
    table = admin.site._registry
    names = {m._meta.db_table for m in table if m._meta.label_lower == where.replace("/", ".")}
    slow = re.compile(rf'COUNT\(\*\) AS "__count" FROM "{names.pop()}"(?!.*LIMIT)')
    for query in asked:
        assert not slow.search(query["sql"]), query["sql"]
        if where != "social/channel":  # of those there are as many as people chose
            assert "DISTINCT" not in query["sql"], query["sql"]
