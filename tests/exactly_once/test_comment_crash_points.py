"""A worker that dies at any step of writing a first comment, and a fresh one after it: it is there
once, and its post stays sent."""

import time

import pytest
from django_q.models import OrmQ

from publishing.comments.sending import sweep as sweep_comments
from publishing.deliveries.sweep import sweep
from publishing.models import Comment
from social.models import CircuitBreaker
from social.models.circuit_breaker import forget_known_breakers
from tests import workers
from tests.people import create_person
from tests.publishing.comments.stage import (
    ALLOWED,
    COMMENT,
    commenting_page,
    comments_at,
    publish_with_comment,
)
from tests.publishing.factories import let_time_pass, page_channel, reloaded

from . import faults
from .steps import KILLED, Struck
from .test_crash_points import EVERY, HARMLESS

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "bytes: POST "  # a comment is all that its worker writes
FATES = {"made": "", "made, no answer": "cut.after", "not made, no answer": "cut.before"}


class Case:
    """One comment that is in line, and what happens to it at the network."""

    def __init__(self, sandbox, page, fate: str, name: str) -> None:
        self.sandbox, self.page = sandbox, page
        OrmQ.objects.all().delete()
        CircuitBreaker.objects.all().delete()
        forget_known_breakers()
        self.text = f"{COMMENT} {name}"
        self.delivery = publish_with_comment(page, f"Post {name}", self.text)
        workers.run_one()  # its post is there
        if FATES[fate]:
            sandbox.arm(f"comment.fb.{FATES[fate]}")

    def run(self, die_at: int = 0) -> list[str]:
        """The steps that the worker of the comment reached."""
        worker = Struck(workers.run_one, at=die_at)
        steps = worker.wait()
        # Answers come in one piece or in two: the last step of one case is not always another's.
        assert worker.code in ((KILLED, 0) if die_at else (0,)), steps
        self.has_died = worker.code == KILLED
        time.sleep(0.02)  # what was sent has arrived
        return steps


def a_fresh_worker(run_jobs, least: int = 0) -> None:
    for number in range(20):
        let_time_pass(minutes=5)
        sweep()
        sweep_comments(Comment.objects.unfinished())
        run_jobs()
        if number >= least and not Comment.objects.unfinished().exists():
            return


def points(steps: list[str], fate: str) -> list[int]:
    """The numbers of the steps to die before: until the create leaves all fates are alike."""
    if EVERY:
        return list(range(1, len(steps) + 1))
    found = [n for n, step in enumerate(steps, 1) if not HARMLESS.match(step)]
    if fate == "made":
        return found
    create = next(n for n, step in enumerate(steps, 1) if step.startswith(CREATE))
    return [n for n in found if n > create and "django_q" not in steps[n - 1]]


def test_a_worker_may_die_at_every_step_of_a_comment(alice, sandbox, run_jobs):
    page, cases = commenting_page(alice, sandbox), []
    for fate in FATES:
        steps = Case(sandbox, page, fate, f"{fate} whole").run()
        for at in points(steps, fate):
            case = Case(sandbox, page, fate, f"{fate} {at}")
            case.run(die_at=at)
            cases.append(case)
            sandbox.disarm()
    a_fresh_worker(run_jobs)
    there = comments_at(sandbox, page)
    died = sum(case.has_died for case in cases)
    print(f"\n→ a worker died at {died} of {len(cases)} steps of a comment")
    assert died >= 0.9 * len(cases)
    for case in cases:
        assert there.count(case.text) == 1, (case.text, there.count(case.text))
        assert reloaded(case.delivery).state == "sent"
    assert set(Comment.objects.values_list("state", flat=True)) == {"sent"}


def test_a_worker_may_die_while_its_post_is_marked_sent(sandbox, run_jobs, db):
    """The comment is in line with the very commit that says so, or not at all."""
    faults.open_up(sandbox)
    pages = []

    def send(die_at: int = 0) -> list[str]:
        """To a Page of somebody new: what a dead worker was sending keeps others from its own."""
        OrmQ.objects.all().delete()
        number = len(pages)
        told = sandbox.token("facebook", str(910000000000000 + number), scopes=list(ALLOWED))
        pages.append(page_channel(create_person(f"crowd{number}"), told=told))
        publish_with_comment(pages[-1])
        return Struck(workers.run_one, at=die_at).wait()

    steps = send()
    answered = steps.index("an answer has come")
    for at in range(answered + 1, len(steps) + 1):
        if not HARMLESS.match(steps[at - 1]):
            assert len(send(at)) == at
    a_fresh_worker(run_jobs, least=8)
    assert [comments_at(sandbox, page) for page in pages] == [[COMMENT]] * len(pages)
