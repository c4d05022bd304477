"""What we know of a person beyond the user row, and the mail on its way to people."""

import functools
import ssl
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from project.web.debugging import without_secrets
from publishing.models import Notice, PostingTime
from social.jobs import enqueue
from social.timing import backoff
from social.waiting import waiting_elsewhere

from .resetting import reset_messages

MAIL_TRIES = 6
# Between two tries, at most: the lease of the one that runs, and the pause after it, which triples.
FIRST_MAIL_RETRY_SECONDS, LAST_MAIL_RETRY_SECONDS = 180, 6 * 3600
MAIL_KEPT_FOR = timedelta(days=30)  # after it was sent, or given up
NOTICE_MAIL = [
    ("at once", _("At once, but at most every 15 minutes")),
    ("digest", _("Once a day, at eight in the morning")),
    ("never", _("Never; I look here")),
]
FIRST_WEEKDAYS = [(0, _("Monday")), (6, _("Sunday")), (5, _("Saturday"))]
WIPED = {"text": "", "html": ""}


def check_time_zone(name: str) -> None:
    """Raise ValidationError for a name that is no time zone."""
    if name not in available_timezones():
        raise ValidationError(gettext("We do not know this time zone."))


class ProfileManager(models.Manager["Profile"]):
    def of(self, user: User) -> "Profile":
        """The profile of `user`, made when it is first asked for."""
        try:
            return user.profile
        except Profile.DoesNotExist:
            return self.get_or_create(user=user)[0]


class FoundingManager(models.Manager["Founding"]):
    def claim(self) -> bool:
        """Whether the caller is the first person here, and the only one who is told so: a second
        one waits until the first has signed up, or failed to. Within a transaction."""
        try:
            with transaction.atomic():
                self.create()
        except IntegrityError:
            return False
        return True

    def remember(self) -> None:
        """Note that somebody is here, by whatever way."""
        self.bulk_create([Founding()], ignore_conflicts=True)


class Founding(models.Model):
    """The one row that says that this instance has had its first person. It outlives them: where
    everybody is gone, whoever comes next is a stranger and not the one who runs it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField(default=timezone.now)

    objects = FoundingManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="accounts_one_founding")]

    def __str__(self) -> str:
        return f"founded {self.at:%Y-%m-%d}"


class Profile(models.Model):
    """What a person has chosen: a time zone, when they get mail, what keys do."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    # Until the person chooses a zone it follows their browser.
    time_zone_guessed = models.BooleanField(default=True)
    notice_mail = models.CharField(max_length=10, choices=NOTICE_MAIL, default="at once")
    # Who speaks to a computer, or touches keys by chance, must be able to do without (WCAG 2.1.4).
    letter_keys = models.BooleanField(default=True)
    # With which day the weeks of a calendar begin; Monday is 0.
    first_weekday = models.PositiveSmallIntegerField(choices=FIRST_WEEKDAYS, default=0)

    objects = ProfileManager()
    export = None  # told with the account itself

    def __str__(self) -> str:
        return str(self.user)

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")  # the machine's zone data no longer has it

    def guess_time_zone(self, name: str) -> None:
        """Follow what the browser says, unless the person has chosen, or has posting times, which
        would be other moments then. Raises ValidationError."""
        check_time_zone(name)
        if PostingTime.objects.of(self.user_id).exists():
            return
        Profile.objects.filter(pk=self.pk, time_zone_guessed=True).update(time_zone=name)

    def choose_time_zone(self, name: str) -> None:
        self.time_zone, self.time_zone_guessed = name, False
        self.save(update_fields=["time_zone", "time_zone_guessed"])

    def choose_letter_keys(self, letter_keys: bool) -> None:
        self.letter_keys = letter_keys
        self.save(update_fields=["letter_keys"])

    def choose_first_weekday(self, first_weekday: int) -> None:
        self.first_weekday = first_weekday
        self.save(update_fields=["first_weekday"])

    def choose_notice_mail(self, choice: str) -> None:
        """Take the person's word for when to mail, also of what was not mailed yet."""
        self.notice_mail = choice
        self.save(update_fields=["notice_mail"])
        Notice.objects.of(self.user).reschedule_mail(self.user)


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def unsent(self) -> "OutgoingMailQuerySet":
        return self.filter(sent_at=None, next_try_at__isnull=False)

    def due(self) -> "OutgoingMailQuerySet":
        return self.unsent().filter(next_try_at__lte=timezone.now())

    def ask_for_reset(self, address: str) -> None:
        """Queue the mail for whoever has `address` and wants a new password. What it says is
        written when it is sent."""
        with transaction.atomic():
            self.create(to=address, subject="A new password", is_reset=True).send_later()

    def finished(self) -> "OutgoingMailQuerySet":
        return self.filter(Q(sent_at__isnull=False) | Q(next_try_at=None))

    def sweep(self) -> None:
        """Queue again what is due and was not sent, and delete what is old."""
        for mail in self.due():
            mail.send_later()
        self.finished().filter(created_at__lt=timezone.now() - MAIL_KEPT_FOR).delete()


