"""Who may sign up: settings.SIGN_UP is open, first (the one who runs the instance) or closed."""

from django.conf import settings
from django.contrib.auth import get_user_model

from social.demo import USERNAME as DEMO_USERNAME


def is_sign_up_open() -> bool:
    if settings.SIGN_UP == "first":
        return is_instance_fresh()
    return settings.SIGN_UP == "open"


def is_instance_fresh() -> bool:
    """Nobody is here yet. A scrubbed account counts: whoever comes next is a stranger to it."""
    people = get_user_model().objects.all()
    if settings.SANDBOX_MODE and settings.DEBUG:
        people = people.exclude(username=DEMO_USERNAME)
    return not people.exists()
