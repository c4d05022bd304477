"""Writing a post in the browser or by fetch."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from project.accounts.models import Profile
from publishing.models import Delivery, Post
from tests.publishing.factories import page_channel, x_channel

POSTS = "/posts/"
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def channels(alice):
    """X and a Page; no network is asked."""
    return [x_channel(alice), page_channel(alice)]


@pytest.fixture
def browser_of_alice(alice, client_for):
    Profile.objects.of(alice).choose_time_zone("Europe/Berlin")
    return client_for(alice)


@pytest.fixture
def post(browser_of_alice, channels):
    """Send the composer's form; `json=True` as a program does it."""

    def send(text="Hello, world!", to=channels, json=False, **more):
        form = {"text": text, "channels": [channel.id for channel in to], "when": "now", **more}
        return browser_of_alice.post(POSTS, form, **(JSON if json else {}))

    return send


def said(response):
    return response.content.decode()


def tomorrow(clock="18:00"):
    return f"{timezone.now().date() + timedelta(days=1)}T{clock}"


# ── Publishing ────────────────────────────────────────────────────────────────────────────────
def test_it_works(post, channels, alice):
    response = post("Hello & <b>hi</b> https://example.com/a")
    written = Post.objects.get(user=alice)
    assert (response.status_code, response.url) == (302, written.get_absolute_url())
    assert written.text == "Hello & <b>hi</b> https://example.com/a"
    assert {d.channel_id for d in written.deliveries.all()} == {c.id for c in channels}
    assert OrmQ.objects.count() == 2


def test_a_program_gets_the_jobs(post, browser_of_alice):
    response = post(json=True)
    written = Post.objects.get()
    jobs = [
        {"job_id": str(d.job_id), "status_url": f"/status/{d.job_id}", "channel": d.channel.label}
        for d in written.deliveries.order_by("id")
    ]
    assert response.status_code == 201
    assert response.json() == {"post": str(written.public_id), "jobs": jobs}
    assert browser_of_alice.get(jobs[0]["status_url"]).json()["state"] == "queued"


ANY, FORM = "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept, status", [(ANY, 201), (FORM, 302)], ids=["fetch", "form"])
def test_who_takes_anything_is_a_program(accept, status, browser_of_alice, channels):
    """`fetch()` and curl say */*; a browser's form names HTML first."""
    form = {"text": "Hello!", "channels": [channels[0].id], "when": "now"}
    made = browser_of_alice.post(POSTS, form, HTTP_ACCEPT=accept)
    assert made.status_code == status
    refused = browser_of_alice.post(POSTS, form | {"text": ""}, HTTP_ACCEPT=accept)
    of_program = refused.headers["Content-Type"] == "application/json"
    assert refused.status_code == 400 and of_program == (accept == ANY)
    htmx = browser_of_alice.post(POSTS, form, HTTP_ACCEPT=accept, HTTP_HX_REQUEST="true")
    assert htmx.status_code == 302


