"""A list whose last page leads back to its first is read once, and its reading ends."""

import pytest

from .factories import run_import, stored_ids, timeline_of

CIRCLES = {"x": "x.lists.circle", "bakery": "fb.lists.circle"}


@pytest.mark.parametrize("which", CIRCLES)
def test_reading_ends_where_a_list_leads_back(which, sandbox, request):
    channel = request.getfixturevalue(which)
    sandbox.arm(CIRCLES[which])
    since = len(sandbox.journal())
    timeline = timeline_of(channel)
    run = run_import(timeline)
    assert run.state == "finished"
    assert stored_ids(timeline)  # each once
    assert len(sandbox.journal()[since:]) < 20
