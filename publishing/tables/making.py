"""Drafts, or posts that wait, of the rows of a table: each once, however often it is sent."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from publishing.models import Draft, Post
from publishing.posts.extras import extras_in

from .rows import Row, TableRows


@dataclass
class Made:
    """How many there are now that were not there before, and what could not be."""

    count: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)  # (row, sentence)


def make_drafts(table: TableRows) -> Made:
    """All or nothing."""
    made = Made()
    with transaction.atomic():
        for row in table.rows:
            if row.is_ready:
                draft = Draft(user=table.user, public_id=row.key, fields=row.fields)
                made.count += draft.create()
    return made


def schedule(table: TableRows) -> Made:
    """Each for itself: one that finds no free time keeps no other from its own."""
    made = Made()
    for row in table.rows:
        if row.is_ready:
            try:
                made.count += schedule_one(table, row)
            except ValidationError as error:
                made.refused.append((row.number, " ".join(error.messages)))
    return made


def schedule_one(table: TableRows, row: Row) -> bool:
    """Whether it was not there before. Raises ValidationError."""
    if Post.objects.of(table.user).filter(submit_key=row.key).exists():
        return False
    cleaned = row.form.cleaned_data
    Post.objects.publish(
        table.user,
        cleaned["text"],
        cleaned["channels"],
        "next" if row.is_timeless else cleaned["at"],
        texts=row.form.texts(),
        extras=extras_in(cleaned),
        time_zone=table.zone,
        submit_key=row.key,
        tags=cleaned["tags"],
    )
    return True
