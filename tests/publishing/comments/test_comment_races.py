"""Workers, people and sweeps at one comment at the very same time."""

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from publishing.comments.sending import Commenter, claim, release, sweep
from publishing.models import Comment
from tests.publishing.factories import let_time_pass
from tests.racing import run_at_once
from tests.workers import run_one

from .stage import COMMENT, commenting_page, comments_at, publish_with_comment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(alice, sandbox):
    return commenting_page(alice, sandbox)


@pytest.fixture
def waiting(page) -> Comment:
    """A comment whose post is there, and that is in line."""
    publish_with_comment(page)
    run_one()
    OrmQ.objects.all().delete()
    return Comment.objects.get()


def test_of_eight_workers_one_has_it(waiting):
    claimed = run_at_once(*[lambda: claim(waiting.pk)] * 8)
    assert len([comment for comment in claimed if comment]) == 1
    assert Comment.objects.get().attempt == 1


def test_of_eight_that_look_one_does(waiting):
    fields = {"state": "unconfirmed", "begun_at": timezone.now(), "attempt": 1}
    Comment.objects.update(**fields, next_at=timezone.now())
    claimed = run_at_once(*[lambda: claim(waiting.pk)] * 8)
    assert len([comment for comment in claimed if comment]) == 1


def test_two_clicks_and_two_workers_write_it_once(waiting, page, sandbox):
    Comment.objects.update(state="failed", reason="bad_request", next_at=None)

    def click():
        return Comment.objects.with_all().get(pk=waiting.pk).retry()

    def work():
        comment = claim(waiting.pk)
        if comment:
            Commenter(comment).run()

    run_at_once(click, click, work, work)
    work()
    assert comments_at(sandbox, page) == [COMMENT]


def test_a_sweep_takes_nothing_from_who_is_at_it(waiting, page, sandbox):
    comment = claim(waiting.pk)
    run_at_once(*[lambda: sweep(Comment.objects.unfinished())] * 4, Commenter(comment).run)
    let_time_pass(minutes=10)
    sweep(Comment.objects.unfinished())
    assert comments_at(sandbox, page) == [COMMENT] and Comment.objects.get().state == "sent"


def test_what_is_about_to_leave_is_not_put_back_in_line(waiting):
    """Whoever looked a moment before still takes it for one whose create is not on its way."""
    worker = claim(waiting.pk)
    looked = Comment.objects.with_all().get(pk=waiting.pk)
    assert looked.begun_at is None and worker.begin(timezone.now())
    assert not release(looked)
    assert Comment.objects.get().state == "sending"
    assert release(Comment.objects.with_all().get(pk=waiting.pk))
    assert Comment.objects.get().state == "unconfirmed"
