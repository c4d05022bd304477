"""An answer longer than what is read at once: the same question would get the same answer."""

import pytest

from importing.reading.reader import TimelineReader
from social.networks import http

from .factories import add_posts, run_import, stored_ids, timeline_of, visible_ids


@pytest.mark.parametrize("which", ["x", "bakery"])
def test_an_answer_that_is_too_long_is_asked_for_in_smaller_pages(
    sandbox, request, monkeypatch, which
):
    channel = request.getfixturevalue(which)
    account = {"network": channel.network_name, "account": channel.handle or channel.remote_id}
    made = add_posts(sandbox, 30, text="Loaf {} " + "and more of it " * 10, **account)
    monkeypatch.setattr(http.NetworkAdapter, "answer_limit", 12_000)
    timeline = timeline_of(channel)
    run = run_import(timeline)
    assert (run.state, run.reason) == ("finished", "") and run.pages > 1
    assert {row["id"] for row in made} <= stored_ids(timeline)


def test_an_answer_that_stays_too_long_waits_and_begins_small(sandbox, timeline, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(http.NetworkAdapter, "answer_limit", 10)
        run = run_import(timeline)
    assert (run.state, run.reason, run.items) == ("waiting", "answer_too_long", 0)
    assert "too long to be read" in run.sentence and run.again_at
    timeline.refresh_from_db()
    gap = timeline.position.next_gap
    assert TimelineReader(timeline).page_size(gap, 1000) == 1
    assert run_import(timeline).state == "finished"
    assert stored_ids(timeline) == visible_ids(sandbox)
