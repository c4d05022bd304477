from collections.abc import Iterator

import pytest

from project.webhooks.events import subscribers
from project.webhooks.models import Webhook
from social.models import Channel
from tests.publishing.factories import x_channel

from .receiver import Receiver, running_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture
def channel(alice) -> Channel:
    return x_channel(alice)


@pytest.fixture
def webhook(alice, receiver) -> Webhook:
    webhook = Webhook(user=alice, url=receiver.url)
    webhook.draw_secret()
    webhook.save()
    subscribers.forget()
    return webhook
