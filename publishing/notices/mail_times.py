"""When a person hears of a notice by mail: as their profile says."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from publishing.posts.times import zone_of
from social.timing import delay

MAIL_AT_ONCE, MAIL_DIGEST, MAIL_NEVER = "at once", "digest", "never"
SETTLE_SECONDS = 30  # in which what happens together comes together
MAIL_EVERY_SECONDS = 900  # at least between two mails to one person
MORNING = time(8)  # of a digest, where the person is


def mail_time(user: User, now: datetime) -> datetime | None:
    """When a notice of now is mailed; None: not at all."""
    wish = wish_of(user)
    if wish == MAIL_NEVER or not user.email:
        return None
    return next_morning(zone_of(user), now) if wish == MAIL_DIGEST else now + delay(SETTLE_SECONDS)


def wish_of(user: User) -> str:
    """Accounts are another room's, so this asks the user's row."""
    profile = getattr(user, "profile", None)
    return profile.notice_mail if profile else MAIL_AT_ONCE


def next_morning(zone: str, now: datetime) -> datetime:
    """The next time that it is MORNING in `zone`."""
    local = now.astimezone(ZoneInfo(zone))
    morning = datetime.combine(local.date(), MORNING, local.tzinfo)
    return morning if morning > local else morning + timedelta(days=1)
