"""Who may sign up: settings.SIGN_UP is open, first (the one who runs the instance) or closed."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from social.demo import USERNAME as DEMO_USERNAME

from .models import Founding


def is_sign_up_open() -> bool:
    if settings.SIGN_UP == "first":
        return is_instance_fresh()
    return settings.SIGN_UP == "open"


def is_instance_fresh() -> bool:
    """Whether nobody is here, and nobody has ever been."""
    if Founding.objects.exists():
        return False
    people = get_user_model().objects.all()
    if is_demo_offered():
        people = people.exclude(username=DEMO_USERNAME)
    return not people.exists()


def is_demo_offered() -> bool:
    """Whether one click signs in as the demo person, who founds nothing."""
    return settings.SANDBOX_MODE and settings.DEBUG


def make_founder(user: User) -> None:
    """Let `user`, who has claimed the founding, run this instance."""
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])


def remember_founding(user: User) -> None:
    """Note that there is, or was, somebody here: by whichever page or command, or a backup."""
    if not (is_demo_offered() and user.get_username() == DEMO_USERNAME):
        Founding.objects.remember()
