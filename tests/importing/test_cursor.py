"""How far a timeline was read: page by page, with gaps, and where page tokens lead nowhere."""

import json
from datetime import timedelta

from django.utils import timezone

from importing.reading.cursor import KEPT_GAPS, Gap, TimelineCursor, known, merged
from social.networks.shapes import Item, Known, Page


def test_of_just_enough_gaps_none_is_merged():
    gaps = [Gap(page_token=str(number)) for number in range(KEPT_GAPS + 1)]
    assert merged(gaps[:-1]) == tuple(gaps[:-1])
    assert len(merged(gaps)) == KEPT_GAPS


def test_of_too_many_gaps_none_is_lost():
    def gap(number):
        at = timezone.now() - timedelta(days=number)
        return Gap(page_token=f"m{number}", before=Known(str(-number), at), after=Known("0", at))

    gaps = merged([gap(number) for number in range(11)])
    assert len(gaps) == 10 and gaps[-1].page_token == "m9"
    assert gaps[-1].after.at < timezone.now() - timedelta(days=9.9)  # where the oldest ended
    whole = TimelineCursor(newest=Known("1", timezone.now()), anchors=("1", "2"), gaps=gaps)
    assert TimelineCursor.load(whole.dump()) == whole


def test_the_token_after_each_power_of_two_is_the_cycle_guard():
    gap, guards = Gap(), []
    for number in range(1, 9):
        gap = gap.below(Page((), f"mark {number}"))
        guards.append(gap.cycle_guard)
    assert guards == [f"mark {n}" for n in (1, 2, 2, 4, 4, 4, 4, 8)]
    assert gap.pages == 8


def test_the_first_twenty_of_a_list_are_remembered():
    items = [Item(str(number), "Hello") for number in range(30)]
    assert Gap().below(Page(tuple(items), "")).top_ids == tuple(str(n) for n in range(20))


def test_a_gap_is_written_down_whole():
    now = timezone.now()
    ends = {"after": Known("1", now), "before": Known("2", now), "top": Known("3", now)}
    lists = {"stops": ("4",), "top_ids": ("5", "6")}
    counts = {"page_size": 7, "pages": 8, "empty_pages": 2}
    gap = Gap(**ends, **lists, **counts, page_token="m", cycle_guard="l", token_lost=True)
    assert Gap.load(json.loads(json.dumps(gap.dump()))) == gap


def test_a_list_without_ids_is_read_down_to_what_is_known():
    known_ids = ("1", "2")
    cursor = TimelineCursor(anchors=known_ids).begin(None, by_id=False)
    assert cursor.reading.stops == known_ids
    again = cursor.without_token(by_id=False)
    assert again.reading.stops == known_ids and again.reading.token_lost


def test_empty_pages_are_counted_in_a_row():
    items = (Item("1", "Hello"),)
    assert Gap(empty_pages=3).below(Page(items, "m", read=1)).empty_pages == 0
    assert Gap(empty_pages=3).below(Page((), "m", read=0)).empty_pages == 4


def test_the_latest_gap_is_filled_first():
    upper, lower = Gap(page_token="upper"), Gap(page_token="lower")
    assert TimelineCursor(gaps=(upper, lower)).next_gap is upper
    assert TimelineCursor(reading=lower, gaps=(upper,)).next_gap is lower


def test_a_page_of_one_that_is_known_leads_on():
    """Where one item is new at a time, the last of it is no circle."""
    item = Item("1", "Hello", created_at=timezone.now())
    gap = Gap(before=known(item))
    assert not gap.ends_with(Page((item,), "m"))
    other = Item("2", "Hello", created_at=timezone.now())
    assert gap.ends_with(Page((other, item), "m"))


def test_pages_grow_again_after_one_that_was_short_enough():
    cursor, sizes = TimelineCursor(reading=Gap()).narrowed(300), []
    for n in range(4):
        cursor = cursor.after_page(Page((Item(str(9 - n)),), f"mark {n}"))
        cursor = TimelineCursor.load(cursor.dump())
        sizes.append(cursor.next_gap.page_size)
    assert sizes == [600, 1200, 0, 0]


def test_where_nothing_is_new_the_newest_stays_and_a_rest_has_none_of_its_own():
    newest = Known("9", timezone.now())
    cursor = TimelineCursor(newest=newest).begin(newest, by_id=True)
    assert cursor.after_page(Page(())).newest == newest
    page = Page((Item("11", "New"), Item("10", "Newer")), "more")
    rest = cursor.after_page(page).postponed()
    assert rest.newest.remote_id == "11" and rest.gaps[0].top is None


def test_a_page_that_ends_where_the_one_before_did_leads_nowhere_unless_it_is_one_item():
    gap = Gap(page_token="a", before=Known("5", timezone.now()))
    five, six = Item("5", "Five"), Item("6", "Six")
    assert gap.ends_with(Page((six, five), "b")) and not gap.ends_with(Page((five,), "b"))
    assert not gap.ends_with(Page((five, six), "b")) and gap.ends_with(Page((six,), "a"))
