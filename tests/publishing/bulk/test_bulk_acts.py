"""One act on all posts of a list: asked first, then done a few at a time; on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone
from django_q.models import OrmQ

from project.accounts.models import Profile
from project.jobs.queue.job import Job
from publishing.bulk import acting, choosing
from publishing.bulk.bulk_act import TASK
from publishing.models import BulkAct, Delivery, Post, Tag
from publishing.tasks import act_on_posts
from tests.publishing.factories import delivery_in_state, posting_times, publish, x_channel

DAY = timedelta(days=1)


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


def asked(browser: Any, query: str = "", **fields: Any) -> BulkAct:
    answer = browser.post("/posts/acts/", {"query": query, **fields})
    assert answer.url.startswith("/posts/acts/"), [
        str(m) for m in get_messages(answer.wsgi_request)
    ]
    return BulkAct.objects.get(public_id=answer.url.split("/")[-2])


def run(browser: Any, act: BulkAct) -> BulkAct:
    assert browser.post(f"{act.get_absolute_url()}runs/").status_code == 302
    act.refresh_from_db()
    return act


def test_a_page_says_how_many_and_which_before_anything_is_done(her, channel):
    for number in range(3):
        publish(channel, f"Bread {number}.", at=timezone.now() + DAY)
    publish(channel, "Cake.", at=timezone.now() + DAY)
    act = asked(her, "q=bread", act="cancel")
    page = her.get(act.get_absolute_url()).content.decode()
    assert "This is about 3 posts" in page and "Bread 2." in page and "Cake." not in page
    assert Delivery.objects.queued().count() == 4
    publish(channel, "Bread, written since.", at=timezone.now() + DAY)
    act = run(her, act)
    assert (act.done, act.not_done) == (3, 0) and act.finished_at
    waiting = Delivery.objects.queued().values_list("post__text", flat=True)
    assert set(waiting) == {"Cake.", "Bread, written since."}
    run(her, act)  # a second click
    assert "Done for 3 posts" in her.get(act.get_absolute_url()).content.decode()


def test_what_could_not_be_is_said(her, channel, monkeypatch):
    rows = [publish(channel, f"Bread {number}.", at=timezone.now() + DAY) for number in range(3)]
    act = asked(her, act="cancel")
    rows[1].cancel()
    act = run(her, act)
    assert (act.done, act.not_done) == (2, 1)
    page = her.get(act.get_absolute_url()).content.decode()
    assert "Too late to cancel" in page and "Bread 1." in page and "Bread 2." not in page


def test_many_are_done_by_jobs_and_what_is_lost_is_found(her, channel, monkeypatch):
    monkeypatch.setattr(acting, "POSTS_PER_BATCH", 2)
    monkeypatch.setattr(choosing, "MOST_POSTS", 5)
    for number in range(6):
        publish(channel, f"Bread {number}.", at=timezone.now() + DAY)
    act = asked(her, act="cancel")
    assert act.count == 5 and act.is_partial
    OrmQ.objects.all().delete()
    act = run(her, act)
    tasks = [Job.read(row.payload).func for row in OrmQ.objects.all()]
    assert act.position == 2 and tasks.count(TASK) == 1
    assert "2 of 5" in her.get(act.get_absolute_url()).content.decode()
    stale = BulkAct.objects.get(pk=act.pk)
    act_on_posts(str(act.public_id))
    acting.act_on_posts(stale)  # another job for the same batch
    act.refresh_from_db()
    assert (act.position, act.done) == (4, 4)
    OrmQ.objects.all().delete()
    acting.sweep()
    assert not OrmQ.objects.exists()
    BulkAct.objects.update(worked_at=timezone.now() - DAY)
    acting.sweep()
    assert OrmQ.objects.count() == 1
    act_on_posts(str(act.public_id))
    act.refresh_from_db()
    assert act.done == 5 and act.finished_at and Delivery.objects.queued().count() == 1


def test_failed_ones_are_tried_again(her, channel):
    failed = delivery_in_state(channel, "failed")
    publish(channel, "Later.", at=timezone.now() + DAY)
    act = run(her, asked(her, act="retry"))
    failed.refresh_from_db()
    assert act.done == act.count == 1 and failed.state == "queued"


def test_tags_are_put_on_and_taken_off(her, alice, channel):
    tag = Tag.objects.create(user=alice, name="Bread")
    posts = [publish(channel, f"Bread {number}.").post for number in range(3)]
    posts[0].tags.add(tag)
    act = run(her, asked(her, "q=bread", act="tag", tag=str(tag.public_id)))
    assert act.done == 2 and tag.posts.count() == 3
    act = run(her, asked(her, f"tag={tag.public_id}", act="untag", tag=str(tag.public_id)))
    assert act.done == 3 and not tag.posts.exists()


def test_posts_are_moved_by_days_at_the_same_clock(her, alice, channel):
    Profile.objects.update_or_create(user=alice, defaults={"time_zone": "Europe/Berlin"})
    at = (timezone.now() + 2 * DAY).replace(microsecond=0)
    post = publish(channel, "Bread.", at=at).post
    publish(channel, "Soon.", at=timezone.now() + timedelta(hours=1))
    act = asked(her, act="move", days="-1")
    page = her.get(act.get_absolute_url()).content.decode()
    assert "This is about 1 post." in page and "1 more of the list stays as it is" in page
    assert run(her, act).done == 1
    assert Post.objects.get(pk=post.pk).due_at == (at - DAY).replace(second=0)


def undone(browser: Any, act: BulkAct) -> BulkAct:
    assert 'returns/"' in browser.get(act.get_absolute_url()).content.decode()
    answer = browser.post(f"{act.get_absolute_url()}returns/")
    assert answer.url == browser.post(f"{act.get_absolute_url()}returns/").url  # a second click
    assert "Done for" in browser.get(answer.url).content.decode()
    return BulkAct.objects.get(undoes=act)


def test_what_was_done_is_undone_and_nothing_else(her, alice, channel):
    posting_times(alice, "09:00")
    tag = Tag.objects.create(user=alice, name="Bread")
    rows = [publish(channel, f"Bread {number}.", at="next") for number in range(3)]
    before = [row.due_at for row in rows]
    rows[0].post.tags.add(tag)
    act = asked(her, act="tag", tag=str(tag.public_id))
    rows[1].post.tags.add(tag)  # meanwhile, by hand
    undone(her, run(her, act))
    assert tag.posts.count() == 2
    act = run(her, asked(her, act="untag", tag=str(tag.public_id)))
    undone(her, act)
    assert tag.posts.count() == 2
    act = run(her, asked(her, act="move", days="30"))
    moved = Delivery.objects.get(pk=rows[1].pk)
    assert not moved.at_posting_time and moved.due_at > before[1]
    Post.objects.get(pk=rows[2].post_id).edit("Other.", before[2] + DAY / 2, "UTC")
    assert undone(her, act).done == 2
    rows = [Delivery.objects.get(pk=row.pk) for row in rows]
    assert [row.at_posting_time for row in rows] == [True, True, False]
    assert [row.due_at for row in rows] == [*before[:2], before[2] + DAY / 2]
    rows[2].cancel()
    act = run(her, asked(her, act="cancel"))
    assert undone(her, act).done == 2
    assert [Delivery.objects.get(pk=row.pk).state for row in rows] == ["queued"] * 2 + ["canceled"]


def test_what_makes_no_sense_is_one_sentence(her, bob, channel):
    publish(channel)
    theirs = Tag.objects.create(user=bob, name="Theirs")
    for fields in (
        {"act": "dance"},
        {"act": "tag"},
        {"act": "tag", "tag": str(theirs.public_id)},
        {"act": "move"},
        {"act": "move", "days": "9999"},
        {"act": "retry"},
        {},
    ):
        answer = her.post("/posts/acts/", {"query": "q=hello&state=\x00", **fields})
        assert answer.status_code == 302 and answer.url.startswith("/posts/?q=hello")
        assert len(list(get_messages(answer.wsgi_request))) == 1
        her.get("/posts/")  # shows it
    assert not BulkAct.objects.exists()


def test_nobody_acts_on_somebody_elses(her, bob, client_for, channel):
    publish(x_channel(bob, "bob"), "Theirs.", at=timezone.now() + DAY)
    publish(channel, "Hers.", at=timezone.now() + DAY)
    act = asked(her, act="cancel")
    assert act.count == 1
    his = client_for(bob)
    assert his.get(act.get_absolute_url()).status_code == 404
    for part in ("runs", "returns"):
        assert his.post(f"{act.get_absolute_url()}{part}/").status_code == 404
    BulkAct.objects.filter(pk=act.pk).update(
        post_ids=list(Post.objects.values_list("pk", flat=True))
    )
    assert run(her, act).done == 1
