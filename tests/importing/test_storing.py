"""Items as rows: in one statement for both databases, with what columns can hold."""

import json

import pytest
from django.utils import timezone

from importing.models import ImportedItem
from importing.reading.storing import digest_of, row_of, store
from importing.sql import ITEM_COLUMNS, json_source, values_source
from social.networks.shapes import Item
from tests.publishing.factories import x_channel

from .factories import timeline_of


def test_rows_are_one_value_for_postgresql_and_many_for_sqlite():
    row, shared = [f"{name} of it" for name in ITEM_COLUMNS], ["timeline", 1, "post", "x", "n", "n"]
    source, values = json_source([row], shared)
    assert values[:-1] == shared and source.count("%s") == len(values)
    assert json.loads(values[-1]) == [dict(zip(ITEM_COLUMNS, row, strict=True))]
    source, values = values_source([row, row], shared)
    assert values == [*row, *shared] * 2 and source.count("%s") == len(values)


def test_reactions_are_likes_and_reposts():
    item = Item("1", "Hello", likes=5, reposts=2, created_at=timezone.now())
    now = timezone.now()
    names = dict(zip(ITEM_COLUMNS, row_of(item, now), strict=True))
    assert names["reactions"] == 7
    bare = dict(zip(ITEM_COLUMNS, row_of(Item("1", "Hello"), now), strict=True))
    assert bare["reactions"] == 0


def test_names_fit_their_columns():
    item = Item("1", "Hello", author_id="i" * 999, author_name="n" * 999, author_handle="h" * 999)
    names = dict(zip(ITEM_COLUMNS, row_of(item, timezone.now()), strict=True))
    lengths = [len(names[f"author_{name}"]) for name in ("id", "name", "handle")]
    assert lengths == [320, 200, 320]


def test_a_digest_stays_the_same_from_one_version_to_the_next():
    """Or the next reading would write down anew all that is there, and count it as changed."""
    assert digest_of(["1", "Hello", None, 5]) == 2_583_016_467_300_932_414
    assert digest_of(["1", "Hello", None, 6]) == -1_271_357_761_015_413_421


@pytest.mark.django_db
def test_an_author_is_renamed_and_never_forgotten(alice):
    timeline = timeline_of(x_channel(alice))
    for handle, shown in (("one", "one"), ("two", "two"), ("", "two")):
        url = f"https://x.com/{handle or 'i'}/status/1"
        store(timeline, [Item("1", f"Hello {handle}", author_handle=handle, url=url)])
        stored = ImportedItem.objects.get()
        assert stored.author_handle == shown
        assert stored.url == f"https://x.com/{shown}/status/1"
