"""Everything we hold of one person, as a file. Which columns of a model are in it says its
`export`."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from social.exporting import ExportPart

from .models import Profile

ROWS_PER_QUERY = 500


def export_of(user: User) -> Iterator[str]:
    """The file, in pieces: pictures and what was read back are too much to hold together."""
    yield '{\n  "account": ' + written(account_of(user))
    sessions = UserSession.objects.filter(user=user).values("created_at", "ip", "user_agent")
    yield from as_list("sessions", sessions)
    for model, part in export_parts():
        yield from as_list(part.name, entries_of(user, model, part))
    yield "\n}\n"


def export_parts() -> Iterator[tuple[type[Model], ExportPart]]:
    for model in apps.get_models():
        part = getattr(model, "export", None)
        if isinstance(part, ExportPart):
            yield model, part


def as_list(name: str, items: Iterable[Any]) -> Iterator[str]:
    yield f',\n  "{name}": ['
    between = "\n    "
    for item in items:
        yield between + written(item)
        between = ",\n    "
    yield "\n  ]"


def written(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder)


def entries_of(user: User, model: type[Model], part: ExportPart) -> Iterator[dict[str, Any]]:
    """Their rows by primary key, some at a time: no server-side cursor outlives a page."""
    rows = model._base_manager.filter(part.only, **{part.owner: user}).order_by("pk")
    rest = rows
    while batch := list(rest.values("pk", *part.columns.split())[:ROWS_PER_QUERY]):
        for row in batch:
            pk = row.pop("pk")
            yield part.entry(row) | dict(part.details(pk) if part.details else {})
        rest = rows.filter(pk__gt=pk)


def account_of(user: User) -> dict[str, Any]:
    profile = Profile.objects.of(user)
    emails = EmailAddress.objects.filter(user=user)
    return {
        "username": user.get_username(),
        "email": user.email,
        "emails": list(emails.values("email", "verified", "primary")),
        "joined": user.date_joined,
        "last_signed_in": user.last_login,
        "time_zone": profile.time_zone,
        "time_zone_guessed": profile.time_zone_guessed,
        "notices_by_mail": profile.notice_mail,
        "letter_keys": profile.letter_keys,
        "first_weekday": profile.first_weekday,
        "runs_the_instance": user.is_superuser,
    }
