"""One mail with everything that a person has to know and was not told yet. It is written down here
and sent by another job: no mail server ever stands between a worker and a delivery."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import ngettext

from social.timing import delay

from .mail_times import MAIL_EVERY_SECONDS
from .notice import Notice

NOTICES_PER_MAIL = 20  # of more it says how many


def mail_notices(user_id: int) -> None:
    """Two workers may come for one person at once: the second finds nothing left to tell."""
    with transaction.atomic():
        people = get_user_model().objects.select_for_update(no_key=True)
        person = people.filter(pk=user_id, is_active=True).first()
        unmailed = Notice.objects.filter(user_id=user_id).unmailed()
        if person is None or not person.email:
            unmailed.update(mail_at=None)
        elif (last := last_mail(person)) and timezone.now() < last + delay(MAIL_EVERY_SECONDS):
            unmailed.update(mail_at=last + delay(MAIL_EVERY_SECONDS))
        elif unmailed.filter(mail_at__lte=timezone.now()).exists():
            mail(person, list(unmailed.with_all()))


def last_mail(person: User) -> datetime | None:
    """When this user was mailed last."""
    return Notice.objects.of(person).aggregate(last=Max("mailed_at"))["last"]


def mail(person: User, notices: list[Notice]) -> None:
    """Mail these notices to their user, as far as they are still true."""
    rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
    rows.update(mail_at=None, mailed_at=timezone.now())
    notices = [notice for notice in notices if notice.is_true]
    if notices:
        send_mail(subject(notices), body(person, notices), None, [person.email])


def subject(notices: list[Notice]) -> str:
    """The line that says what it is about."""
    if len(notices) > 1:
        sentence = ngettext(
            "{count} thing on Fanfare needs you", "{count} things on Fanfare need you", len(notices)
        )
        return sentence.format(count=len(notices))
    return " ".join(notices[0].text.title.split())


def body(person: User, notices: list[Notice]) -> str:
    """What the mail says."""
    context = {
        "person": person,
        "notices": notices[:NOTICES_PER_MAIL],
        "more": len(notices) - NOTICES_PER_MAIL,
        "home": settings.PUBLIC_URL,
    }
    return render_to_string("publishing/mail/notices.txt", context)
