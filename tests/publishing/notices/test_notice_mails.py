"""Notices by mail: one mail for what came together, as often as the person wishes, and never in the
way of a delivery."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.utils import timezone

from project.accounts.models import OutgoingMail, Profile
from project.jobs.models import QueuedJob
from publishing.models import Delivery, Notice
from publishing.notices import mailing
from publishing.notices.mail_times import next_morning
from publishing.notices.mailing import mail_notices
from publishing.notices.sync import sync_notices
from publishing.tasks import sweep_notices
from tests.people import create_person
from tests.publishing.deliveries.test_worker_process import state_of
from tests.publishing.factories import TEXT, delivery_in_state, publish, reloaded, x_channel
from tests.publishing.notices.test_notice_sync import held, troubled
from tests.racing import run_at_once
from tests.waiting import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queued_mail(settings):
    """The test runner puts its own backend in place of ours."""
    settings.EMAIL_BACKEND = "project.accounts.mail.QueuedEmailBackend"
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def hanging_server(settings):
    """A mail server that takes the connection and says nothing, ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        yield server


def minutes_pass(minutes):
    by = timedelta(minutes=minutes)
    for name in ("raised_at", "mail_at", "mailed_at"):
        Notice.objects.update(**{name: F(name) - by})


def sweep(run_jobs, minutes=1):
    """The next round of the timetable."""
    minutes_pass(minutes)
    sweep_notices()
    QueuedJob.objects.filter(func="publishing.tasks.send_delivery").delete()
    run_jobs()


def test_one_notice_is_one_mail_that_leads_there(channel, run_jobs):
    delivery = delivery_in_state(channel, "failed")
    sync_notices()
    sweep(run_jobs)
    (sent,) = mail.outbox
    assert sent.to == ["alice@example.org"] and sent.subject == "Not sent to Alice on X"
    assert f"http://localhost/posts/{delivery.post.public_id}/#job-{delivery.job_id}" in sent.body
    assert delivery.sentence in sent.body and "http://localhost/settings/#notices" in sent.body
    sweep(run_jobs, minutes=60)
    assert len(mail.outbox) == 1


def test_what_comes_together_is_told_together_and_what_comes_later_is_collected(channel, run_jobs):
    for state in ("failed", "unconfirmed"):
        troubled(channel, state)
    sync_notices()
    sweep(run_jobs)
    assert mail.outbox[0].subject == "2 things on Fanfare need you"
    for _ in range(3):
        delivery_in_state(channel, "failed")
        sync_notices()
        sweep(run_jobs, minutes=4)
    assert len(mail.outbox) == 1
    sweep(run_jobs, minutes=4)
    assert [sent.subject for sent in mail.outbox[1:]] == ["3 things on Fanfare need you"]


def test_of_very_many_a_mail_says_how_many_more(channel, run_jobs, monkeypatch):
    monkeypatch.setattr(mailing, "NOTICES_PER_MAIL", 3)
    for _ in range(5):
        delivery_in_state(channel, "failed")
    sync_notices()
    sweep(run_jobs)
    (sent,) = mail.outbox
    assert sent.body.count("Not sent to Alice") == 3
    assert "And 2 more: http://localhost/notices/" in sent.body


@pytest.mark.parametrize("settled", ["retried", "read", "dismissed"])
def test_what_is_settled_or_seen_before_its_mail_is_not_mailed(settled, channel, run_jobs):
    delivery = delivery_in_state(channel, "failed")
    sync_notices()
    if settled == "retried":
        delivery.retry()  # the notice does not know yet
        minutes_pass(1)
        mail_notices(channel.connection.user_id)
    elif settled == "read":
        Notice.objects.mark_read()
    else:
        Notice.objects.dismiss()
    sweep(run_jobs)
    assert not OutgoingMail.objects.exists()


def test_who_wants_no_mail_gets_none_and_who_has_no_address(channel, alice, run_jobs):
    Profile.objects.of(alice).choose_notice_mail("never")
    delivery_in_state(channel, "failed")
    alice.refresh_from_db()
    sync_notices()
    sweep(run_jobs, minutes=60)
    Profile.objects.of(alice).choose_notice_mail("at once")
    alice.email = ""
    alice.save()
    sweep(run_jobs, minutes=60)
    assert not OutgoingMail.objects.exists()
    alice.email = "late@example.org"
    alice.save()
    Profile.objects.of(alice).choose_notice_mail("at once")  # also what was not mailed yet
    sweep(run_jobs)
    assert OutgoingMail.objects.get().to == "late@example.org"


