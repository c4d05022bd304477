"""A list whose last page leads back to its first is read once, and its reading ends."""

import pytest

from .conftest import ids, read, timeline_of

CIRCLES = {"x": "x.lists.circle", "bakery": "fb.lists.circle"}


@pytest.mark.parametrize("which", CIRCLES)
def test_reading_ends_where_a_list_leads_back(which, sandbox, request):
    channel = request.getfixturevalue(which)
    sandbox.arm(CIRCLES[which])
    since = len(sandbox.journal())
    timeline = timeline_of(channel)
    run = read(timeline)
    assert run.state == "finished"
    assert ids(timeline)  # each once
    assert len(sandbox.journal()[since:]) < 20
