"""Timelines of the sandbox's people, and how they are read."""

from threading import Thread

import pytest
from django_q.models import OrmQ

from importing.models import ImportedItem
from tests.importing.factories import MOST_PAGES, timeline_of
from tests.publishing.conftest import bakery, x  # noqa: F401  fixtures
from tests.publishing.factories import page_channel, x_channel

from .recorder import Recorder


@pytest.fixture
def timeline(x):  # noqa: F811
    """Alice's posts on X."""
    return timeline_of(x)


@pytest.fixture
def recorder(settings):
    with Recorder() as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.X_API_URL = settings.FACEBOOK_GRAPH_URL = f"http://127.0.0.1:{server.server_port}"
        yield server
        server.shutdown()


@pytest.fixture
def place(recorder, alice, monkeypatch):
    """What reads `tape` as a timeline of that network and kind."""
    monkeypatch.setattr("importing.reading.importer.MOST_PAGES", MOST_PAGES)
    channels = {}

    def of(network, kind, tape):
        if network not in channels:
            channels[network] = {"x": x_channel, "facebook": page_channel}[network](alice)
        channel = channels[network]
        recorder.tape = tape if callable(tape) or "" in tape else {"": tape}
        return timeline_of(channel if kind == "post" else channel.connection, kind)

    return of


__all__ = ["ImportedItem", "OrmQ", "x_channel"]
