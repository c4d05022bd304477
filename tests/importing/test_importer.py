"""Reading what people have at the networks, by real HTTP through the SDKs."""

import pytest
from django.utils import timezone

from importing.models import ImportedItem, ImportRun
from importing.reading.importer import Importer
from social.networks import NETWORKS
from tests.publishing.factories import publish

from .factories import add_posts, continue_import, run_import, stored_ids, timeline_of, visible_ids


def test_it_works(sandbox, timeline):
    run = run_import(timeline)
    assert (run.state, run.added, run.updated, run.items) == ("finished", 3, 0, 3)
    assert stored_ids(timeline) == visible_ids(sandbox)
    item = ImportedItem.objects.get(text__startswith="Three things")
    assert item.text == "Three things a good loaf needs: time, time & time."
    assert item.url.endswith(f"/alice/status/{item.remote_id}")
    assert (item.likes, item.reposts, item.user) == (0, 0, timeline.user)
    timeline.refresh_from_db()
    assert timeline.stored == 3 and timeline.expected == 3 and timeline.progress == 1.0
    assert float(run.cost) == pytest.approx(3 * 0.005)
    assert timeline.next_import_at > timezone.now()


def test_again_nothing_is_added(sandbox, timeline):
    run_import(timeline)
    run = run_import(timeline)
    assert (run.state, run.added, run.updated) == ("finished", 0, 0)
    assert stored_ids(timeline) == visible_ids(sandbox)


def test_two_are_added_and_an_edited_one_is_updated(sandbox, timeline):
    run_import(timeline)
    first = ImportedItem.objects.get(text__startswith="Rye")
    add_posts(sandbox, 2)
    sandbox.call("POST", "/posts", json={"edit": first.remote_id, "text": "Rye is out. #bread"})
    run = run_import(timeline)
    assert (run.added, run.updated) == (2, 1)
    again = ImportedItem.objects.get(pk=first.pk)
    assert again.text == "Rye is out. #bread" and again.remote_id != first.remote_id
    assert stored_ids(timeline) == visible_ids(sandbox)
    assert run_import(timeline).changes == 0


def test_more_than_a_page(sandbox, timeline):
    add_posts(sandbox, 230)
    run = run_import(timeline)
    assert (run.added, run.pages) == (233, 3)
    add_posts(sandbox, 120)
    run = run_import(timeline)
    assert (run.added, run.pages) == (120, 2)
    assert stored_ids(timeline) == visible_ids(sandbox)


def test_more_than_the_network_shows(sandbox, timeline, monkeypatch, settings):
    monkeypatch.setattr(NETWORKS["x"], "reach", {"post": 10})
    settings.IMPORT_DAILY_ITEMS = 5
    add_posts(sandbox, 9)
    assert run_import(timeline).reason == "import_limit"
    timeline.refresh_from_db()
    assert timeline.expected == 10 and timeline.progress == 0.5
    assert timeline.visibility_sentence == "X shows no more than the latest 10 posts."


def test_a_page(sandbox, bakery):
    timeline = timeline_of(bakery)
    run = run_import(timeline)
    assert (run.state, run.added, float(run.cost)) == ("finished", 2, 0)
    page = bakery.remote_id
    visitors = {
        row["id"]
        for row in sandbox.truth("facebook", account=page, origin=None)
        if row["author_id"] != page
    }
    assert stored_ids(timeline) == visible_ids(sandbox, "facebook", page) - visitors
    add_posts(sandbox, 130, "facebook", page)
    assert run_import(timeline).added == 130
    assert run_import(timeline).changes == 0


def test_likes_and_friends(sandbox, x):
    likes, friends = timeline_of(x.connection, "like"), timeline_of(x.connection, "friend")
    run = run_import(likes)
    assert (run.state, run.added) == ("finished", 3)
    assert likes.items.get(author_handle="plainwords").text == "Cut the first paragraph."
    run = run_import(friends)
    assert (run.state, run.added) == ("finished", 7)
    assert friends.items.get(author_handle="daily_bread").entities == {"about": "A loaf a day."}
    assert run_import(likes).changes == 0 and run_import(friends).changes == 0
    sandbox.call("POST", "/posts", json={"follow": "charlie", "user": "alice"})
    assert run_import(friends).added == 1


def test_home_is_what_those_write_whom_they_follow(sandbox, x):
    run = run_import(timeline_of(x.connection, "home"))
    assert run.state == "finished" and run.added > 5
    assert ImportedItem.objects.filter(author_handle="bob").count() == 2


def test_what_facebook_does_not_give_is_said(sandbox, bakery):
    run = run_import(timeline_of(bakery.connection, "like"))
    assert (run.state, run.reason) == ("waiting", "may_not_read")
    assert "permission" in run.sentence and run.again_at > timezone.now()
    assert not bakery.connection.blocked_reason


def test_one_of_ours_is_linked(sandbox, timeline, run_jobs):
    delivery = publish(timeline.channel, "Hello from here.")
    run_jobs()
    run_import(timeline)
    item = ImportedItem.objects.get(text="Hello from here.")
    assert item.delivery == delivery and item.is_ours
    assert ImportedItem.objects.filter(delivery=None).count() == 3


def test_a_run_at_a_time(sandbox, timeline):
    first = ImportRun.objects.start(timeline)
    assert ImportRun.objects.start(timeline) == first
    taken = ImportRun.objects.claim(first.pk)
    assert taken and ImportRun.objects.claim(first.pk) is None
    assert ImportRun.objects.start(timeline) == first
    Importer(taken).work()
    assert ImportRun.objects.start(timeline) != first


def test_what_a_worker_left_behind_goes_on_from_its_page(sandbox, timeline):
    add_posts(sandbox, 230)
    taken = ImportRun.objects.claim(ImportRun.objects.start(timeline).pk)
    taken.timeline.save_position(taken.timeline.position.begin(None, True))
    Importer(taken).read_page(1000)  # and it is gone
    ImportRun.objects.update(worker="elsewhere:1", lease_until=timezone.now())
    run = continue_import(taken)
    # And once more from its top.
    assert (run.state, run.added, run.pages, run.claims) == ("finished", 233, 4, 2)
    assert stored_ids(timeline) == visible_ids(sandbox)
    Importer(taken).mark_finished()  # the one that was only slow says nothing any more
    run.refresh_from_db()
    assert run.added == 233
