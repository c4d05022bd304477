"""Uploads: what a network holds already, what it used up, and who waits for whom meanwhile."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.claims import take
from publishing.deliveries.send import Sender
from publishing.deliveries.uploads import upload_pictures
from social.networks.errors import Rejected
from social.networks.shapes import Uploaded
from social.timing import Window
from tests.pictures import drawn
from tests.publishing.conftest import fresh, publish

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


def test_a_picture_whose_row_is_gone_stops_the_send(held):
    """A post with fewer pictures than its person put there is another post."""
    delivery, given = held
    delivery.post.media.last().delete()
    with pytest.raises(Rejected, match="media_gone"):
        upload_pictures(fresh(delivery), "token", Window(30))
    assert given == []


def test_whoever_uploads_holds_no_database_meanwhile(held, monkeypatch):
    delivery, given = held
    waited = []

    @contextmanager
    def waiting_elsewhere():
        waited.append(len(given))
        yield

    monkeypatch.setattr("publishing.deliveries.uploads.waiting_elsewhere", waiting_elsewhere)
    assert upload_pictures(delivery, "token", Window(30)) == ["1", "2"]
    assert waited == [0, 1]  # before each


def test_what_is_held_is_not_given_again_and_what_was_used_is(held):
    delivery, given = held
    assert take(delivery)
    ids = upload_pictures(delivery, "token", Window(30))
    assert upload_pictures(fresh(delivery), "token", Window(30)) == ids and len(given) == 2
    assert Sender(delivery).write_ahead(ids)
    assert upload_pictures(fresh(delivery), "token", Window(30)) == ["3", "4"]


def test_what_ends_before_the_post_would_name_it_is_given_anew(held):
    delivery, _ = held
    upload_pictures(delivery, "token", Window(30))
    delivery.uploads.filter(media=delivery.post.media.first()).update(
        expires_at=timezone.now() + HOUR / 12
    )
    assert upload_pictures(delivery, "token", Window(30)) == ["3", "2"]
