"""What the database itself forbids."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from importing.models import ImportedItem, ImportRun, Timeline
from tests.publishing.factories import x_channel


@pytest.fixture
def timeline(alice):
    channel = x_channel(alice)
    return Timeline.objects.create(user=alice, kind="post", network_name="x", channel=channel)


def refused(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_one_timeline_of_a_kind_an_owner(timeline):
    same = {"user": timeline.user, "kind": "post", "network_name": "x", "channel": timeline.channel}
    refused(lambda: Timeline.objects.create(**same))


def test_posts_are_of_a_channel_and_likes_of_a_connection(timeline):
    whose = {"user": timeline.user, "network_name": "x"}
    connection = timeline.channel.connection
    refused(lambda: Timeline.objects.create(**whose, kind="post", connection=connection))
    refused(lambda: Timeline.objects.create(**whose, kind="like", channel=timeline.channel))
    refused(lambda: Timeline.objects.create(**whose, kind="like"))
    Timeline.objects.create(**whose, kind="like", connection=connection)


def test_two_runs_of_one_timeline_cannot_be_open(timeline):
    first = ImportRun.objects.create(timeline=timeline)
    refused(lambda: ImportRun.objects.create(timeline=timeline, state="running"))
    ImportRun.objects.filter(pk=first.pk).update(state="finished")
    ImportRun.objects.create(timeline=timeline, state="running")


def test_an_item_is_there_once(timeline):
    def add():
        ImportedItem.objects.create(
            timeline=timeline,
            user=timeline.user,
            kind="post",
            network_name="x",
            first_id="1",
            remote_id="1",
            created_at=timezone.now(),
        )

    add()
    refused(add)