def test_a_digest_comes_in_the_morning_of_its_person(channel, alice, run_jobs):
    profile = Profile.objects.of(alice)
    profile.choose_time_zone("Asia/Tokyo")
    profile.choose_notice_mail("digest")
    delivery_in_state(channel, "failed")
    held(channel)
    sync_notices()
    assert {notice.mail_at.hour for notice in Notice.objects.all()} == {23}  # UTC
    sweep(run_jobs)
    assert not OutgoingMail.objects.exists()
    sweep(run_jobs, minutes=24 * 60)
    assert OutgoingMail.objects.get().subject == "2 things on Fanfare need you"


@pytest.mark.parametrize(
    "now, morning",
    [
        ("2026-03-28T06:59", "2026-03-28T07:00"),
        ("2026-03-28T07:00", "2026-03-29T06:00"),  # clocks go forward that night
        ("2026-10-24T12:00", "2026-10-25T07:00"),  # and back that one
    ],
)
def test_a_morning_is_at_eight_on_the_clock(now, morning):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert f"{next_morning('Europe/Berlin', at).astimezone(UTC):%Y-%m-%dT%H:%M}" == morning


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_one_mail(channel):
    delivery_in_state(channel, "failed")
    sync_notices()
    minutes_pass(1)
    run_at_once(*[lambda: mail_notices(channel.connection.user_id)] * 4)
    assert OutgoingMail.objects.count() == 1


def test_a_title_with_line_breaks_is_no_second_header(alice, run_jobs):
    channel = x_channel(alice)
    type(channel).objects.update(name="Alice\r\nBcc: everybody@example.org")
    delivery_in_state(channel, "failed")
    sync_notices()
    sweep(run_jobs)
    (sent,) = mail.outbox
    assert sent.recipients() == ["alice@example.org"] and "\n" not in sent.subject


def test_each_person_hears_of_their_own(channel, run_jobs):
    other = x_channel(create_person("carla"), "carla")
    delivery_in_state(channel, "failed")
    delivery = publish(other, "Only Carla's words.")
    Delivery.objects.filter(pk=delivery.pk).update(
        state="failed", reason="policy", finished_at=timezone.now()
    )
    sync_notices()
    sweep(run_jobs)
    bodies = {sent.to[0]: sent.body for sent in mail.outbox}
    assert bodies.keys() == {"alice@example.org", "carla@example.org"}
    assert "Only Carla" in bodies["carla@example.org"]
    assert "Only Carla" not in bodies["alice@example.org"]


# ── A mail server never stands in the way ─────────────────────────────────────────────────────
def test_a_mail_server_that_hangs_changes_nothing_about_a_delivery(
    channel, run_jobs, hanging_server
):
    delivery = troubled(channel, "unconfirmed")
    before = vars(reloaded(delivery)) | {"_state": None}
    sync_notices()
    minutes_pass(1)
    sweep_notices()
    QueuedJob.objects.filter(func="publishing.tasks.send_delivery").delete()
    ran = run_jobs(failing=True)
    assert "project.accounts.tasks.send_mail" in [job.func for job in ran]
    assert vars(reloaded(delivery)) | {"_state": None} == before
    kept = OutgoingMail.objects.get()
    assert kept.error and kept.next_try_at and not kept.sent_at  # it is tried again


@pytest.mark.django_db(transaction=True)
def test_posts_go_out_while_every_mail_hangs(
    start_worker, x, alice, sandbox, settings, hanging_server
):
    """All the threads for mail stand still; publishing has its own."""
    for number in range(60):  # more than can be given up while the post is on its way
        OutgoingMail.objects.create(to="a@example.org", subject=str(number)).send_later()
    host, port = hanging_server.getsockname()
    worker = start_worker(EMAIL_URL=f"smtp://{host}:{port}")
    assert eventually(lambda: OutgoingMail.objects.filter(tries=1).count() >= 4), worker.output()
    delivery = publish(x, TEXT)
    assert eventually(lambda: state_of(delivery) == "sent"), worker.output()
    assert OutgoingMail.objects.filter(tries=0).exists()  # those threads had no time for anything
    assert len(sandbox.truth(text=TEXT)) == 1
    assert not OutgoingMail.objects.filter(sent_at__isnull=False).exists()
