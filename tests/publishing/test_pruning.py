"""What is let go of, by the retention settings; and that nothing unfinished is."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.utils import timezone

from project.jobs.tasks import sweep_cache
from publishing.deliveries.claims import claim
from publishing.models import Attempt, Delivery, Media, MediaBytes, Verification
from publishing.pruning import prune_old
from publishing.states import STATES
from social.networks.errors import TemporaryError
from tests.publishing.factories import PUBLISHED, finish_send, publish, reloaded, x_channel
from tests.publishing.media.test_media_kept_and_pruned import state_of
from tests.publishing.media.test_posts_with_pictures import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def tried(channel):
    """Sent at the third try, and looked up in between."""
    delivery = publish(channel)
    for answer in (TemporaryError("unreachable"), TemporaryError("unreachable"), PUBLISHED):
        Delivery.objects.update(next_attempt_at=timezone.now())
        taken = claim(delivery.job_id)
        finish_send(taken, answer)
    Verification.objects.create(delivery=delivery, attempt=2, outcome="absent")
    return reloaded(delivery)


def test_tries_in_vain_go_and_how_it_ended_stays(tried, settings):
    settings.KEEP_ATTEMPTS = 30
    for days, attempts, verifications in [(29, 3, 1), (31, 1, 0)]:
        Delivery.objects.update(finished_at=timezone.now() - timedelta(days=days))
        prune_old()
        assert (Attempt.objects.count(), Verification.objects.count()) == (attempts, verifications)
    assert Attempt.objects.get().remote_id == reloaded(tried).remote_id


@pytest.mark.parametrize("state", STATES)
def test_what_is_unfinished_keeps_all_of_it(state, tried):
    in_doubt = {"next_verification_at": timezone.now()} if state == "unconfirmed" else {}
    sent = {"remote_id": tried.remote_id if state == "sent" else ""}
    Delivery.objects.update(
        state=state, finished_at=timezone.now() - timedelta(days=999), **sent, **in_doubt
    )
    prune_old()
    is_over = state in ("sent", "failed", "canceled")
    assert Attempt.objects.count() == (1 if is_over else 3)


def test_thumbnails_go_long_after_their_originals(alice, client_for, settings):
    write(x_channel(alice))
    for media in Media.objects.all():
        media.make_thumbnail()
    state_of(Delivery.objects.get(), "sent", 9)
    prune_old()
    count = MediaBytes.objects.count()
    assert count == Media.objects.count() > 0
    Media.objects.prune()
    for days, left in [(settings.KEEP_THUMBNAILS - 1, count), (settings.KEEP_THUMBNAILS + 1, 0)]:
        Media.objects.update(pruned_at=timezone.now() - timedelta(days=days))
        prune_old()
        assert MediaBytes.objects.count() == left
    assert Media.objects.count() == count
    page = client_for(alice).get(Delivery.objects.get().post.get_absolute_url())
    assert page.status_code == 200 and "Red beside blue" in page.content.decode()


def test_what_has_expired_in_the_cache_is_swept(db):
    cache = caches["default"]
    cache.set("old", 1, timeout=-1)
    cache.set_many({"kept": 1, "soon": 1}, timeout=3600)
    with connection.cursor() as cursor:
        old = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(hours=1))
        cursor.execute("UPDATE cache SET expires = %s WHERE cache_key LIKE '%%soon'", [old])
    sweep_cache()
    assert cache.get("kept") == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM cache WHERE cache_key LIKE '%soon'")
        assert cursor.fetchone()[0] == 0
