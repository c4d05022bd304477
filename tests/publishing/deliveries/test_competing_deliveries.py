"""Two in doubt at one account: each post that is there belongs to one of them."""

from datetime import timedelta

import pytest

from publishing.deliveries.claims import claim
from publishing.deliveries.reconciling import AGAIN, ASK, FOUND, Doubt, judge, reads_since
from publishing.deliveries.send import Sender
from publishing.models import Delivery
from social.models import CircuitBreaker
from social.models.circuit_breaker import forget_known_breakers
from tests.publishing.deliveries.test_reconciling import THEN, doubt, post, second, seen
from tests.publishing.factories import publish, reloaded, verify_until_settled

MENU = "Today: fish / chips"
ALIKE = "Today: fish chips"  # by its key; other words all the same
NAMED = "No. 8046  ember", "No. 8046 ember"


def judged(text, *posts, competing_deliveries, doubts=1):
    mine = [Doubt(text, second(n), "no_answer") for n in range(doubts)]
    return judge(mine, seen(*posts), set(), False, competing_deliveries)


@pytest.mark.parametrize("doubts", [1, 2])
def test_of_the_same_words_each_takes_one(doubts):
    """Also one that was put off before: that may have landed, and most likely did not."""
    verdict = judged(
        MENU, post(1, 1, MENU), post(2, 2, MENU), competing_deliveries=[MENU], doubts=doubts
    )
    assert (verdict.kind, [found.remote_id for found in verdict.posts]) == (FOUND, ["1"])


def test_more_of_the_same_words_than_there_are_tries_is_a_question():
    posts = [post(number, number, MENU) for number in (1, 2, 3)]
    assert judged(MENU, *posts, competing_deliveries=[MENU]).kind == ASK


def test_who_has_other_words_takes_no_part():
    posts = post(1, 1, MENU), post(2, 2, MENU)
    assert judged(MENU, *posts, competing_deliveries=["Rye"], doubts=2).posts == posts


@pytest.mark.parametrize("mine, theirs", [(MENU, ALIKE), (ALIKE, MENU), NAMED])
def test_what_is_word_for_word_the_others_is_not_mine(mine, theirs):
    assert judged(mine, post(1, 1, theirs), competing_deliveries=[theirs]).kind == AGAIN
    assert (
        judged(mine, post(1, 1, theirs), post(2, 2, mine), competing_deliveries=[theirs])
        .posts[0]
        .text
        == mine
    )
    assert (
        judged(mine, post(1, 1, theirs), competing_deliveries=[]).kind == FOUND
    )  # as a network wrote it


def test_what_may_be_either_ones_is_a_question():
    neither = post(1, 1, "Today:  fish chips")
    verdict = judged(MENU, neither, competing_deliveries=[ALIKE])
    assert (verdict.kind, verdict.reason) == (ASK, "several_there")


def test_it_is_read_from_whichever_clock_says_earlier():
    """One answer with a wrong Date must not hide what is there."""
    wrong = doubt(server_time=second(7200))
    assert reads_since([wrong]) <= THEN - timedelta(seconds=60)
    assert reads_since([doubt(7200, server_time=THEN)]) < THEN


def test_an_old_limit_does_not_claim_the_post_of_another(x, sandbox):
    """Two posts of the same words, both there and both unanswered; the first was put off before."""
    sandbox.change("duplicates", on=False)
    sandbox.arm("x.429.window")
    first = publish(x, "Good morning")
    send(first)
    sandbox.clock(advance=901)
    open_again(first)
    second = publish(x, "Good morning")
    for delivery in (first, second):
        sandbox.arm("x.reset.after")
        send(delivery)
    for delivery in (first, second):
        verify_until_settled(delivery)
    there = {row["id"] for row in sandbox.truth(text="Good morning")}
    assert {reloaded(first).remote_id, reloaded(second).remote_id} == there and len(there) == 2


@pytest.mark.parametrize("mine, theirs", [(MENU, ALIKE), NAMED])
def test_the_one_that_is_not_there_leaves_the_other_its_post(mine, theirs, place, sandbox):
    kind = "x" if place.network_name == "x" else "fb"
    lost, landed = publish(place, mine), publish(place, theirs)
    sandbox.arm(f"{kind}.reset.before")
    send(lost)
    sandbox.arm(f"{kind}.reset.after")
    send(landed)
    verify_until_settled(lost)
    verify_until_settled(landed)
    assert (reloaded(lost).state, reloaded(lost).reason) == ("queued", "absent")
    assert reloaded(landed).state == "sent"


def send(delivery):
    Sender(claim(delivery.job_id)).send()


def open_again(delivery):
    """What was limited is not, and who was put off is due."""
    CircuitBreaker.objects.all().delete()
    forget_known_breakers()
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=THEN, waiting_for="")
