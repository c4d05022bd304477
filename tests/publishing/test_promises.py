"""What the README promises, each by its name. Other files take each of them apart."""

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from publishing.deliveries.claims import claim
from publishing.deliveries.sweep import sweep
from publishing.models import Delivery, Post
from tests.publishing.factories import (
    TEXT,
    create_requests,
    delivery_in_state,
    let_time_pass,
    publish,
    reloaded,
    verify_until_settled,
)


def settle_everything(run_jobs, hours=6):
    for _ in range(hours * 2):
        run_jobs()
        let_time_pass(minutes=30)
        sweep()


def test_p1_no_silent_loss(x, bakery, sandbox, run_jobs):
    """Without the queue, and after a worker that took one and died: both go out."""
    publish(bakery, TEXT), publish(x, TEXT)
    OrmQ.objects.all().delete()
    claim(Delivery.objects.get(channel=x).job_id)
    for _ in range(4):
        let_time_pass(minutes=4)
        sweep()
        run_jobs()
    assert {d.state for d in Delivery.objects.all()} == {"sent"}
    assert len(sandbox.truth(text=TEXT)) == 2


@pytest.mark.parametrize(
    "preset", ["x.503.before", "x.429.window", "x.401.revoked", "x.403.policy"]
)
def test_p1_what_is_not_over_has_a_reason_and_a_next_step(preset, x, sandbox, run_jobs):
    sandbox.arm(preset)
    delivery = publish(x)
    run_jobs()
    delivery = reloaded(delivery)
    next_step = delivery.next_attempt_at or delivery.next_verification_at
    assert delivery.sentence
    assert delivery.is_done or next_step or delivery.waiting_for == "reconnect"


@pytest.mark.parametrize("preset", ["x.cut.after", "fb.1.after"])
def test_p2_no_double(preset, x, bakery, sandbox, run_jobs):
    """Accepted, and the answer lost: whatever we do by ourselves, it is there once."""
    sandbox.arm(preset)
    delivery = publish(bakery if preset.startswith("fb") else x, TEXT)
    OrmQ.objects.bulk_create(
        OrmQ(key=row.key, payload=row.payload, lock=row.lock) for row in OrmQ.objects.all()
    )
    settle_everything(run_jobs)
    assert len(create_requests(sandbox)) == len(sandbox.truth(text=TEXT)) == 1
    assert reloaded(delivery).remote_id == sandbox.truth(text=TEXT)[0]["id"]


@pytest.mark.parametrize("preset", ["x.cut.before", "fb.1.before"])
def test_p1_what_did_not_land_goes_out_once_its_absence_is_proven(
    preset, x, bakery, sandbox, run_jobs
):
    sandbox.arm(preset)
    delivery = publish(bakery if preset.startswith("fb") else x, TEXT)
    run_jobs()
    verify_until_settled(delivery)
    run_jobs()
    assert [row["id"] for row in sandbox.truth(text=TEXT)] == [reloaded(delivery).remote_id]


def test_p2_a_person_may_send_again_and_x_knows_better(x, sandbox, run_jobs):
    sandbox.arm("x.cut.after")
    delivery = publish(x, TEXT)
    run_jobs()
    reloaded(delivery).send_again()
    settle_everything(run_jobs)
    assert len(create_requests(sandbox)) == 2 and len(sandbox.truth(text=TEXT)) == 1
    assert reloaded(delivery).remote_id == sandbox.truth(text=TEXT)[0]["id"]


def test_p2_what_a_person_finds_there_is_sent_and_linked(x, sandbox, run_jobs, alice, client_for):
    sandbox.arm("x.timeout.after", seconds=0)
    delivery = publish(x, TEXT)
    run_jobs()
    there = sandbox.truth(text=TEXT)[0]
    link = {"link": f"https://x.com/alice/status/{there['id']}"}
    client_for(alice).post(reverse("posts:confirm", args=[delivery.job_id]), link)
    settle_everything(run_jobs)
    assert (reloaded(delivery).state, reloaded(delivery).remote_id) == ("sent", there["id"])
    assert len(create_requests(sandbox)) == 1


@pytest.mark.parametrize(
    "preset", ["x.503.before", "x.503.after", "x.201.garbage", "x.reset.after"]
)
def test_p3_honest_status(preset, x, sandbox, run_jobs, alice, client_for):
    """Never "failed" when the truth is "we do not know", on any page."""
    sandbox.arm(preset)
    delivery, browser = publish(x), client_for(alice)
    run_jobs()
    told = browser.get(f"/status/{delivery.job_id}").json()
    assert (told["state"], told["done"]) == ("unconfirmed", False)
    assert "may or may not be there" in told["reason"]
    for url in ("/posts/", delivery.post.get_absolute_url()):
        page = browser.get(url).content.decode()
        assert "Checking</span>" in page and "Failed</span>" not in page


def test_p4_the_page_never_waits(x, bakery, sandbox, alice, client_for):
    """No page asks a network for anything, so it does not matter how long one takes."""
    delivery = delivery_in_state(x, "unconfirmed")
    channels, browser = [x.id, bakery.id], client_for(alice)
    before = len(sandbox.journal())
    post = {"text": TEXT, "channels": channels, "when": "now"}
    made = browser.post("/posts/", post, HTTP_ACCEPT="application/json").json()["jobs"]
    for url in ("/posts/", "/posts/new/", delivery.post.get_absolute_url(), made[0]["status_url"]):
        assert browser.get(url).status_code == 200
    browser.post("/posts/lengths/", {"text": TEXT, "channels": channels})
    for button in ("confirmations", "resends", "drops", "retries", "cancellations"):
        browser.post(f"/deliveries/{delivery.job_id}/{button}/", {"link": "nonsense"})
    written = Post.objects.latest("id").public_id
    browser.post(f"/posts/{written}/edit/", {"text": "Changed.", "when": "now"})
    browser.post(f"/posts/{written}/cancellations/")
    assert len(sandbox.journal()) == before


POST_PAGES = ["", "edit/", "cancellations/"]
BUTTONS = ["cancellations", "retries", "resends", "confirmations", "drops"]


@pytest.mark.parametrize("state", ["queued", "failed", "unconfirmed"])
def test_p5_nobody_elses(state, channel, bob, client_for):
    delivery, stranger = delivery_in_state(channel, state), client_for(bob)
    before = Delivery.objects.values().get()
    urls = [f"/posts/{delivery.post.public_id}/{page}" for page in POST_PAGES]
    urls += [f"/deliveries/{delivery.job_id}/{button}/" for button in BUTTONS]
    urls.append(f"/status/{delivery.job_id}")
    form = {"text": "Mine now.", "when": "now", "link": "https://x.com/alice/status/7654321"}
    answers = {method(url).status_code for url in urls for method in (stranger.get,)}
    answers |= {stranger.post(url, form).status_code for url in urls}

    assert answers <= {404, 405}
    assert Delivery.objects.values().get() == before
    assert "This will be" not in stranger.get("/posts/").content.decode()
    chosen = stranger.post("/posts/", {"text": "Hi", "channels": [channel.id], "when": "now"})
    assert chosen.status_code == 400 and Post.objects.count() == 1
    counted = stranger.post("/posts/lengths/", {"text": "Hi", "channels": [channel.id]})
    assert counted.context["counters"] == []
