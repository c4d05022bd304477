"""What a queued job is: a registered function's name and at most one id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Self
from uuid import uuid4

from django.apps import apps
from django.core import signing
from django.utils import timezone
from django_q.utils import get_func_repr

from social.jobs import JobRequest

PAYLOAD_SALT = "project.jobs"
LONGEST_ARGUMENT = 200
LONGEST_GROUP = 100  # the width of django-q2's column
REFUSED_OPTIONS = ("kwargs", "hook", "chain", "cached", "sync", "iter_count", "iter_cached")


class NotAJob(ValueError):
    """Why something cannot be run as a job, in one line for a person."""


def registered() -> frozenset[str]:
    """The functions that may run as jobs: what the apps list as `jobs` in their AppConfig."""
    return frozenset(name for config in with_jobs() for name in config.jobs)


@cache
def with_jobs() -> list[Any]:
    """The AppConfigs that list some: Django's own class has no `jobs`."""
    return [config for config in apps.get_app_configs() if hasattr(config, "jobs")]


@dataclass(frozen=True)
class Job:
    """One job as a queue row holds it. Its owner is called `group` by django-q2."""

    id: str
    name: str
    func: str
    args: list[int | str]
    group: str | None
    queued_at: str

    @classmethod
    def new(cls, func: str, *args: int | str, group: str | None = None) -> Self:
        key = uuid4().hex
        job = cls(key, key, func, list(args), group, timezone.now().isoformat())
        job.check()
        return job

    @classmethod
    def of_request(cls, request: JobRequest) -> Self:
        """Raises NotAJob for what may not run here."""
        arguments = () if request.id is None else (request.id,)
        owner = f"user:{request.owner}" if isinstance(request.owner, int) else request.owner
        return cls.new(request.task, *arguments, group=owner)

    @classmethod
    def of_task(cls, task: Mapping[str, Any]) -> Self:
        """From the task that `async_task` packed in this process. Raises NotAJob for what may not
        run here."""
        refused = [name for name in REFUSED_OPTIONS if task.get(name)]
        if refused:
            raise NotAJob(f"a job takes no {', '.join(refused)}")
        job = cls(
            id=task["id"],
            name=task["name"],
            func=get_func_repr(task["func"]) or "",
            args=list(task["args"]),
            group=None if task.get("group") is None else str(task["group"]),
            queued_at=task["started"].isoformat(),
        )
        job.check()
        return job

    @classmethod
    def read(cls, payload: str) -> Self:
        """From a queue row. Raises NotAJob for whatever this instance did not write itself."""
        try:
            job = cls(**signing.loads(payload, salt=PAYLOAD_SALT))
            datetime.fromisoformat(job.queued_at)
        except signing.BadSignature as error:
            raise NotAJob("not signed by this instance's SECRET_KEY or its fallbacks") from error
        except (ValueError, TypeError, RecursionError) as error:
            raise NotAJob("signed, but not in the form of a job") from error
        job.check()
        return job

    def check(self) -> None:
        if not any(self.func in config.jobs for config in with_jobs()):
            raise NotAJob(f"{self.func!r} is not a registered job")
        if not isinstance(self.args, list) or len(self.args) > 1:
            raise NotAJob("a job takes at most one argument, an id")
        if not all(is_id(argument) for argument in self.args):
            raise NotAJob("a job's argument is an id: a whole number or a short text")
        if self.group is not None and len(self.group) > LONGEST_GROUP:
            raise NotAJob(f"a job's group has at most {LONGEST_GROUP} characters")

    def payload(self) -> str:
        """As it stands in a queue row: signed JSON, never a pickle."""
        return signing.dumps(vars(self), salt=PAYLOAD_SALT)

    def task(self) -> dict[str, Any]:
        """As django-q2's signals have it, in memory only."""
        return {
            "id": self.id,
            "name": self.name,
            "func": self.func,
            "args": tuple(self.args),
            "kwargs": {},
            "group": self.group,
            "started": datetime.fromisoformat(self.queued_at),
            "ack_failure": True,
        }


def is_id(argument: object) -> bool:
    if isinstance(argument, str):
        return len(argument) <= LONGEST_ARGUMENT and is_storable(argument)
    return isinstance(argument, int) and not isinstance(argument, bool)


def is_storable(text: str) -> bool:
    """Whether every database takes it; what one does not would come back for ever."""
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character
        return False
    return "\0" not in text
