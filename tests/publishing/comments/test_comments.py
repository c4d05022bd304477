"""The first comment below a post: written once, by itself, and never at its post's cost."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_q.models import OrmQ

from project.accounts.deleting import delete_account
from publishing.comments.sending import claim, sweep
from publishing.models import Comment, Delivery, Notice
from social.networks import NETWORKS
from social.networks.facebook.comments import LONGEST_COMMENT, read_comments
from tests.exporting import exported
from tests.publishing.factories import (
    let_time_pass,
    publish,
    reloaded,
    verify_until_settled,
)

from .stage import (
    COMMENT,
    SCOPES,
    come_back_allowed,
    commenting_page,
    comments_at,
    publish_with_comment,
    until_settled,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(alice, sandbox):
    return commenting_page(alice, sandbox)


@pytest.fixture
def her(client_for, alice):
    return client_for(alice)


def page_of(her, delivery) -> str:
    return her.get(delivery.post.get_absolute_url()).content.decode()


# ── Written ───────────────────────────────────────────────────────────────────────────────────
def test_it_follows_its_post(page, sandbox, run_jobs):
    delivery = publish_with_comment(page)
    assert not Comment.objects.exists()
    run_jobs()
    comment = Comment.objects.get()
    assert (comment.state, comment.text, comment.attempt) == ("sent", COMMENT, 1)
    assert comment.remote_id and comment.finished_at
    assert comments_at(sandbox, page) == [COMMENT]
    assert reloaded(delivery).state == "sent"


def test_it_may_have_several_lines(page, sandbox, run_jobs, her):
    form = {"text": "Rye.", "channels": [page.pk], "when": "now"}
    her.post("/posts/", form | {"extra_facebook_comment": "One\r\ntwo\r\n"})
    run_jobs()
    assert comments_at(sandbox, page) == ["One\ntwo"]


def test_too_long_a_comment_is_refused(page):
    with pytest.raises(ValidationError, match="First comment may have 8000 characters"):
        publish_with_comment(page, comment="a" * (LONGEST_COMMENT + 1))


def test_a_post_without_one_has_none(page, sandbox, run_jobs):
    publish(page)
    run_jobs()
    assert not Comment.objects.exists()


def test_a_network_without_comments_is_given_none(x, run_jobs):
    with pytest.raises(ValidationError, match="knows no 'comment'"):
        publish(x, extras={"x": {"comment": "No."}})
    delivery = publish(x)
    Delivery.objects.update(extras={"comment": "No."})
    run_jobs()
    assert reloaded(delivery).state == "sent" and not Comment.objects.exists()


def test_it_follows_a_post_that_was_found(page, sandbox, run_jobs):
    sandbox.arm("fb.cut.after")
    delivery = publish_with_comment(page)
    run_jobs()
    assert reloaded(delivery).state == "unconfirmed" and not Comment.objects.exists()
    verify_until_settled(delivery)
    run_jobs()
    assert Comment.objects.get().state == "sent" and comments_at(sandbox, page) == [COMMENT]


def test_what_a_restored_backup_has_forgotten_is_seen_there(page, sandbox, run_jobs):
    publish_with_comment(page)
    run_jobs()
    forgotten = {"state": "queued", "remote_id": "", "attempt": 0, "next_at": timezone.now()}
    Comment.objects.update(**forgotten)
    Comment.objects.get().wake()
    run_jobs()
    assert Comment.objects.get().state == "sent" and comments_at(sandbox, page) == [COMMENT]


# ── What goes wrong ───────────────────────────────────────────────────────────────────────────
LOST = ("cut.after", "reset.after", "201.garbage", "201.truncated", "1.after", "200.after")
NOT_MADE = ("cut.before", "reset.before", "1", "32")


@pytest.mark.parametrize("fault", [*LOST, "32.after", *NOT_MADE])
def test_whatever_happens_it_is_there_once(page, sandbox, run_jobs, fault):
    sandbox.arm(f"comment.fb.{fault}")
    delivery = publish_with_comment(page)
    run_jobs()
    assert Comment.objects.get().state == "unconfirmed"
    comment = until_settled(run_jobs)
    assert comments_at(sandbox, page) == [COMMENT]
    assert comment.state == "sent" and comment.attempt == (2 if fault in NOT_MADE else 1)
    assert reloaded(delivery).state == "sent"


def test_what_is_slow_to_show_is_waited_for(page, sandbox, run_jobs):
    sandbox.arm("comment.fb.cut.after")
    sandbox.change("visibility_lag", ms=60_000_000)
    publish_with_comment(page)
    run_jobs()
    for _ in range(3):
        let_time_pass(minutes=1)
        run_jobs()
    assert Comment.objects.get().state == "unconfirmed"
    sandbox.clock(100_000)
    assert until_settled(run_jobs).state == "sent"
    assert comments_at(sandbox, page) == [COMMENT]


@pytest.mark.parametrize(
    ("fault", "reason"), [("200", "comment_permission"), ("100", "bad_request")]
)
def test_what_is_refused_fails_and_its_post_does_not(page, sandbox, run_jobs, her, fault, reason):
    sandbox.arm(f"comment.fb.{fault}")
    delivery = publish_with_comment(page)
    run_jobs()
    comment = until_settled(run_jobs)
    assert (comment.state, comment.reason) == ("failed", reason)
    assert reloaded(delivery).state == "sent" and delivery.post.status == "sent"
    assert comments_at(sandbox, page) == []
    said = page_of(her, delivery)
    assert "Sent. The first comment failed: " in said and "Try again" in said
    her.post(f"/deliveries/{delivery.job_id}/comment/retries/")
    run_jobs()
    assert Comment.objects.get().state == "sent" and comments_at(sandbox, page) == [COMMENT]


def test_tried_again_it_is_looked_for_first(page, sandbox, run_jobs, her):
    sandbox.arm("comment.fb.100.after")  # it says no, and has it all the same
    delivery = publish_with_comment(page)
    run_jobs()
    assert Comment.objects.get().state == "failed"
    her.post(f"/deliveries/{delivery.job_id}/comment/retries/")
    run_jobs()
    assert Comment.objects.get().state == "sent" and comments_at(sandbox, page) == [COMMENT]


def test_its_failure_is_told_until_it_is_tried_again_or_left(page, sandbox, run_jobs, her):
    sandbox.arm("comment.fb.100")
    delivery = publish_with_comment(page)
    run_jobs()
    notice, comment = Notice.objects.open().get(), Comment.objects.get()
    assert (notice.kind, notice.post, comment.state) == ("comment", delivery.post, "failed")
    shown = her.get("/notices/").content.decode()
    assert "The first comment is not there at Alice&#x27;s Bakery on Facebook" in shown
    assert "Sent. The first comment failed" in shown and "Leave it" in shown
    her.post(f"/deliveries/{delivery.job_id}/comment/drops/")
    comment.refresh_from_db()
    assert not Notice.objects.open().exists() and comment.state == "canceled"
    assert "The first comment was canceled." in page_of(her, delivery)
    other = publish_with_comment(page, "Fresh oats.")
    sandbox.arm("comment.fb.100")
    run_jobs()
    notice = Notice.objects.open().get()
    her.post(f"/notices/{notice.pk}/acts/", {"verb": "retry"})
    assert not Notice.objects.open().exists()
    assert Comment.objects.get(delivery=other).state == "queued"
    run_jobs()
    other.comment.refresh_from_db()
    assert other.comment.state == "sent" and reloaded(other).state == "sent"
    assert not Notice.objects.open().exists() and not other.comment.drop()


def test_below_a_post_that_is_gone_nothing_is_written(page, sandbox, run_jobs):
    delivery = publish_with_comment(page)
    run_jobs()
    sandbox.call("POST", "/posts", json={"delete": reloaded(delivery).remote_id})
    Comment.objects.update(state="queued", remote_id="", next_at=timezone.now())
    Comment.objects.get().wake()
    run_jobs()
    assert (Comment.objects.get().state, Comment.objects.get().reason) == ("failed", "post_gone")


# ── The permission ────────────────────────────────────────────────────────────────────────────
def test_what_is_not_allowed_is_asked_for_and_then_written(alice, sandbox, run_jobs, her):
    page = commenting_page(alice, sandbox, SCOPES)
    delivery = publish_with_comment(page)
    assert "Allow comments at Facebook" in page_of(her, delivery)
    run_jobs()
    comment = Comment.objects.get()
    assert (comment.state, comment.reason) == ("failed", "comment_permission")
    assert not [e for e in sandbox.journal() if e["path"].endswith("/comments") and e["created"]]
    assert "Allow comments at Facebook" in page_of(her, delivery)
    asked = her.post(f"/deliveries/{delivery.job_id}/comment/permissions/")
    assert asked.status_code == 302 and "pages_manage_engagement" in asked.url
    come_back_allowed(page, sandbox)
    run_jobs()
    assert Comment.objects.get().state == "sent" and comments_at(sandbox, page) == [COMMENT]


def test_once_allowed_nobody_is_asked_again(page, run_jobs, her):
    publish_with_comment(page)
    run_jobs()
    assert "Allow comments" not in page_of(her, publish_with_comment(page, "Another."))


# ── Channels that come and go ─────────────────────────────────────────────────────────────────
def sent_but_not_commented(page, run_jobs) -> Comment:
    """A comment in line."""
    publish_with_comment(page)
    run_jobs()
    Comment.objects.update(state="queued", remote_id="", attempt=0, next_at=timezone.now())
    OrmQ.objects.all().delete()
    return Comment.objects.with_all().get()


def test_it_waits_for_a_paused_channel(page, run_jobs):
    comment = sent_but_not_commented(page, run_jobs)
    page.pause()
    assert claim(comment.pk) is None
    comment.refresh_from_db()
    assert (comment.state, comment.next_at, comment.reason) == ("queued", None, "paused")
    page.resume()
    run_jobs()
    assert Comment.objects.get().state == "sent"


def test_it_is_canceled_with_its_channel(page, run_jobs):
    sent_but_not_commented(page, run_jobs)
    page.disconnect()
    assert Comment.objects.get().state == "canceled"


def test_an_account_that_is_deleted_comments_no_more(page, run_jobs, alice):
    sent_but_not_commented(page, run_jobs)
    delete_account(alice)
    assert Comment.objects.get().state == "canceled"


# ── Workers ───────────────────────────────────────────────────────────────────────────────────
def test_a_lost_job_is_found_by_the_sweep(page, run_jobs):
    sent_but_not_commented(page, run_jobs)
    let_time_pass(minutes=10)
    sweep(Comment.objects.unfinished())
    run_jobs()
    assert Comment.objects.get().state == "sent"


def test_a_worker_that_is_gone_leaves_no_second_one(page, sandbox, run_jobs):
    comment = sent_but_not_commented(page, run_jobs)
    assert claim(comment.pk) is not None and claim(comment.pk) is None
    let_time_pass(minutes=10)
    assert until_settled(run_jobs).state == "sent"
    assert comments_at(sandbox, page) == [COMMENT]


def test_a_late_yes_wins(page, run_jobs):
    comment = sent_but_not_commented(page, run_jobs)
    mine = claim(comment.pk)
    assert mine.begin(timezone.now())
    let_time_pass(minutes=10)
    sweep(Comment.objects.unfinished())
    assert Comment.objects.get().state == "unconfirmed"
    assert not mine.begin(timezone.now())
    assert mine.mark_sent("1_2") and Comment.objects.get().state == "sent"
    assert not Comment.objects.get().mark_sent("1_3")


# ── Who sees it ───────────────────────────────────────────────────────────────────────────────
def test_it_is_shown_below_its_delivery_and_polled(page, run_jobs, her):
    delivery = publish_with_comment(page)
    assert "The first comment follows once the post is there." in page_of(her, delivery)
    run_jobs()
    said = page_of(her, delivery)
    assert "The first comment is there." in said and "hx-get" not in said.split("deliveries")[-1]
    Comment.objects.update(state="queued", remote_id="", next_at=timezone.now())
    assert f"/status/{delivery.job_id}?" in page_of(her, delivery)


def test_it_is_nobody_elses(page, run_jobs, bob, client_for):
    delivery = publish_with_comment(page)
    run_jobs()
    for what in ("retries", "drops", "permissions"):
        address = f"/deliveries/{delivery.job_id}/comment/{what}/"
        assert client_for(bob).post(address).status_code == 404


def test_it_is_exported(page, run_jobs, alice):
    delivery = publish_with_comment(page)
    run_jobs()
    [row] = exported(alice)["comments"]
    assert (row["text"], row["state"]) == (COMMENT, "sent")
    assert row["delivery_job_id"] == str(delivery.job_id)


# ── What is read ──────────────────────────────────────────────────────────────────────────────
def test_only_what_the_page_may_have_written_counts():
    said = [("6", "ours"), ("7", "theirs"), (None, "nobody says"), ({}, "odd")]
    rows = [
        {"id": str(n), "message": text, "from": {"id": who} if who else who}
        for n, (who, text) in enumerate(said)
    ]
    found = read_comments({"data": rows}, "6")
    assert [comment.text for comment in found] == ["ours", "nobody says", "odd"]


def test_others_have_no_comments():
    assert NETWORKS["x"].first_comment == ""
