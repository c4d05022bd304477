"""Whoever presses "Import now" sixty times reads as often as one who presses it once."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db.models import F

from importing.models import ImportRun, Timeline

from .factories import timeline_of


@pytest.mark.parametrize("which", ["x", "bakery"])
def test_sixty_times_now_is_once(which, request, sandbox, run_jobs, alice, client_for):
    channel, client = request.getfixturevalue(which), client_for(alice)
    timeline = timeline_of(channel)
    Timeline.objects.exclude(pk=timeline.pk).delete()
    ImportRun.objects.all().delete()
    run_jobs()
    for _ in range(60):
        said = client.post(f"/imports/{timeline.pk}/runs/")
        run_jobs()
    assert ImportRun.objects.count() == 1
    words = [str(message) for message in get_messages(said.wsgi_request)]
    assert words and all("You can ask again at" in each for each in words)
    before = len(sandbox.journal())
    for _ in range(60):
        client.post("/imports/", {"kind": "post", "owner": str(channel.pk)})
        client.post(f"/imports/{timeline.pk}/resumptions/")
    run_jobs()
    assert len(sandbox.journal()) == before
    ImportRun.objects.update(created_at=F("created_at") - timedelta(seconds=61))
    client.post(f"/imports/{timeline.pk}/runs/")
    assert ImportRun.objects.count() == 2


def test_pages_that_are_only_looked_at_ask_no_network(x, bakery, sandbox, alice, client_for):
    client, before = client_for(alice), len(sandbox.journal())
    for address in ("channels", "imports", "posts", "posts/new", "notices", "items", "numbers"):
        client.get(f"/{address}/")
    client.get(f"/channels/connections/{x.connection_id}/")
    assert len(sandbox.journal()) == before
