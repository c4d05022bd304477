"""What a reading costs, and what it gets out of answers that say things in another way."""

import pytest

from importing.models import ImportedItem

from .factories import run_import
from .recordings import posts as page

pytestmark = pytest.mark.django_db


# ── Limits and costs ──────────────────────────────────────────────────────────────────────────
def test_who_likes_something_every_hour_is_read_all_day(place, recorder, settings):
    """One more each time; a hundred are given where a hundred are asked for."""
    settings.IMPORT_DAILY_ITEMS = 1000  # as in production
    timeline, reasons = place("x", "like", page(*range(1000, 900, -1))), []

    def tape(mark):
        newest, size = 1000 + len(reasons), int(recorder.asked[-1]["max_results"])
        return page(*range(newest, newest - size, -1), next="b")

    for n in range(24):
        if n:
            recorder.tape = tape
        reasons.append(run_import(timeline).reason)
    assert reasons == [""] * 24, reasons.index("import_limit")


def test_who_is_answered_all_day_is_read_all_day(place, recorder, settings):
    """The newest 21 are read again each time, up to 96 times a day; X bills each once a day."""
    settings.IMPORT_DAILY_ITEMS = 1000
    timeline, reasons = place("x", "post", {}), []

    def tape(mark):
        since = int(recorder.asked[-1].get("since_id", 0))
        rows = [n for n in range(1000 + len(reasons), 900, -1) if n > since]
        return page(*rows)

    recorder.tape = tape
    for _ in range(96):
        reasons.append(run_import(timeline).reason)
    assert reasons == [""] * 96, reasons.index("import_limit")


def test_reposts_are_not_paid_for(place, recorder):
    """They are thrown away: X need not give them at all."""
    timeline = place("x", "post", page(9))
    run_import(timeline)
    assert "retweets" in recorder.asked[0].get("exclude", "")


# ── Answers ───────────────────────────────────────────────────────────────────────────────────
def test_graph_wants_to_be_asked_for_less(place, recorder):
    """Code 1, which otherwise is an outage: the same question would get the same answer."""
    said = "Please reduce the amount of data you're asking for, then retry your request"

    def tape(mark):
        if int(recorder.asked[-1]["limit"]) > 25:
            return 500, {"error": {"code": 1, "message": said}}
        return {"data": [{"id": "61_9", "message": "Heavy"}]}

    timeline = place("facebook", "post", tape)
    run = run_import(timeline)
    assert (run.state, run.added) == ("finished", 1), run.reason


OLD_PICTURE = {
    "url": "https://t.co/p",
    "expanded_url": "https://twitter.com/a/status/9/photo/1",
    "display_url": "pic.twitter.com/p",
}


@pytest.mark.parametrize(
    "row",
    [
        {"text": "Rye https://t.co/p", "entities": {"urls": [OLD_PICTURE]}},
        {
            "text": "Rye… https://t.co/p",
            "entities": {"urls": [OLD_PICTURE | {"media_key": "3_1"}]},
            "note_tweet": {"text": "Rye", "entities": {"hashtags": [{"tag": "rye"}]}},
        },
    ],
    ids=["before 2022", "of a long post"],
)
def test_pictures_of_older_and_longer_posts(row, place):
    timeline = place("x", "post", {"data": [{"id": "9", **row}]})
    run_import(timeline)
    said = ImportedItem.objects.get()
    assert said.text == "Rye" and said.entities.get("pictures") == 1
    assert "urls" not in said.entities


def test_a_link_that_graph_does_not_unshim(place):
    attached = {
        "data": [{"type": "share", "media_type": "link", "url": "https://rye.example.org/"}]
    }
    timeline = place("facebook", "post", {"data": [{"id": "61_9", "attachments": attached}]})
    run_import(timeline)
    assert ImportedItem.objects.get().entities["urls"] == ["https://rye.example.org/"]


def test_whose_it_is_not(place):
    """An author without an id is nobody's."""
    answer = {"data": [{"id": "9", "text": "x"}], "includes": {"users": [{"username": "bob"}]}}
    timeline = place("x", "like", answer)
    run_import(timeline)
    assert ImportedItem.objects.get().author_handle == ""
