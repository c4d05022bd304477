"""Timelines of the sandbox's people, and how they are read."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db.models import F
from django_q.models import OrmQ

from importing.models import ImportedItem, ImportRun, Timeline
from importing.reading.importer import Importer
from tests.publishing.conftest import bakery, page_channel, x, x_channel  # noqa: F401  fixtures

from .recorder import Recorder

PATIENCE = 60  # pages after which a reading is taken for endless
SCOPES = ["tweet.read", "tweet.write", "users.read", "offline.access", "like.read", "follows.read"]


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
    monkeypatch.setattr("importing.reading.importer.MOST_PAGES", PATIENCE)
    channels = {}

    def of(network, kind, tape):
        if network not in channels:
            channels[network] = {"x": x_channel, "facebook": page_channel}[network](alice)
        channel = channels[network]
        recorder.tape = tape if callable(tape) or "" in tape else {"": tape}
        return timeline_of(channel if kind == "post" else channel.connection, kind)

    return of


def timeline_of(owner, kind="post"):
    row, _ = Timeline.objects.of_owner(owner, kind)
    return Timeline.objects.with_all().get(pk=row.pk)


def read(timeline, **more):
    """Start a run, and be the worker that does it; the run as it stands afterwards."""
    run = ImportRun.objects.start(timeline, **more)
    OrmQ.objects.all().delete()
    return go_on(run)


def go_on(run):
    taken = ImportRun.objects.claim(run.pk)
    assert taken is not None
    Importer(taken).work()
    OrmQ.objects.all().delete()
    return ImportRun.objects.with_all().get(pk=run.pk)


def ids(timeline):
    rows = list(timeline.items.values_list("remote_id", flat=True))
    assert len(rows) == len(set(rows))
    return set(rows)


def there(sandbox, network="x", account="alice"):
    """What can be seen at the network."""
    rows = sandbox.truth(network, account=account, origin=None)
    return {row["id"] for row in rows if row["visible"]}


def add(sandbox, many=1, network="x", account="alice", text="Loaf {}", **more):
    asked = {"network": network, "account": account, **more}
    made = [{**asked, "text": text.format(n)} for n in range(many)]
    return [sandbox.call("POST", "/posts", json=one) for one in made]


def hours_pass(hours):
    by = timedelta(hours=hours)
    Timeline.objects.update(next_import_at=F("next_import_at") - by)
    ImportRun.objects.update(started_at=F("started_at") - by, finished_at=F("finished_at") - by)


__all__ = ["ImportedItem", "OrmQ", "x_channel"]
