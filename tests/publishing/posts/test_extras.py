"""What more a network lets a person choose for a post: from the composer to the wire."""

import pytest
from django.core.exceptions import ValidationError

from publishing.models import Attempt, Delivery, Post
from social.networks.shapes import EXTRA_CHARACTERS
from tests.exporting import exported
from tests.publishing.factories import publish, reloaded, x_channel

pytestmark = pytest.mark.django_db
CHOSEN = {"extra_keyed_seen": "few", "extra_keyed_warning": "Bread"}
STORED = {"seen": "few", "warning": "Bread"}


@pytest.fixture
def her(client_for, alice):
    return client_for(alice)


@pytest.fixture
def there(finder, shelf):
    """A channel of the network that has extras."""
    return shelf()


def send_form(her, *channels, **more):
    form = {"text": "Fresh.", "channels": [c.pk for c in channels], "when": "now", **more}
    return her.post("/posts/", form, headers={"Accept": "text/html"})


def test_what_is_chosen_goes_along(her, there, finder, run_jobs):
    assert send_form(her, there, **CHOSEN).status_code == 302
    run_jobs()
    [request] = finder.requests
    assert request["extras"] == STORED
    assert Attempt.objects.get().extras == Delivery.objects.get().extras == STORED


def test_what_is_left_empty_is_left_out(her, there, finder, run_jobs):
    send_form(her, there, extra_keyed_seen="", extra_keyed_warning=" ")
    run_jobs()
    assert finder.requests[0]["extras"] == {}


def test_the_composer_offers_it_for_that_network_only(her, there, alice):
    x_channel(alice)
    page = her.get("/posts/new/").content.decode()
    assert "More for Keyed" in page and "Few means few." in page
    assert page.count('name="extra_') == 2
    assert '<select name="extra_keyed_seen"' in page and ">As usual</option>" in page


def test_who_has_no_such_network_sees_nothing_of_it(her, alice):
    x_channel(alice)
    page = her.get("/posts/new/").content.decode()
    assert "extra_" not in page and "More for" not in page


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"extra_keyed_seen": "everybody"}, "Who sees it at Keyed: choose one of what it offers."),
        ({"extra_keyed_warning": "a" * (EXTRA_CHARACTERS + 1)}, "Content warning may have 500"),
        ({"extra_keyed_warning": "a" * 95}, "Too long for Keyed: 101 of 100 characters."),
        ({"extra_keyed_warning": "a\0"}, "Null characters are not allowed."),
    ],
)
def test_what_will_not_do_is_said_and_what_was_chosen_stays(her, there, more, says):
    answer = send_form(her, there, **{**CHOSEN, **more})
    page = answer.content.decode()
    assert answer.status_code == 400 and says in page and not Post.objects.exists()
    assert ("Bread" in page) == ("extra_keyed_warning" not in more)


def test_programs_are_refused_what_it_does_not_know(there):
    with pytest.raises(ValidationError, match="knows no 'mood'"):
        publish(there, extras={"keyed": {"mood": "good"}})


def test_it_counts_where_the_network_counts_it(her, there):
    form = {"text": "Fresh.", "channels": [there.pk], **CHOSEN}
    assert "11</output> of 100" in her.post("/posts/lengths/", form).content.decode()


def test_it_is_shown_and_changed_with_the_post(her, there):
    delivery = publish(there, at=None, extras={"keyed": STORED})
    page = her.get(delivery.post.get_absolute_url()).content.decode()
    assert "Who sees it:</span> <bdi>Few</bdi>" in page and "<bdi>Bread</bdi>" in page
    edit = f"{delivery.post.get_absolute_url()}edit/"
    page = her.get(edit).content.decode()
    assert '<option value="few" selected>Few</option>' in page and 'value="Bread"' in page
    form = {"text": "Fresh.", "when": "now", "seen": "first", "extra_keyed_warning": "Cake"}
    assert her.post(edit, form).status_code == 302
    assert reloaded(delivery).extras == {"warning": "Cake"}


def test_what_is_edited_without_a_word_of_it_keeps_it(there):
    delivery = publish(there, extras={"keyed": STORED})
    for _ in range(2):  # a second click
        assert delivery.post.edit("Other words.", None, "UTC", seen="first")
    assert reloaded(delivery).extras == STORED


def test_the_latest_choice_is_sent(there, finder, run_jobs):
    delivery = publish(there, extras={"keyed": STORED})
    assert delivery.post.edit("Fresh.", None, "UTC", extras={"keyed": {"seen": "few"}})
    run_jobs()
    assert finder.requests[0]["extras"] == {"seen": "few"}


def test_published_anew_it_begins_with_what_was_chosen(her, there, finder, run_jobs):
    finder.fates = ["refused"]
    delivery = publish(there, extras={"keyed": STORED})
    run_jobs()
    page = her.get(f"/posts/new/?again={delivery.job_id}").content.decode()
    assert '<option value="few" selected>' in page and 'value="Bread"' in page


def test_another_choice_is_asked_about_and_no_second_post(her, there):
    key = {"submit_key": "5b0f4ea1-5b63-4bb1-8aa0-0c0f6bb6a6c5"}
    answers = [send_form(her, there, **key, **more) for more in ({}, {}, CHOSEN)]
    assert [answer.status_code for answer in answers] == [302, 302, 409]
    assert Post.objects.count() == 1


def test_it_is_exported(her, there, alice, run_jobs):
    publish(there, extras={"keyed": STORED})
    run_jobs()
    data = exported(alice)
    assert data["deliveries"][0]["extras"] == data["attempts"][0]["extras"] == STORED
    assert len(data["attempts"][0]["key"]) == 64
