"""A thousand Pages are promised: every form that lists channels takes them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishing.models import Delivery, Post
from social.models import Channel
from tests.publishing.factories import page_channel
from tests.publishing.pages import page_of, ticked_in

MANY = 1006
pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(alice) -> list[str]:
    first = page_channel(alice)
    now, alike = timezone.now(), {"connection": first.connection, "network_name": "facebook"}
    Channel.objects.bulk_create(
        Channel(remote_id=f"7{n:04}", name=f"Branch {n}", chosen_at=now, **alike)
        for n in range(1005)
    )
    return [str(id) for id in Channel.objects.values_list("pk", flat=True)]


def test_they_are_written_to_counted_and_changed(client_for, alice, ids):
    her = client_for(alice)
    at = f"{timezone.now() + timedelta(days=9):%Y-%m-%dT%H:%M}"
    fields = {"text": "To all.", "channels": ids, "when": "later", "at": at}
    assert page_of(her.get("/posts/new/")).count('name="channels"') == MANY
    assert "7</output> of 63,206" in page_of(her.post("/posts/lengths/", fields))
    assert len(ticked_in(page_of(her.post("/posts/", fields | {"attach": "1"})))) == MANY
    assert her.post("/posts/", fields).status_code == 302
    assert Delivery.objects.count() == MANY
    post = Post.objects.get()
    url = f"{post.get_absolute_url()}edit/"
    assert page_of(her.get(url)).count('name="channels"') == MANY
    with CaptureQueriesContext(connection) as asked:
        assert her.post(url, fields | {"text": "To all of you."}).status_code == 302
    of_channels = [q for q in asked.captured_queries if 'FROM "social_c' in q["sql"]]
    assert len(of_channels) < 20  # not one by one
    assert Post.objects.get().text == "To all of you."
    asks = re.findall(r"load delay:(\d+)ms", page_of(her.get(post.get_absolute_url())))
    assert [int(after) for after in asks] == [1000 + 50 * n for n in range(MANY)]  # not at once
    url_of_one = f"/status/{post.deliveries.first().job_id}?of={MANY}"
    again = page_of(her.get(url_of_one, headers={"Accept": "text/html"}))
    assert "delay:50s" in again


def test_they_are_chosen_at_once(client_for, alice, ids):
    Channel.objects.update(chosen_at=None)
    connection = Channel.objects.first().connection
    client_for(alice).post(f"/channels/connections/{connection.pk}/choices/", {"channels": ids})
    assert not Channel.objects.filter(chosen_at=None).exists()
