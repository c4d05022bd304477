from collections.abc import Callable

import pytest

from social.models import Channel
from tests.people import create_person
from tests.publishing.factories import page_channel, x_channel
from tests.sandbox import Sandbox

from . import faults


@pytest.fixture
def crowd(sandbox: Sandbox) -> Callable[[str], Channel]:
    """A channel of somebody new, each time."""
    faults.open_up(sandbox)
    numbers = iter(range(400))

    def channel(network: str) -> Channel:
        number = next(numbers)
        name = f"crowd{number:03d}"
        if network == "x":
            return x_channel(create_person(name), told=sandbox.token("x", name))
        told = sandbox.token("facebook", str(910000000000000 + number))
        return page_channel(create_person(name), told=told)

    return channel
