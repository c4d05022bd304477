"""Nobody here reads django-q2's pickles.

The columns `args`, `kwargs` and `result` of a finished task are unsigned pickles: whoever can write
such a row could run code in whoever reads it, and the stock monitor reads them for every job.
Neither may a row name a function to be called when it is saved (`hook`).
"""

from django.db.models.signals import post_save
from django_q.models import Task
from django_q.signals import call_hook

PICKLED_FIELDS = ("args", "kwargs", "result")


def leave_pickles_alone() -> None:
    for name in PICKLED_FIELDS:
        field = Task._meta.get_field(name)
        field.from_db_value = field.to_python = unread
    post_save.disconnect(call_hook, sender=Task)


def unread(*_: object) -> None:
    return None
