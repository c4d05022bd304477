"""Timelines of the sandbox's people, and reading them."""

from datetime import timedelta

from django.db.models import F
from django_q.models import OrmQ

from importing.models import ImportRun, Timeline
from importing.reading.importer import Importer

MOST_PAGES = 60  # pages after which a reading is taken for endless
READING_SCOPES = [
    "tweet.read",
    "tweet.write",
    "users.read",
    "offline.access",
    "like.read",
    "follows.read",
]


def timeline_of(owner, kind="post"):
    row, _ = Timeline.objects.of_owner(owner, kind)
    return Timeline.objects.with_all().get(pk=row.pk)


def run_import(timeline, **more):
    """Start a run, and be the worker that does it; the run as it stands afterwards."""
    run = ImportRun.objects.start(timeline, **more)
    OrmQ.objects.all().delete()
    return continue_import(run)


def continue_import(run):
    taken = ImportRun.objects.claim(run.pk)
    assert taken is not None
    Importer(taken).work()
    OrmQ.objects.all().delete()
    return ImportRun.objects.with_all().get(pk=run.pk)


def stored_ids(timeline):
    rows = list(timeline.items.values_list("remote_id", flat=True))
    assert len(rows) == len(set(rows))
    return set(rows)


def visible_ids(sandbox, network="x", account="alice"):
    """What can be seen at the network."""
    rows = sandbox.truth(network, account=account, origin=None)
    return {row["id"] for row in rows if row["visible"]}


def add_posts(sandbox, many=1, network="x", account="alice", text="Loaf {}", **more):
    asked = {"network": network, "account": account, **more}
    made = [{**asked, "text": text.format(n)} for n in range(many)]
    return [sandbox.call("POST", "/posts", json=one) for one in made]


def let_hours_pass(hours):
    by = timedelta(hours=hours)
    Timeline.objects.update(next_import_at=F("next_import_at") - by)
    ImportRun.objects.update(started_at=F("started_at") - by, finished_at=F("finished_at") - by)
