"""`manage.py rotate_token_keys`: seal every stored token anew with the first of TOKEN_KEYS."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import transaction

from social.sealing import UnreadableToken, reseal, resealing
from social.shell import PlainCommand


def sealed_columns() -> Iterator[tuple[Any, str]]:
    """Of every room: whatever is sealed stands in a column of that name."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name.endswith("_sealed"):
                yield model, field.name


class Command(PlainCommand):
    help = (
        "Seal every stored token anew with the first of TOKEN_KEYS. "
        "Put the new key first, restart, run this, then drop the old key."
    )

    def run(self, *args: Any, **options: Any) -> None:
        done, unreadable = 0, 0
        for model, field in sealed_columns():
            for pk in model.objects.exclude(**{field: ""}).values_list("pk", flat=True):
                if rotate(model, pk, field):
                    done += 1
                else:
                    unreadable += 1
                    self.stderr.write(f"no key opens {field} of {model.__name__.lower()} {pk}")
        answers: list[tuple[Any, Any]] = resealing.send(Command)
        for _, (more, lines) in answers:
            done, unreadable = done + more, unreadable + len(lines)
            for line in lines:
                self.stderr.write(line)
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
