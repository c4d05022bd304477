"""Uploads: what a network holds already, what it used up, and who waits for whom meanwhile."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries import uploads
from publishing.deliveries.claims import take
from publishing.deliveries.outgoing import outgoing_of, pictures_of
from publishing.deliveries.send import Sender
from publishing.deliveries.uploads import picture_for, upload_pictures
from social.networks.errors import Rejected
from social.networks.shapes import Uploaded
from social.timing import Window
from tests.pictures import drawn
from tests.publishing.factories import publish, reloaded

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def held(channel, monkeypatch):
    """A post with two pictures, and what the network was given."""
    given = []

    def upload(self, place_id, token, picture, seconds):
        given.append(picture.alt)
        return Uploaded(f"{len(given)}", timezone.now() + HOUR)

    monkeypatch.setattr(type(channel.network), "upload", upload)
    media = [(drawn(), "One"), (drawn(format="PNG"), "Two")]
    return publish(channel, media=media), given


def uploaded(delivery):
    """What the network holds of its pictures now."""
    return upload_pictures(delivery, pictures_of(delivery), "token", Window(30))


def ids_of(delivery):
    return [held.remote_id for held in uploaded(delivery)]


def test_a_picture_whose_row_is_gone_stops_the_send(held):
    """A post with fewer pictures than its person put there is another post."""
    delivery, given = held
    delivery.post.media.last().delete()
    with pytest.raises(Rejected, match="media_gone"):
        uploaded(reloaded(delivery))
    assert given == []


def test_a_picture_that_cannot_be_made_light_enough_is_refused(held, monkeypatch):
    monkeypatch.setattr(uploads, "fitted", lambda data, most: None)
    with pytest.raises(Rejected) as refused:
        picture_for(held[0].post.media.first(), 10)
    assert refused.value.reason == "media_refused" and "fit into 10 bytes" in str(refused.value)


def test_whoever_uploads_holds_no_database_meanwhile(held, monkeypatch):
    delivery, given = held
    waited = []

    @contextmanager
    def waiting_elsewhere():
        waited.append(len(given))
        yield

    monkeypatch.setattr("publishing.deliveries.uploads.waiting_elsewhere", waiting_elsewhere)
    assert ids_of(delivery) == ["1", "2"]
    assert waited == [0, 1]  # before each


def test_what_is_held_is_not_given_again_and_what_was_used_is(held):
    delivery, given = held
    assert take(delivery)
    held = uploaded(delivery)
    assert uploaded(reloaded(delivery)) == held and len(given) == 2
    assert Sender(delivery).write_ahead(outgoing_of(delivery, pictures=held))
    assert ids_of(reloaded(delivery)) == ["3", "4"]


def test_what_ends_before_the_post_would_name_it_is_given_anew(held):
    delivery, _ = held
    uploaded(delivery)
    delivery.uploads.filter(media=delivery.post.media.first()).update(
        expires_at=timezone.now() + HOUR / 12
    )
    assert ids_of(delivery) == ["3", "2"]


@pytest.mark.parametrize(
    "key, outcome, may_be_named",
    [
        ("k", "", True),  # nobody has said how it ended
        ("k", "unknown", True),
        ("k", "refused for now", True),
        ("k", "refused", False),
        ("k", "sent", False),
        ("", "", False),
        ("", "unknown", False),
    ],
)
def test_only_a_request_with_a_key_that_may_have_landed_shares_its_pictures(
    held, key, outcome, may_be_named
):
    delivery, _ = held
    assert take(delivery)
    pictures = uploaded(delivery)
    attempt = Sender(delivery).write_ahead(outgoing_of(delivery, pictures=pictures))
    ended = timezone.now() if outcome else None
    delivery.attempts.update(key=key, outcome=outcome, finished_at=ended)
    attempt.refresh_from_db()
    assert attempt.may_have_landed is delivery.attempts.in_doubt().exists()
    assert ids_of(reloaded(delivery)) == (["1", "2"] if may_be_named else ["3", "4"])
