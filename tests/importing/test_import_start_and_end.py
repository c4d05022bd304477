"""What begins an import and what comes of it: connecting, the command, the timetable, leaving."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from importing.models import ImportedItem, ImportRun, Interest, Timeline
from importing.reading.reader import TimelineReader
from importing.tasks import prune, start_due
from tests.people import PASSWORD
from tests.publishing.factories import page_channel, x_channel

from .factories import add_posts, let_hours_pass, run_import, stored_ids, timeline_of, visible_ids


@pytest.fixture
def at_once(settings):
    settings.IMPORT_AT_ONCE = ["post"]


# ── What begins one ───────────────────────────────────────────────────────────────────────────
def test_connecting_queues_the_first_import(at_once, sandbox, alice, run_jobs):
    channel = x_channel(alice, told=sandbox.token("x", "alice"))
    timeline = Timeline.objects.get(channel=channel)
    assert timeline.kind == "post" and timeline.runs.get().state == "queued"
    run_jobs()
    assert stored_ids(timeline) == visible_ids(sandbox) and timeline.runs.get().state == "finished"


def test_a_page_is_read_once_it_is_chosen(at_once, sandbox, alice, run_jobs):
    told = sandbox.token("facebook", "100000000000001", pages=["alicesbakery"])
    channel = page_channel(alice, told=told)
    assert Timeline.objects.get().runs.get().state == "queued"
    run_jobs()
    assert Timeline.objects.get().items.count() == 2
    channel.pause(), channel.resume()
    assert ImportRun.objects.count() == 1


def test_the_command_leads_to_the_same_door(at_once, sandbox, alice, run_jobs):
    token = sandbox.token("x", "alice")["access_token"]
    call_command("connect", "alice", "x", token=token, stdout=StringIO())
    run_jobs()
    assert ImportedItem.objects.of(alice).count() == 3


def test_nothing_is_read_at_once_where_the_operator_says_so(sandbox, alice):
    x_channel(alice, told=sandbox.token("x", "alice"))
    assert not Timeline.objects.exists()


def test_import_now(sandbox, x, run_jobs):
    said = StringIO()
    call_command("import_now", "alice", stdout=said)
    call_command("import_now", "alice", kind="likes", stdout=said)
    assert said.getvalue().splitlines() == ["x:alice  posts  queued", "x:alice  likes  queued"]
    run_jobs()
    assert ImportedItem.objects.count() == 6
    assert set(ImportRun.objects.values_list("asked", flat=True)) == {True}


def test_import_now_refuses_in_one_line(alice, bob):
    for asked in (["nobody"], ["alice"]):
        with pytest.raises(CommandError) as refusal:
            call_command("import_now", *asked)
        assert refusal.value.returncode == 2 and "\n" not in str(refusal.value)
    page_channel(bob)
    with pytest.raises(CommandError, match="no network that lets us read"):
        call_command("import_now", "bob", kind="home")


def test_the_timetable_starts_what_is_due(sandbox, timeline, run_jobs):
    run_import(timeline)
    start_due()
    assert not OrmQ.objects.exists()
    let_hours_pass(30)
    add_posts(sandbox)
    start_due()
    start_due()
    assert timeline.runs.open().count() == 1
    run_jobs()
    assert stored_ids(timeline) == visible_ids(sandbox)


def test_what_is_paused_or_disconnected_is_not_due(sandbox, timeline):
    run_import(timeline)
    let_hours_pass(30)
    timeline.pause()
    assert not Timeline.objects.due().exists()
    timeline.resume()
    assert Timeline.objects.due().exists()
    timeline.channel.disconnect()
    assert not Timeline.objects.due().exists()
    assert timeline.items.count() == 3  # it is history


def test_many_that_are_due_are_started_in_turns(settings, alice, monkeypatch):
    channel = x_channel(alice)
    for kind in ("post", "like", "friend", "home"):
        timeline_of(channel if kind == "post" else channel.connection, kind)
    assert ImportRun.objects.start_due() == 0  # nobody has asked for them
    Timeline.objects.update(next_import_at=timezone.now())
    monkeypatch.setattr("importing.reading.run.RUNS_PER_ROUND", 3)
    assert ImportRun.objects.start_due() == 3
    assert ImportRun.objects.start_due() == 1
    assert OrmQ.objects.count() == 4 == ImportRun.objects.queued().count()


def test_what_is_due_together_begins_apart(alice, monkeypatch):
    """So that a post finds room between them; sooner apart when the minute would not do."""
    channel = x_channel(alice)
    for kind in ("post", "like", "friend", "home"):
        timeline_of(channel if kind == "post" else channel.connection, kind)
    for apart, gap in ((10, 10), (60, 15)):
        OrmQ.objects.all().delete(), ImportRun.objects.all().delete()
        Timeline.objects.update(next_import_at=timezone.now())
        monkeypatch.setattr("importing.reading.run.SECONDS_APART", apart)
        ImportRun.objects.start_due()
        times = list(OrmQ.objects.order_by("lock").values_list("lock", flat=True))
        assert [(at - times[0]).total_seconds() for at in times] == [0, gap, 2 * gap, 3 * gap]


def test_more_begin_at_a_time_when_very_many_are_due(alice, monkeypatch):
    channel = x_channel(alice)
    for kind in ("post", "like", "friend", "home"):
        timeline_of(channel if kind == "post" else channel.connection, kind)
    Timeline.objects.update(next_import_at=timezone.now())
    monkeypatch.setattr("importing.reading.run.RUNS_PER_ROUND", 1)
    monkeypatch.setattr("importing.reading.run.MOST_ROUNDS", 2)
    assert [ImportRun.objects.start_due() for _ in range(4)] == [2, 1, 1, 0]


def test_a_lost_job_is_sent_for_again(sandbox, timeline, run_jobs):
    ImportRun.objects.start(timeline)
    OrmQ.objects.all().delete()
    start_due()
    assert not OrmQ.objects.exists()
    ImportRun.objects.update(lease_until=timezone.now())
    start_due()
    run_jobs()
    assert stored_ids(timeline) == visible_ids(sandbox)


# ── What comes of it ──────────────────────────────────────────────────────────────────────────
def test_interests_are_made_of_what_is_there(sandbox, timeline):
    add_posts(sandbox, 3, text="The #sourdough of batch {} is rising")
    run_import(timeline)
    Interest.objects.recompute(timeline.user_id)
    tag = Interest.objects.get(word="sourdough")
    assert (tag.sort, tag.weight, tag.count, tag.user) == ("hashtag", 1.0, 3, timeline.user)
    assert set(Interest.objects.filter(sort="word").values_list("word", flat=True)) == {
        "batch",
        "rising",
    }
    ImportedItem.objects.all().delete()
    Interest.objects.recompute(timeline.user_id)
    assert not Interest.objects.exists()


def test_one_that_is_gone_is_known_by_asking_for_it(sandbox, timeline):
    run_import(timeline)
    item = timeline.items.first()
    reader = TimelineReader(timeline)
    assert reader.is_there(item.remote_id)
    sandbox.call("POST", "/posts", json={"delete": item.remote_id})
    assert not reader.is_there(item.remote_id)
    run_import(timeline)
    assert timeline.items.count() == 3  # its absence from the list says nothing


def test_runs_are_kept_for_a_while(sandbox, timeline):
    run_import(timeline), run_import(timeline)
    ImportRun.objects.update(finished_at=timezone.now() - timedelta(days=40))
    prune()
    assert timeline.runs.count() == 1  # the latest stays


def test_leaving_takes_it_along(sandbox, timeline, client_for):
    run_import(timeline)
    user = timeline.user
    Interest.objects.create(user=user, sort="word", word="bread")
    export = client_for(user).post(reverse("settings_export")).getvalue()
    said = json.loads(export)
    assert len(said["imported"]) == 3 and said["timelines"][0]["stored"] == 3
    assert said["imports"][0]["added"] == 3 and said["interests"][0]["word"] == "bread"
    client_for(user).post(reverse("settings_delete"), {"password": PASSWORD})
    for model in (ImportedItem, ImportRun, Timeline, Interest):
        assert not model.objects.exists()
