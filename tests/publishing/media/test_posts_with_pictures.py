"""Posts with pictures, sent to the make-believe networks over the wire."""

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.uploads import usable_uploads
from publishing.models import Attempt, Delivery, MediaBytes, Post, Upload
from social.networks.messages import sentence
from social.reasons import Reason
from tests.pictures import drawn, from_phone, opened
from tests.publishing.factories import let_time_pass, reloaded, verify_once, x_channel
from tests.sandbox import Sandbox

pytestmark = pytest.mark.django_db
TWO = [(drawn(), "Red beside blue"), (drawn(format="PNG"), 'A "quoted" <b>café</b> ☕')]
ALTS = [alt for _, alt in TWO]
UPLOAD = {"path_regex": r"/2/media/upload$|/photos$"}
ALT_CALL = {"path_regex": r"/2/media/metadata$"}
CREATE = {"path_regex": r"/2/tweets$|/feed$"}


@pytest.fixture(params=["x", "facebook"])
def place(request):
    return request.getfixturevalue({"x": "x", "facebook": "bakery"}[request.param])


def write(place, text="With pictures.", media=TWO, **more) -> Delivery:
    post = Post.objects.publish(place.connection.user, text, [place], media=media, **more)
    return Delivery.objects.with_all().get(post=post)


def calls(sandbox: Sandbox) -> list[str]:
    """What was asked of the networks, by the last word of each path."""
    return [entry["path"].rsplit("/")[-1] for entry in sandbox.journal() if entry["network"]]


def bytes_of(sandbox: Sandbox, shown: dict) -> bytes:
    return requests.get(sandbox.url + shown["path"], timeout=10).content


def test_it_works(place, sandbox, run_jobs):
    delivery = write(place)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    [post] = sandbox.truth()
    assert (post["text"], post["visible"]) == ("With pictures.", True)
    assert [shown["alt_text"] for shown in post["media"]] == ALTS
    assert [shown["type"] for shown in post["media"]] == ["image/jpeg", "image/png"]
    kept = [media.original() for media in delivery.post.media.all()]
    assert [bytes_of(sandbox, shown) for shown in post["media"]] == kept
    attempt = Attempt.objects.get()
    assert attempt.media_ids == [shown["id"] for shown in post["media"]]


def test_the_front_pages_show_them_with_their_alt_text(x, bakery, alice, sandbox, run_jobs):
    Post.objects.publish(alice, "Everywhere.", [x, bakery], media=TWO)
    run_jobs()
    page = requests.get(sandbox.url, timeout=10).text
    assert page.count('alt="Red beside blue"') == 2
    assert page.count("&lt;b&gt;café&lt;/b&gt; ☕</figcaption>") == 2


def test_pictures_say_enough(place, sandbox, run_jobs):
    delivery = write(place, "")
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert [(post["text"], len(post["media"])) for post in sandbox.truth()] == [("", 2)]


def test_where_it_was_taken_does_not_leave(place, sandbox, run_jobs):
    write(place, media=[from_phone()])
    run_jobs()
    data = bytes_of(sandbox, sandbox.truth()[0]["media"][0])
    assert b"Secret" not in data and opened(data).size == (48, 64)
    assert b"Secret" not in bytes(MediaBytes.objects.get().original)


def test_without_alt_text_none_is_sent(place, sandbox, run_jobs):
    write(place, media=[drawn()])
    run_jobs()
    assert sandbox.truth()[0]["media"][0]["alt_text"] == ""
    assert "metadata" not in calls(sandbox)


def test_each_account_gets_uploads_of_its_own(x, alice, sandbox, run_jobs):
    told = sandbox.token("x", "bob")
    other = x_channel(alice, told=told)
    Post.objects.publish(alice, "Twice.", [x, other], media=TWO)
    run_jobs()
    one, another = [post["media"] for post in sandbox.truth("x")]
    assert len({shown["id"] for shown in one + another}) == 4


# ── What goes wrong on the way ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("where", [UPLOAD, CREATE])
@pytest.mark.parametrize("preset", ["503.before", "cut.before", "201.garbage"])
def test_uploads_are_tried_again_and_creating_is_not(preset, where, place, sandbox, run_jobs):
    network = "x" if place.network_name == "x" else "fb"
    preset = {"fb.503.before": "fb.2.before"}.get(f"{network}.{preset}", f"{network}.{preset}")
    delivery = write(place)
    sandbox.arm(preset, match=where)
    run_jobs()
    if where == CREATE:
        assert reloaded(delivery).state == "unconfirmed"
        assert calls(sandbox).count("tweets") + calls(sandbox).count("feed") == 1
        return
    assert (reloaded(delivery).state, reloaded(delivery).waiting_for) == ("queued", "backoff")
    assert Attempt.objects.get().outcome == "not sent" and not sandbox.truth()
    let_time_pass(hours=1)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert [len(post["media"]) for post in sandbox.truth()] == [2]


def test_what_is_held_already_is_not_uploaded_again(place, sandbox, run_jobs):
    """The second of two pictures failed: only that one goes again."""
    delivery = write(place)
    preset = "x.503.before" if place.network_name == "x" else "fb.2.before"
    sandbox.arm(preset, match=UPLOAD, skip=1)
    run_jobs()
    assert reloaded(delivery).waiting_for == "backoff"
    let_time_pass(hours=1)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert calls(sandbox).count("upload" if place.network_name == "x" else "photos") == 3


def test_what_expires_is_uploaded_anew(place, sandbox, run_jobs):
    delivery = write(place)
    sandbox.arm("x.401.expired" if place.network_name == "x" else "fb.190.492", match=CREATE)
    run_jobs()
    ids = Attempt.objects.first().media_ids
    assert len(ids) == 2
    Upload.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert not usable_uploads(delivery)


