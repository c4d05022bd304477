"""What keeps us from reading ends a run with a reason and a next time; what was read stays."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from importing.models import ImportedItem, ImportRun, Timeline
from importing.reading.daily_limit import DailyLimit
from importing.reading.importer import Importer
from importing.reading.reader import TimelineReader
from publishing.states import SENT, UNCONFIRMED
from social.connections.connect import accept_grant
from social.connections.refresh import refresh
from social.models import CircuitBreaker
from social.networks import NETWORKS
from social.networks.errors import RateLimited, Rejected
from tests.publishing.conftest import bakery, in_doubt  # noqa: F401  fixtures
from tests.publishing.deliveries.test_authorization import connect_again, kill_everything
from tests.publishing.factories import reloaded

from .factories import (
    add_posts,
    continue_import,
    let_hours_pass,
    run_import,
    stored_ids,
    timeline_of,
    visible_ids,
)

POSTING = {"post", "posted", "text", "Change"}  # words of another matter
READS = {"network": "x", "method": "GET", "path_regex": r"/users/\d+/tweets$"}


@pytest.fixture
def small_pages(monkeypatch):
    for network in NETWORKS.values():
        monkeypatch.setattr(network, "page_sizes", {"post": 5, "like": 5, "friend": 5, "home": 5})


def fail(sandbox, preset, skip=0):
    [known] = [it for it in sandbox.call("GET", "/presets")["presets"] if it["preset"] == preset]
    fault = {"match": READS, "action": known["action"], "skip": skip}
    sandbox.call("POST", "/faults", json=fault)


def test_a_limit_of_the_network_between_two_pages(sandbox, timeline, small_pages):
    add_posts(sandbox, 9)
    fail(sandbox, "x.429.window", skip=1)
    run = run_import(timeline)
    assert (run.state, run.reason, run.added) == ("waiting", "rate_limit", 5)
    assert timedelta(minutes=14) < run.again_at - timezone.now() < timedelta(minutes=17)
    timeline.refresh_from_db()
    assert timeline.position.reading.page_token and not timeline.position.newest
    assert timeline.next_import_at == run.again_at and timeline.failures == 1
    assert not CircuitBreaker.objects.exists()  # a limit of reading keeps nobody from posting
    run = run_import(timeline)
    assert (run.state, run.added) == ("finished", 7)
    timeline.refresh_from_db()
    assert timeline.failures == 0
    assert timeline.position.newest.remote_id == max(stored_ids(timeline), key=int)
    assert stored_ids(timeline) == visible_ids(sandbox)


def test_a_token_that_ended_early_is_renewed(sandbox, timeline):
    sandbox.change("expire_access", network="x", user="alice")
    assert run_import(timeline).state == "finished"


def test_a_token_that_another_worker_has_renewed_meanwhile(sandbox, timeline):
    run = ImportRun.objects.start(timeline)
    taken = ImportRun.objects.claim(run.pk)
    importer = Importer(taken)  # and from here on it holds the tokens of now
    assert taken.timeline.grantor.grant().access
    sandbox.change("expire_access", network="x", user="alice")
    another = Timeline.objects.with_all().get(pk=timeline.pk)
    TimelineReader(another).extent()
    importer.work()
    assert (taken.state, taken.reason) == ("finished", "")
    assert Timeline.objects.with_all().get(pk=timeline.pk).blocked_reason == ""


def test_a_dead_token_is_its_persons(sandbox, timeline):
    sandbox.change("revoke", network="x", user="alice")
    run = run_import(timeline)
    assert (run.state, run.reason, run.added) == ("waiting", "token_dead", 0)
    timeline = Timeline.objects.with_all().get()
    assert timeline.grantor.blocked_reason == "token_dead" == timeline.blocked_reason
    Timeline.objects.update(next_import_at=timezone.now())
    assert not Timeline.objects.due().exists()
    assert "connect" in run.sentence.lower() and timeline.blocked_sentence


def test_connecting_again_reads_on(sandbox, timeline, settings):
    settings.IMPORT_AT_ONCE = ["post"]
    sandbox.change("revoke", network="x", user="alice")
    run_import(timeline)
    told, connection = sandbox.token("x", "alice"), timeline.grantor
    connection.refresh_from_db()
    grant = connection.grant()
    accept_grant(
        connection, connection.person, type(grant)(told["access_token"], told["refresh_token"])
    )
    assert Timeline.objects.due().get() == timeline
    assert run_import(timeline).state == "finished"


def test_a_permission_that_is_missing_loses_no_connection(sandbox, x):
    sandbox.change("drop_scope", network="x", user="alice", scope="like.read")
    likes = timeline_of(x.connection, "like")
    run = run_import(likes)
    assert (run.state, run.reason) == ("waiting", "may_not_read")
    x.connection.refresh_from_db()
    assert not x.connection.blocked_reason


@pytest.mark.parametrize(
    "error", [Rejected("bad_request"), Rejected("too_long"), RateLimited("slow_down")]
)
def test_what_is_refused_while_reading_does_not_speak_of_posting(error, timeline):
    run = ImportRun.objects.claim(ImportRun.objects.start(timeline).pk)
    Importer(run).mark_waiting(error)
    assert run.again_at and not set(re.findall(r"\w+", run.sentence)) & POSTING, run.sentence


@pytest.mark.parametrize("preset", ["x.403.policy", "x.403.duplicate"])
def test_what_a_network_refuses_to_show(preset, sandbox, timeline):
    fail(sandbox, preset)
    run = run_import(timeline)
    assert run.state == "failed" and timedelta(hours=19) < run.again_at - timezone.now()
    assert not set(re.findall(r"\w+", run.sentence)) & POSTING, run.sentence


def test_a_fault_of_ours_is_no_silence(sandbox, timeline, monkeypatch):
    def broken(*args):
        raise ValueError("a fault")

    monkeypatch.setattr("importing.reading.importer.store", broken)
    with pytest.raises(ValueError):
        run_import(timeline)
    run = ImportRun.objects.get()
    assert (run.state, run.reason) == ("failed", "import_fault") and run.again_at
    OrmQ.objects.all().delete()


def test_a_network_that_is_closed_is_left_alone(sandbox, timeline):
    CircuitBreaker.objects.trip("x", "credits", "credits")
    before = len(sandbox.journal())
    run = run_import(timeline)
    assert (run.state, run.reason) == ("waiting", "credits")
    assert len(sandbox.journal()) == before


def test_a_limit_of_ours_leaves_a_gap_for_another_day(sandbox, timeline, settings, small_pages):
    settings.IMPORT_DAILY_ITEMS, settings.IMPORT_REREAD = 10, 2
    add_posts(sandbox, 17)
    run = run_import(timeline)
    assert (run.state, run.reason, run.items) == ("waiting", "import_limit", 10)
    timeline.refresh_from_db()
    position = timeline.position
    assert len(position.gaps) == 1 and position.newest and timeline.is_first
    assert run.again_at.date() > timezone.now().date()
    assert run_import(timeline).items == 0  # not one more this day
    let_hours_pass(48)
    sandbox.change("forget_marks")  # it is refilled by its upper end
    add_posts(sandbox, 2)
    settings.IMPORT_DAILY_ITEMS = 100
    assert run_import(timeline).state == "finished"
    timeline.refresh_from_db()
    assert not timeline.position.gaps and not timeline.is_first and timeline.progress == 1.0
    assert stored_ids(timeline) == visible_ids(sandbox)


def test_a_run_that_goes_on_after_midnight_has_a_limit_too(
    sandbox, timeline, settings, small_pages
):
    settings.IMPORT_DAILY_ITEMS = 10
    add_posts(sandbox, 27)
    run = ImportRun.objects.start(timeline)
    yesterday = timezone.now() - timedelta(days=1)
    ImportRun.objects.update(started_at=yesterday, items=5)
    run = continue_import(run)
    assert (run.reason, run.items) == ("import_limit", 10)
    assert DailyLimit(timeline).items_left() == 0  # also once it has ended
    ImportRun.objects.update(finished_at=yesterday)
    assert DailyLimit(timeline).items_left() == 10


def test_all_timelines_of_a_connection_share_its_day(sandbox, timeline, settings):
    settings.IMPORT_DAILY_ITEMS = 8
    run_import(timeline)
    friends = timeline_of(timeline.grantor, "friend")
    assert run_import(friends).items == 5
    assert friends.first_items == 8 and friends.first_cost == pytest.approx(0.08)


def test_a_list_whose_marks_are_forgotten_is_read_whole(sandbox, x, settings, small_pages):
    settings.IMPORT_DAILY_ITEMS = 5
    friends = timeline_of(x.connection, "friend")
    assert run_import(friends).reason == "import_limit"
    sandbox.change("forget_marks")
    sandbox.call("POST", "/posts", json={"follow": "charlie", "user": "alice"})
    settings.IMPORT_DAILY_ITEMS = 100
    assert run_import(friends).state == "finished"
    assert friends.items.count() == 8


def test_counts_of_the_newest_are_read_again(sandbox, timeline):
    run_import(timeline)
    item = timeline.items.first()
    counts = {"count": item.remote_id, "like": 40, "retweet": 2}
    sandbox.call("POST", "/posts", json=counts)
    assert run_import(timeline).updated == 1
    item.refresh_from_db()
    assert (item.likes, item.reposts, item.reactions) == (40, 2, 42)
    assert item.imported_at < item.updated_at


def test_a_refusal_of_an_old_page_token_does_not_end_the_new_grant(bakery, sandbox):  # noqa: F811
    timeline = timeline_of(bakery)
    kill_everything(sandbox, [bakery])
    connect_again(sandbox, bakery)
    assert run_import(timeline).again_at
    bakery.connection.refresh_from_db()
    assert bakery.connection.blocked_reason == ""
    refresh(bakery.connection)
    let_hours_pass(2)
    run = run_import(timeline_of(bakery))
    assert (run.state, run.reason) == ("finished", "")


@pytest.mark.parametrize("place", ["x", "bakery"], indirect=True)
def test_what_is_found_settles_a_delivery_in_doubt(place, in_doubt):  # noqa: F811
    delivery = in_doubt(place)
    run_import(timeline_of(place))
    delivery = reloaded(delivery)
    assert delivery.state == SENT and delivery.verifications.get().outcome == "found"
    assert ImportedItem.objects.get(text="Hello, world!").delivery == delivery


def test_what_is_not_found_says_nothing(sandbox, x, in_doubt):  # noqa: F811
    delivery = in_doubt(x, "reset.before")
    run_import(timeline_of(x))
    assert reloaded(delivery).state == UNCONFIRMED and not delivery.verifications.exists()


@pytest.fixture
def place(request):
    return request.getfixturevalue(request.param)
