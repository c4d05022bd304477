"""What is easily lost when code is moved: each was in a trial, and no other test noticed."""

import json

import pytest
from django.utils import timezone

from importing.models import ImportedItem
from importing.reading.cursor import MOST_GAPS, Cursor, Known, Stretch, known, merged
from importing.reading.storing import OF_ITEM, as_json, as_values, row_of
from social.networks.shapes import Item, Page
from tests.publishing.conftest import x_channel

from .conftest import timeline_of


def test_rows_are_one_value_for_postgresql_and_many_for_sqlite():
    row, shared = [f"{name} of it" for name in OF_ITEM], ["timeline", 1, "post", "x", "now", "now"]
    given, values = as_json([row], shared)
    assert values[:-1] == shared and given.count("%s") == len(values)
    assert json.loads(values[-1]) == [dict(zip(OF_ITEM, row, strict=True))]
    given, values = as_values([row, row], shared)
    assert values == [*row, *shared] * 2 and given.count("%s") == len(values)


def test_reactions_are_likes_and_reposts():
    item = Item("1", "Hello", likes=5, reposts=2, created_at=timezone.now())
    now = timezone.now()
    names = dict(zip(OF_ITEM, row_of(item, now), strict=True))
    assert names["reactions"] == 7
    bare = dict(zip(OF_ITEM, row_of(Item("1", "Hello"), now), strict=True))
    assert bare["reactions"] == 0


def test_of_just_enough_gaps_none_is_merged():
    gaps = [Stretch(mark=str(number)) for number in range(MOST_GAPS + 1)]
    assert merged(gaps[:-1]) == tuple(gaps[:-1])
    assert len(merged(gaps)) == MOST_GAPS


def test_each_second_power_of_two_is_a_landmark():
    stretch, marks = Stretch(), []
    for number in range(1, 9):
        stretch = stretch.took(Page((), f"mark {number}"))
        marks.append(stretch.landmark)
    assert marks == [f"mark {n}" for n in (1, 2, 2, 4, 4, 4, 4, 8)]


def test_the_first_twenty_of_a_list_are_remembered():
    items = [Item(str(number), "Hello") for number in range(30)]
    assert Stretch().took(Page(tuple(items), "")).seen == tuple(str(n) for n in range(20))


def test_how_far_it_was_read_is_written_down_whole():
    now = timezone.now()
    ends = {"after": Known("1", now), "before": Known("2", now), "top": Known("3", now)}
    lists = {"stops": ("4",), "seen": ("5", "6")}
    plain = {"mark": "m", "size": 7, "pages": 8, "landmark": "l", "idle": 2, "again": True}
    stretch = Stretch(**ends, **lists, **plain)
    assert Stretch.load(json.loads(json.dumps(stretch.dump()))) == stretch


def test_names_fit_their_columns():
    item = Item("1", "Hello", author_id="i" * 999, author_name="n" * 999, author_handle="h" * 999)
    names = dict(zip(OF_ITEM, row_of(item, timezone.now()), strict=True))
    lengths = [len(names[f"author_{name}"]) for name in ("id", "name", "handle")]
    assert lengths == [64, 200, 100]


def test_a_list_without_ids_is_read_down_to_what_is_known():
    known_ids = ("1", "2")
    cursor = Cursor(anchors=known_ids).begin(None, by_id=False)
    assert cursor.reading.stops == known_ids
    again = cursor.lost(by_id=False)
    assert again.reading.stops == known_ids and again.reading.again


def test_pages_that_lead_nowhere_are_counted_in_a_row():
    items = (Item("1", "Hello"),)
    assert Stretch(idle=3).took(Page(items, "m", read=1)).idle == 0
    assert Stretch(idle=3).took(Page((), "m", read=0)).idle == 4


def test_the_latest_gap_is_filled_first():
    upper, lower = Stretch(mark="upper"), Stretch(mark="lower")
    assert Cursor(gaps=(upper, lower)).stretch is upper
    assert Cursor(reading=lower, gaps=(upper,)).stretch is lower


def test_a_page_of_one_that_is_known_leads_on():
    """Where one item is new at a time, the last of it is no circle."""
    item = Item("1", "Hello", created_at=timezone.now())
    stretch = Stretch(before=known(item))
    assert not stretch.ends_with(Page((item,), "m"))
    other = Item("2", "Hello", created_at=timezone.now())
    assert stretch.ends_with(Page((other, item), "m"))


@pytest.mark.django_db
def test_an_author_is_renamed_and_never_forgotten(alice):
    timeline = timeline_of(x_channel(alice))
    for handle, shown in (("one", "one"), ("two", "two"), ("", "two")):
        url = f"https://x.com/{handle or 'i'}/status/1"
        item = Item("1", f"Hello {handle}", author_handle=handle, url=url)
        ImportedItem.objects.store(timeline, [item])
        stored = ImportedItem.objects.get()
        assert stored.author_handle == shown
        assert stored.url == f"https://x.com/{shown}/status/1"