def test_after_a_refused_token_the_uploads_are_used(x, sandbox, run_jobs):
    """The access token ended early; the pictures are there."""
    delivery = write(x)
    sandbox.arm("x.401.expired", match=CREATE)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert calls(sandbox).count("upload") == 2 and calls(sandbox).count("tweets") == 2


def test_uploads_of_an_attempt_in_doubt_are_not_used_again(place, sandbox, run_jobs):
    """They may be in a post: the same create with other uploads, once a person says so."""
    delivery = write(place)
    sandbox.arm("x.503.before" if place.network_name == "x" else "fb.2.before", match=CREATE)
    run_jobs()
    assert reloaded(delivery).state == "unconfirmed"
    assert reloaded(delivery).send_again()
    run_jobs()
    first, second = [set(attempt.media_ids) for attempt in Attempt.objects.all()]
    assert reloaded(delivery).state == "sent" and not first & second
    assert [len(post["media"]) for post in sandbox.truth()] == [2]


def test_pictures_alone_are_not_guessed_at(bakery, sandbox, run_jobs):
    """There is no text to know it by: its person is asked, with what is there in sight."""
    delivery = write(bakery, "")
    sandbox.arm("fb.2.after", match=CREATE)
    run_jobs()
    verify_once(reloaded(delivery))
    asked = reloaded(delivery)
    assert (asked.state, asked.reason) == ("unconfirmed", "wordless_there")
    assert len(sandbox.truth()) == 1


def test_pictures_alone_are_known_by_the_names_that_their_uploads_have(x, sandbox, run_jobs):
    """X says them: two with nothing but pictures, and each finds its own."""
    deliveries = []
    for _ in range(2):
        deliveries.append(write(x, ""))
        sandbox.arm("x.cut.after", match=CREATE)
        run_jobs()
    made = sorted(there["id"] for there in sandbox.truth())
    for delivery, remote_id in zip(deliveries, made, strict=True):
        verify_once(reloaded(delivery))
        assert (reloaded(delivery).state, reloaded(delivery).remote_id) == ("sent", remote_id)


def test_words_and_pictures_in_doubt_are_found_by_their_words(place, sandbox, run_jobs):
    delivery = write(place, "Fresh & warm https://example.com/bread")
    sandbox.arm("x.cut.after" if place.network_name == "x" else "fb.2.after", match=CREATE)
    run_jobs()
    verify_once(reloaded(delivery))
    assert reloaded(delivery).state == "sent" and len(sandbox.truth()) == 1


def test_uploads_that_the_network_forgot_are_made_anew(place, sandbox, run_jobs):
    delivery = write(place)
    for media in delivery.post.media.all():
        delivery.uploads.create(
            media=media, remote_id="999", expires_at=timezone.now() + timedelta(hours=5)
        )
    run_jobs()
    waiting = reloaded(delivery)
    assert (waiting.waiting_for, waiting.reason) == ("backoff", "media_failed")
    let_time_pass(hours=1)
    run_jobs()
    assert reloaded(delivery).state == "sent" and len(sandbox.truth()) == 1


def test_x_takes_its_time_over_a_picture(x, sandbox, run_jobs, settings):
    settings.TIME_SCALE = 0.1
    sandbox.change("media_processing", seconds=0.3)
    delivery = write(x, media=TWO[:1])
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert calls(sandbox).count("upload") >= 2  # asked how far it is


def test_x_that_never_finishes_is_not_awaited_beyond_the_window(x, sandbox, settings):
    settings.TIME_SCALE = 0.1
    sandbox.change("media_processing", seconds=600)
    delivery = write(x)
    claimed = claim(delivery.job_id)
    before = timezone.now()
    Sender(claimed).send()
    assert (timezone.now() - before).total_seconds() < 60  # not the ten minutes it would take
    assert (reloaded(delivery).reason, reloaded(delivery).waiting_for) == ("media_slow", "backoff")
    assert not Attempt.objects.exclude(outcome="not sent").exists()


def test_a_picture_that_x_cannot_process_is_refused(x, sandbox, run_jobs):
    sandbox.change("media_processing", seconds=0.01, fails=True)
    delivery = write(x)
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).reason) == ("failed", "media_refused")
    assert "refused a picture" in reloaded(delivery).sentence


def test_without_the_permission_only_pictures_fail(x, sandbox, run_jobs):
    sandbox.change("drop_scope", network="x", scope="media.write")
    delivery, words = write(x), write(x, "Only words.", media=[])
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).reason) == ("failed", "media_permission")
    assert reloaded(words).state == "sent"
    x.connection.refresh_from_db()
    assert x.state == "works"


def test_a_limit_on_uploads_costs_no_try(x, sandbox, run_jobs):
    delivery = write(x)
    sandbox.arm("x.429.window", match=UPLOAD)
    run_jobs()
    assert (reloaded(delivery).waiting_for, reloaded(delivery).tries) == ("rate_limit", 0)


def test_a_refused_alt_text_is_not_left_out(x, sandbox, run_jobs):
    """Rather no post than one that some cannot read."""
    delivery = write(x)
    sandbox.arm("x.503.before", match=ALT_CALL)
    run_jobs()
    assert reloaded(delivery).waiting_for == "backoff" and not sandbox.truth()
    let_time_pass(hours=1)
    run_jobs()
    assert [shown["alt_text"] for shown in sandbox.truth()[0]["media"]] == ALTS


def test_bytes_that_are_gone_are_said_to_be(place, sandbox, run_jobs):
    delivery = write(place)
    MediaBytes.objects.update(original=None)
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).reason) == ("failed", "media_gone")
    assert sentence(Reason.MEDIA_GONE, "") in reloaded(delivery).sentence and not sandbox.truth()
