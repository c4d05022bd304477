"""What became of a post where it is stands on its page, as the last import read it."""

import pytest
from django.utils import timezone

from importing.models import ImportedItem, Timeline
from importing.reading.storing import store
from publishing.models import Delivery, Post
from social.networks.shapes import Item
from tests.publishing.factories import PUBLISHED, delivery_in_state, page_channel, x_channel


@pytest.fixture
def sent(alice) -> Delivery:
    return delivery_in_state(x_channel(alice), "sent")


def read_back(delivery: Delivery, **counts: int | None) -> Timeline:
    timeline, _ = Timeline.objects.of_owner(delivery.channel, "post")
    Timeline.objects.filter(pk=timeline.pk).update(read_at=timezone.now())
    item = Item(delivery.remote_id, delivery.content, created_at=timezone.now(), **counts)
    store(timeline, [item])
    ImportedItem.objects.filter(timeline=timeline).update(delivery=delivery)
    return timeline


def shown(client_for, delivery: Delivery) -> str:
    page = client_for(delivery.post.user).get(delivery.post.get_absolute_url())
    return " ".join(page.content.decode().split())


def test_before_it_was_read_nothing_is_said_of_it(client_for, sent):
    page = shown(client_for, sent)
    assert "Likes and answers: not read back yet." in page and "unknown" not in page


def test_what_the_network_tells_is_shown_with_its_time(client_for, sent):
    read_back(sent, likes=1, replies=12, reposts=0)
    page = shown(client_for, sent)
    assert "<strong>1</strong> like<" in page and "<strong>12</strong> answers" in page
    assert "<strong>0</strong> shares" in page and "as of <time" in page
    assert "not read back" not in page and PUBLISHED.url in page


def test_what_it_does_not_tell_is_unknown_and_never_nought(client_for, sent):
    read_back(sent)
    page = shown(client_for, sent)
    assert "Likes: unknown" in page and "Answers: unknown" in page
    assert "<strong>0</strong>" not in page and "views" not in page


def test_what_is_gone_there_is_said(client_for, sent):
    read_back(sent, likes=3)
    ImportedItem.objects.update(gone_at=timezone.now())
    page = shown(client_for, sent)
    assert "not there any more" in page and "<strong>3</strong>" not in page


def test_the_fragment_that_a_page_polls_says_the_same(client_for, sent):
    read_back(sent, likes=5)
    address = f"/status/{sent.job_id}"
    page = client_for(sent.post.user).get(address, headers={"Accept": "text/html"})
    assert b"<strong>5</strong> likes" in page.content


def test_it_is_one_question_for_all_of_a_post(alice, client_for, django_assert_max_num_queries):
    channels = [x_channel(alice, f"alice{n}") for n in range(5)]
    post = Post.objects.publish(alice, "To all.", [*channels, page_channel(alice)])
    for delivery in post.deliveries.all():
        fields = {"state": "sent", "waiting_for": "", "remote_id": str(delivery.pk)}
        Delivery.objects.filter(pk=delivery.pk).update(**fields)
    her = client_for(alice)
    her.get(post.get_absolute_url())
    with django_assert_max_num_queries(20):
        page = her.get(post.get_absolute_url()).content.decode()
    assert page.count("not read back yet") == 6
