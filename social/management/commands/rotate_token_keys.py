"""`manage.py rotate_token_keys`: seal every stored token anew with the first of TOKEN_KEYS."""

from typing import Any

from django.db import transaction

from social.models import Channel, Connection, Home
from social.sealing import UnreadableToken, reseal
from social.shell import PlainCommand

SEALED_COLUMNS: list[tuple[type[Connection | Channel | Home], str]] = [
    (Connection, "access_sealed"),
    (Connection, "refresh_sealed"),
    (Connection, "extra_sealed"),
    (Channel, "token_sealed"),
    (Home, "client_secret_sealed"),
]


class Command(PlainCommand):
    help = (
        "Seal every stored token anew with the first of TOKEN_KEYS. "
        "Put the new key first, restart, run this, then drop the old key."
    )

    def run(self, *args: Any, **options: Any) -> None:
        done, unreadable = 0, 0
        for model, field in SEALED_COLUMNS:
            for pk in model.objects.exclude(**{field: ""}).values_list("pk", flat=True):
                if rotate(model, pk, field):
                    done += 1
                else:
                    unreadable += 1
                    self.stderr.write(f"no key opens {field} of {model.__name__.lower()} {pk}")
        self.stdout.write(f"{done} sealed anew, {unreadable} unreadable")


def rotate(model: Any, pk: Any, field: str) -> bool:
    with transaction.atomic():
        row = model.objects.select_for_update().get(pk=pk)
        try:
            setattr(row, field, reseal(getattr(row, field)))
        except UnreadableToken:
            return False
        row.save(update_fields=[field])
    return True
