"""No page waits for a mail server: a message is a row, and a job sends it."""

import re
import smtplib
import ssl
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from project.accounts.models import MAIL_KEPT_FOR, MAIL_TRIES, OutgoingMail
from project.accounts.tasks import send_mail, sweep_mail
from social.redacting import REDACTED

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "a whole new sentence"


@pytest.fixture(autouse=True)
def queued_mail(settings):
    """The test runner puts its own backend in place of ours."""
    settings.EMAIL_BACKEND = "project.accounts.mail.QueuedEmailBackend"
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def broken(settings):
    settings.MAIL_BACKEND = "tests.project.test_accounts_mail.BrokenBackend"


class BrokenBackend:
    def __init__(self, **options):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server here")


def test_the_cas_are_read_once_for_all_mails(settings, monkeypatch):
    settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_TLS = True
    seen = []

    class Server:
        def __init__(self, host, port, **options):
            pass

        def starttls(self, context):
            seen.append(context)
            raise ConnectionRefusedError("no mail server here")

        close = quit = lambda self: None

    monkeypatch.setattr("smtplib.SMTP", Server)
    for _ in range(2):
        send_mail(write().pk)
    assert len(seen) == 2 and seen[0] is seen[1]
    assert seen[0].verify_mode == ssl.CERT_REQUIRED and seen[0].check_hostname


def write(to: str = "alice@example.org") -> OutgoingMail:
    message = EmailMultiAlternatives("Hello", "the text", to=[to])
    message.attach_alternative("<p>the html</p>", "text/html")
    message.send()
    return OutgoingMail.objects.latest("pk")


def later(row: OutgoingMail) -> None:
    OutgoingMail.objects.filter(pk=row.pk).update(next_try_at=timezone.now())


def test_a_password_is_reset_by_a_mail_through_the_queue(alice, run_jobs):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client = Client()
    client.post(reverse("account_reset_password"), {"email": alice.email})
    assert mail.outbox == []
    assert OutgoingMail.objects.get().to == alice.email

    run_jobs()
    link = re.search(r"http://localhost(/\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True)
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.post(page.redirect_chain[-1][0], form)
    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)


def test_the_body_is_gone_once_it_is_sent():
    row = write()
    send_mail(row.pk)

    row.refresh_from_db()
    assert row.sent_at and (row.text, row.html, row.next_try_at) == ("", "", None)
    assert mail.outbox[0].body == "the text"
    assert mail.outbox[0].alternatives[0][0] == "<p>the html</p>"


def test_the_queue_row_holds_an_id_and_no_word_of_the_message(run_jobs):
    row = write()
    assert "the text" not in OrmQ.objects.get().payload
    assert [(job.func, job.args) for job in run_jobs()] == [
        ("project.accounts.tasks.send_mail", [row.pk])
    ]


def test_a_doubled_job_sends_once():
    row = write()
    send_mail(row.pk)
    send_mail(row.pk)
    assert len(mail.outbox) == 1


def test_a_lost_job_is_swept_up(run_jobs):
    write()
    OrmQ.objects.all().delete()
    sweep_mail()
    run_jobs()
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_is_tried_again_later(broken, settings):
    row = write()
    send_mail(row.pk)
    row.refresh_from_db()
    assert row.error == "ConnectionRefusedError: no mail server here"
    assert row.text and row.next_try_at > timezone.now()

    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_mail(row.pk)
    assert mail.outbox == []  # not yet
    later(row)
    send_mail(row.pk)
    row.refresh_from_db()
    assert len(mail.outbox) == 1 and row.error == ""


def test_what_a_mail_server_quotes_lets_nobody_in(settings, monkeypatch):
    """Staff who may look at mails read why one was refused."""
    settings.EMAIL_HOST_PASSWORD = "planted/mail@4717"
    row = write()
    for quoted in (
        "550 spam: http://localhost/accounts/password/reset/key/1-cx9zzz-0123456789abcdef/",
        "535 no such login: fanfare with planted/mail@4717",
    ):
        row.mark_failed(smtplib.SMTPException(quoted))
        assert REDACTED in row.error and row.error.startswith("SMTPException: 5"), row.error
        assert "0123456789abcdef" not in row.error and "4717" not in row.error


def test_in_the_end_it_gives_up_and_forgets_the_body(broken):
    row = write()
    for _ in range(MAIL_TRIES + 2):
        later(row)
        send_mail(row.pk)
        row.refresh_from_db()
        if row.next_try_at is None:
            break
    assert (row.tries, row.text, row.html, row.sent_at) == (MAIL_TRIES, "", "", None)
    assert row.error
    assert not OutgoingMail.objects.due().exists()


def test_everybody_gets_a_message_of_their_own():
    EmailMultiAlternatives(
        "Hello", "text", to=["alice@example.org"], bcc=["bob@example.org"]
    ).send()
    assert sorted(OutgoingMail.objects.values_list("to", flat=True)) == [
        "alice@example.org",
        "bob@example.org",
    ]


def test_old_ones_are_forgotten_and_unsent_ones_are_not(run_jobs):
    old, waiting = write(), write("bob@example.org")
    send_mail(old.pk)
    OutgoingMail.objects.update(created_at=timezone.now() - MAIL_KEPT_FOR - timedelta(days=1))
    sweep_mail()
    assert list(OutgoingMail.objects.all()) == [waiting]


def test_admin_shows_that_there_was_a_mail_and_never_its_body(admin_client):
    row = write()
    for url in (
        reverse("admin:accounts_outgoingmail_changelist"),
        reverse("admin:accounts_outgoingmail_change", args=[row.pk]),
    ):
        page = admin_client.get(url).content.decode()
        assert "alice@example.org" in page
        assert "the text" not in page and "the html" not in page
    post = admin_client.post(reverse("admin:accounts_outgoingmail_delete", args=[row.pk]))
    assert post.status_code == 403