def test_the_post_and_its_jobs_are_stored_together_or_not_at_all(post, monkeypatch):
    def boom(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("project.jobs.queue.broker.insert", boom)
    with pytest.raises(ZeroDivisionError):
        post()
    assert not Post.objects.exists() and not Delivery.objects.exists()


def test_lines_of_a_browser_are_counted_and_kept_as_one_character(post):
    assert post("a" * 139 + "\r\n" + "b" * 140).status_code == 302
    assert Post.objects.get().text == "a" * 139 + "\n" + "b" * 140


REFUSED = {
    "empty": ({"text": " \r\n "}, "Write something first."),
    "nowhere": ({"to": []}, "Choose at least one channel."),
    "too long": ({"text": "a" * 281}, "Too long for X: 281 of 280 characters."),
    "no time": ({"when": "later"}, "Choose a date and time."),
    "not a time": ({"when": "later", "at": "soon"}, "That is not a date and time."),
    "past": ({"when": "later", "at": "2001-01-01T10:00"}, "That time is past."),
    "far": ({"when": "later", "at": "2999-01-01T10:00"}, "more than three years away"),
    "no year": ({"when": "later", "at": "9999-12-31T23:59-12:00"}, "three years away"),
    "before all time": ({"when": "later", "at": "0001-01-01T00:00"}, "No calendar has that"),
    "no text at all": ({"text": "nul \0"}, "Null characters are not allowed."),
}


@pytest.mark.parametrize(("fields", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_will_not_do_is_said_and_the_text_is_kept(fields, sentence, post):
    response = post(**{"text": "Precious words.", **fields})
    assert response.status_code == 400
    assert sentence in said(response)
    assert (fields.get("text", "Precious words.").strip() or "textarea") in said(response)
    assert sentence in str(post(**fields, json=True).json()["errors"])
    assert not Post.objects.exists()


def test_each_network_counts_by_its_own_rules(post, channels):
    x, page = channels
    assert post("a" * 281, to=[page]).status_code == 302
    assert post("漢" * 141, to=[x]).status_code == 400
    assert post("a" * 256 + " https://example.com/" + "b" * 100, to=[x]).status_code == 302


def test_somebody_elses_channels_cannot_be_chosen(post, bob):
    response = post(to=[x_channel(bob, "bob")])
    assert response.status_code == 400
    assert "not yours any more" in said(response)
    assert not Post.objects.exists()


def test_a_channel_that_was_disconnected_meanwhile_cannot_be_chosen(post, channels):
    channels[1].disconnect()
    assert post().status_code == 400


# ── Once ──────────────────────────────────────────────────────────────────────────────────────
def test_a_double_click_makes_one_post(post):
    key = uuid.uuid4()
    first, second = post(submit_key=key), post(submit_key=key)
    assert Post.objects.count() == 1
    assert first.url == second.url


def test_other_words_after_the_back_button_are_asked_about(post):
    """A used key with other words is an accident until somebody publishes them from a page of
    their own; nothing of them is lost."""
    key = uuid.uuid4()
    first = post("First.", submit_key=key)
    answer = post("Second.", submit_key=key)
    assert answer.status_code == 409 and first.url in said(answer)
    assert "Second.</textarea>" in said(answer) and str(key) not in said(answer)
    program = post("Third.", submit_key=key, json=True)
    assert program.status_code == 409 and program.json()["url"] == first.url
    assert Post.objects.get().text == "First."
    fresh = answer.context["form"]["submit_key"].value()
    post("Second.", submit_key=fresh)
    assert [written.text for written in Post.objects.order_by("id")] == ["First.", "Second."]


def test_two_people_may_have_the_same_key(alice, bob, channels):
    key = uuid.uuid4()
    Post.objects.publish(alice, "Hers.", submit_key=key)
    Post.objects.publish(bob, "His.", [x_channel(bob, "bob")], submit_key=key)
    assert Post.objects.count() == 2


def test_the_console_cannot_publish_to_somebody_elses_channel(alice, bob):
    with pytest.raises(ValidationError, match="somebody else's"):
        Post.objects.publish(alice, "Hello!", [x_channel(bob, "bob")])
    assert not Post.objects.exists()


def test_each_page_has_a_key_of_its_own(browser_of_alice, channels):
    keys = [browser_of_alice.get("/posts/new/").context["form"]["submit_key"].value() for _ in "12"]
    assert keys[0] != keys[1]


# ── At a time ─────────────────────────────────────────────────────────────────────────────────
def test_a_time_is_meant_in_the_persons_zone(post):
    post(when="later", at=tomorrow("18:00"))
    written = Post.objects.get()
    local = written.due_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert (f"{local:%H:%M}", written.time_zone) == ("18:00", "Europe/Berlin")
    waiting = {(d.waiting_for, d.due_at, d.next_attempt_at) for d in written.deliveries.all()}
    assert waiting == {("time", written.due_at, written.due_at)}


def test_a_time_with_an_offset_is_that_moment(post):
    post(when="later", at=f"{tomorrow('18:00')}+05:00")
    assert f"{Post.objects.get().due_at.astimezone(UTC):%H:%M}" == "13:00"


def last_sunday(month):
    """Of next year, when Europe changes its clocks."""
    last = date(timezone.now().year + 1, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def test_a_time_that_does_not_exist_is_refused(post):
    response = post(when="later", at=f"{last_sunday(3)}T02:30")
    assert "02:30 does not exist on" in said(response)
    assert not Post.objects.exists()


def test_a_time_that_comes_twice_is_the_first_and_said(post, browser_of_alice):
    response = post(when="later", at=f"{last_sunday(10)}T02:30")
    assert "comes twice" in said(browser_of_alice.get(response.url))
    day = last_sunday(10)
    assert Post.objects.get().due_at == datetime(day.year, 10, day.day, 0, 30, tzinfo=UTC)


def test_now_ignores_a_time_that_was_typed(post):
    assert post(when="now", at="nonsense").status_code in (302, 400)
    post(when="now", at=tomorrow())
    assert Post.objects.latest("id").due_at is None


# ── The composer ──────────────────────────────────────────────────────────────────────────────
def test_the_last_choice_is_remembered(post, channels, browser_of_alice):
    def chosen():
        return browser_of_alice.get("/posts/new/").context["chosen"]

    assert chosen() == {str(channel.id) for channel in channels}
    post(to=channels[1:])
    assert chosen() == {str(channels[1].id)}
    channels[1].disconnect()
    assert chosen() == {str(channels[0].id)}


def test_the_counters_say_what_the_server_will(browser_of_alice, channels):
    form = {"text": "漢" * 141, "channels": [channel.id for channel in channels]}
    counters = browser_of_alice.post(reverse("posts:lengths"), form).context["counters"]
    counted = {counter.label: counter.length for counter in counters}
    assert (counted["X"].used, counted["X"].fits) == (282, False)
    assert (counted["Facebook"].used, counted["Facebook"].fits) == (141, True)