class OutgoingMail(models.Model):
    """One message to one address. The page that caused it never waits for the mail server.

    The body may hold a link that lets its reader in: it is shown nowhere and wiped once sent.
    """

    to = models.EmailField(max_length=320)
    subject = models.CharField(max_length=255)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    # Somebody asked for a new password: what it says, and whether there is anybody to say it to,
    # is found out when it is sent.
    is_reset = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    # The lease of the try that runs and the pause before the next one; null: we gave up.
    next_try_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(sent_at=None), name="accounts_mail_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    def send_later(self) -> None:
        enqueue("project.accounts.tasks.send_mail", self.pk, queue="mail", owner="mail")

    def send(self) -> None:
        """Send it, if nobody else does; a failure is noted and tried again later."""
        if not self._claim():
            return  # another worker has it, or it is not its time yet
        try:
            messages = list(reset_messages(self.to)) if self.is_reset else [self._message()]
            with waiting_elsewhere():
                for message in messages:
                    message.connection = mail_server()
                    message.send()
        except Exception as error:
            self.mark_failed(error)
            return
        if messages:
            self.mark_sent()
        else:
            self.delete()  # a stranger's address

    def mark_sent(self) -> None:
        self._update(sent_at=timezone.now(), next_try_at=None, error="", **WIPED)

    def mark_failed(self, error: Exception) -> None:
        """Note any error, to try again: a message that arrives twice is better than one that never
        does. What a mail server says may quote the link in it, or who we are there."""
        reason = without_secrets(f"{type(error).__name__}: {error}")[:500]
        gave_up = {"next_try_at": None, **WIPED} if self.tries >= MAIL_TRIES else {}
        self._update(error=reason, **gave_up)

    def _claim(self) -> bool:
        now = timezone.now()
        wait = backoff(self.tries, FIRST_MAIL_RETRY_SECONDS, LAST_MAIL_RETRY_SECONDS, factor=3)
        mine = OutgoingMail.objects.due().filter(pk=self.pk, tries=self.tries)
        if not mine.update(tries=F("tries") + 1, next_try_at=now + wait):
            return False
        self.tries += 1
        return True

    def _message(self) -> EmailMultiAlternatives:
        message = EmailMultiAlternatives(self.subject, self.text, to=[self.to])
        if self.html:
            message.attach_alternative(self.html, "text/html")
        return message

    def _update(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))


def mail_server() -> Any:
    """A new connection to the mail server, by MAIL_BACKEND. Django would parse the CAs again for
    each mail; all share one context, which is as strict."""
    connection: Any = get_connection(backend=settings.MAIL_BACKEND)
    if hasattr(type(connection), "ssl_context") and not settings.EMAIL_SSL_CERTFILE:
        connection.ssl_context = mail_tls()
    return connection


@functools.cache
def mail_tls() -> ssl.SSLContext:
    return ssl.create_default_context()
