"""The bell, what needs a person where they look, and what they do about it there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishing.models import Delivery, Notice, Post
from publishing.notices.sync import sync_notices
from tests.exporting import exported
from tests.people import create_person
from tests.publishing.factories import (
    delivery_in_state,
    more_channels,
    publish,
    reloaded,
    x_channel,
)
from tests.publishing.notices.test_notice_sync import fail, held, troubled

pytestmark = pytest.mark.django_db
PLACES = ("/posts/", "/notices/")
COMPOSER = "/posts/new/"


@pytest.fixture
def page(client_for, alice):
    client = client_for(alice)

    def get(url="/posts/"):
        return client.get(url).content.decode()

    get.post = client.post
    return get


@pytest.mark.parametrize("url", PLACES)
def test_what_needs_a_person_stands_there_with_what_they_can_do(url, channel, page):
    failed, asked = delivery_in_state(channel, "failed"), troubled(channel, "unconfirmed")
    late = held(channel)
    sync_notices()
    text = page(url)
    for delivery, verbs in (
        (failed, ["retries"]),
        (asked, ["confirmations", "resends", "drops"]),
        (late, ["retries", "cancellations"]),
    ):
        for verb in verbs:
            assert f'action="/deliveries/{delivery.job_id}/{verb}/"' in text
    assert f'name="next" value="{url}"' in text


def test_the_composer_says_all_of_it_in_one_line(channel, page):
    """So that the text field stays in sight."""
    assert "needed-line" not in page(COMPOSER)
    delivery_in_state(channel, "failed")
    sync_notices()
    text = page(COMPOSER)
    assert "1 thing needs you: Not sent to Alice on X" in text and "/retries/" not in text
    for number in range(2, 5):
        delivery_in_state(channel, "failed")
        sync_notices()
        words = "More than 3 things need you" if number > 3 else f"{number} things need you"
        assert words in page(COMPOSER)


def test_posts_say_how_many_wait_for_their_person(channel, page):
    assert "waiting for you" not in page("/settings/")
    for state in ("failed", "unconfirmed"):
        troubled(channel, state) if state == "unconfirmed" else delivery_in_state(channel, state)
    sync_notices()
    assert page("/settings/").count('2<span class="hidden"> waiting for you</span>') == 2


def test_the_bell_counts_what_is_new_with_one_query(channel, page, django_assert_num_queries):
    assert '<span class="count">' not in page()
    for _ in range(3):
        delivery_in_state(channel, "failed")
    sync_notices()
    assert '<span class="count">3<' in page("/settings/")
    with django_assert_num_queries(1):
        assert Notice.objects.unread_by(channel.connection.user) == 3
    assert "New" in page("/notices/")
    assert '<span class="count">' not in page("/notices/")


def test_a_browser_that_only_looks_ahead_reads_nothing(channel, alice, client_for):
    delivery_in_state(channel, "failed")
    sync_notices()
    client_for(alice).get("/notices/", headers={"Sec-Purpose": "prefetch;prerender"})
    assert Notice.objects.unread().count() == 1


def test_more_of_them_cost_no_more_queries(channel, page, alice):
    def cost(url):
        with CaptureQueriesContext(connection) as captured:
            page(url)
        return len(captured)

    delivery_in_state(channel, "failed")
    held(channel)
    sync_notices()
    few = {url: cost(url) for url in (*PLACES, COMPOSER)}
    for _ in range(9):
        delivery_in_state(channel, "failed")
    sync_notices()
    many = {url: cost(url) for url in few}
    assert not {url: cost for url, cost in many.items() if cost > few[url]}


def test_an_act_leads_back_to_where_it_was_done_and_the_notice_is_gone_at_once(channel, page):
    delivery = delivery_in_state(channel, "failed")
    sync_notices()
    answer = page.post(f"/deliveries/{delivery.job_id}/retries/", {"next": "/notices/"})
    assert answer.url == "/notices/"
    assert "Needs you" not in page() and not Notice.objects.open().exists()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil", ""])
def test_nobody_is_led_elsewhere(elsewhere, channel, page):
    delivery = delivery_in_state(channel, "failed")
    answer = page.post(f"/deliveries/{delivery.job_id}/retries/", {"next": elsewhere})
    assert answer.url == f"/posts/{delivery.post.public_id}/"


def test_all_failed_deliveries_of_a_post_are_tried_again_at_once(channel, page, alice):
    post = Post.objects.publish(alice, "Everywhere.", more_channels(channel, 4))
    for delivery in post.deliveries.all()[:3]:
        fail(delivery)
    sync_notices()
    notice = Notice.objects.get()
    assert "Try all 3 again" in page()
    page.post(f"/notices/{notice.pk}/acts/", {"verb": "retry"})
    assert set(post.deliveries.values_list("state", flat=True)) == {"queued"}
    assert not Notice.objects.open().exists()


def test_of_what_is_in_doubt_nothing_is_sent_again_without_a_look_at_each(channel, page):
    delivery = troubled(channel, "unconfirmed")
    sync_notices()
    notice = Notice.objects.get()
    for verb in ("retry", "send_again", "publish", ""):
        page.post(f"/notices/{notice.pk}/acts/", {"verb": verb})
        assert reloaded(delivery).state == "unconfirmed"


@pytest.mark.parametrize("verb, state", [("retry", "queued"), ("drop", "canceled")])
def test_everything_that_is_late_is_settled_with_one_word(verb, state, channel, page):
    for number in range(3):
        publish(channel, f"Number {number}.")
    late = {"waiting_for": "held", "reason": "late", "next_attempt_at": None}
    Delivery.objects.update(**late)
    theirs = held_by_somebody_else()
    sync_notices()
    assert "3 posts are late and were held." in page("/notices/")
    page.post("/notices/held/acts/", {"verb": verb})
    mine = Delivery.objects.exclude(pk=theirs.pk)
    assert set(mine.values_list("state", "waiting_for")) == {(state, "")}
    assert reloaded(theirs).waiting_for == "held"


def held_by_somebody_else():
    delivery = publish(x_channel(create_person("carla"), "carla"), "Not yours.")
    Delivery.objects.filter(pk=delivery.pk).update(
        waiting_for="held", reason="late", next_attempt_at=None
    )
    return delivery


def test_one_is_dismissed_and_all_are(channel, page):
    for _ in range(3):
        delivery_in_state(channel, "failed")
    sync_notices()
    page.post(f"/notices/{Notice.objects.first().pk}/dismissals/")
    assert "Dismiss all" in page("/notices/")
    page.post("/notices/dismissals/")
    text = page("/notices/")
    assert "Nothing needs you" in text and "Earlier" in text and "Dismiss all" not in text
    assert "Needs you" not in page()


def test_the_export_holds_them_and_leaving_takes_them_along(channel, alice, page):
    delivery = delivery_in_state(channel, "failed")
    sync_notices()
    Notice.objects.create(user=create_person("carla"), kind="credits", key="credits:x")
    (row,) = exported(alice)["notices"]
    assert (row["kind"], row["post_public_id"]) == ("failed", str(delivery.post.public_id))
    page.post("/settings/delete/", {"password": "correct horse battery staple"})
    sync_notices()
    assert Notice.objects.get().kind == "credits"


def test_how_often_to_mail_is_chosen_in_the_settings(page, alice):
    text = page("/settings/")
    assert 'value="at once"' in text and "alice@example.org" in text
    page.post("/settings/notices/", {"notice_mail": "digest"})
    alice.profile.refresh_from_db()
    assert alice.profile.notice_mail == "digest"
    page.post("/settings/notices/", {"notice_mail": "hourly"})
    alice.profile.refresh_from_db()
    assert alice.profile.notice_mail == "digest"


def test_what_happened_long_ago_is_on_later_pages(channel, page, alice):
    now = timezone.now()
    Notice.objects.bulk_create(
        Notice(user=alice, kind="credits", network_name="x", key=str(n), resolved_at=now)
        for n in range(25)
    )
    assert "Page 1 of 2" in page("/notices/") and "Page 2 of 2" in page("/notices/?page=2")
