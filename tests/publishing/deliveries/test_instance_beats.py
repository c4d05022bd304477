"""The heartbeat of an instance beside others, in a copy, and after a silence."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.instance import SILENCE
from publishing.models import Instance

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def other():
    """Another machine on this database, seen a moment ago."""
    return Instance.objects.create(name="other", seen_at=timezone.now(), beats=7)


def stands(row):
    return Instance.objects.values().get(pk=row.pk)


def test_the_beat_of_one_machine_is_not_anothers(other):
    before = stands(other)
    assert Instance.objects.continue_beat("ours", 0) is None
    assert stands(other) == before
    assert Instance.objects.continue_beat("other", 7) == 8


@pytest.mark.parametrize("seen", [-SILENCE * 1.1, SILENCE * 1.1])
def test_after_a_silence_nobody_just_goes_on(other, seen):
    """Also not when a clock was ahead then."""
    Instance.objects.update(seen_at=timezone.now() + seen)
    before = stands(other)
    assert Instance.objects.continue_beat("other", 7) is None and stands(other) == before


def test_in_an_older_copy_nobody_just_goes_on(other):
    before = stands(other)
    assert Instance.objects.continue_beat("other", 8) is None and stands(other) == before


def test_a_machine_that_joins_waits_for_a_sign_of_another(other, settings):
    settings.TIME_SCALE = 0.01
    turned = []

    def still_here():
        turned.append(1)
        if len(turned) == 2:
            Instance.objects.continue_beat("other", 7)

    Instance.objects.wait_for_a_sign("ours", still_here)
    assert len(turned) == 2
    assert timezone.now() - Instance.objects.get().seen_at < SILENCE


def test_in_a_copy_there_is_no_sign_and_all_of_it_was_long_ago(other, settings):
    settings.TIME_SCALE = 0.01
    Instance.objects.wait_for_a_sign("ours")
    assert timezone.now() - Instance.objects.get().seen_at > SILENCE


def test_another_worker_of_this_machine_has_found_it_out(other, settings):
    settings.TIME_SCALE = 0.01
    Instance.objects.create(name="ours", seen_at=timezone.now() - HOUR)
    Instance.objects.wait_for_a_sign("ours")
    assert timezone.now() - Instance.objects.get(pk="other").seen_at < SILENCE


def test_looking_around_writes_down_oneself_and_forgets_who_is_long_gone(other):
    Instance.objects.create(name="gone", seen_at=timezone.now() - timedelta(days=31), beats=3)
    before = stands(other)
    assert Instance.objects.detect_gap_or_rollback("ours", 0) == 1
    assert set(Instance.objects.values_list("name", flat=True)) == {"other", "ours"}
    assert stands(other) == before
