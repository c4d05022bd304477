"""What happens around the run of a job: refuse what is not registered, keep no secrets."""

import logging
from collections.abc import Callable
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django_q.models import Schedule
from django_q.signals import post_execute, post_execute_in_worker, pre_execute

from social.redacting import redact

from .job import is_registered
from .models import FailureNote
from .waking import ring

LONGEST_ERROR = 500
logger = logging.getLogger(__name__)


@receiver(pre_execute, dispatch_uid="refuse_unregistered")
def refuse_unregistered(task: dict[str, Any], func: Callable, **_: object) -> None:
    """The last of three looks (enqueue, dequeue, here). Raising would kill the worker process;
    calling with None for the arguments fails inside its try, before the function is entered."""
    if not is_registered(task["func"]):
        task["args"] = task["kwargs"] = None


@receiver(post_execute_in_worker, dispatch_uid="keep_no_secrets")
def keep_no_secrets(task: dict[str, Any], **_: object) -> None:
    """What a job returned is not kept; of what it raised, one line without credentials."""
    if task["success"]:
        task["result"] = None
    elif task["args"] is None:
        task["result"] = f"{task['func']!r} is not a registered job"
    else:
        logger.error("Job %s (%s) failed: %s", task["func"], task["args"], task["result"])
        task["result"] = error_line(task["result"])


@receiver(post_execute, dispatch_uid="note_failure")
def note_failure(task: dict[str, Any], **_: object) -> None:
    if not task["success"]:
        FailureNote.objects.write(task, task["result"])


@receiver(post_save, sender=Schedule, dispatch_uid="hear_of_schedules")
def hear_of_schedules(**_: object) -> None:
    """It may be due before anybody would look at the timetable by himself."""
    ring()


def error_line(trace: str) -> str:
    """The last line of a traceback says what was raised; in letters that any database takes."""
    storable = trace.replace("\0", "").encode("utf-8", "replace").decode()
    lines = [line for line in redact(storable).splitlines() if line.strip()]
    return lines[-1].strip()[:LONGEST_ERROR] if lines else "no reason given"
