"""Trouble at one place is not trouble at the others."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from publishing.models import Post
from social.models import Channel
from social.networks import NETWORKS
from tests.sandbox import Sandbox

pytestmark = pytest.mark.django_db


def pages_of(user: Any, sandbox: Sandbox) -> list[Channel]:
    told = sandbox.token("facebook", "100000000000001")
    call_command(
        "connect", user.username, "facebook", token=told["access_token"], stdout=StringIO()
    )
    return list(Channel.objects.of(user))


@pytest.mark.parametrize("preset", ["fb.10", "fb.200", "fb.190.492"])
def test_a_permission_that_one_page_lacks_stops_only_that_page(preset, alice, sandbox, run_jobs):
    pages = pages_of(alice, sandbox)
    sandbox.arm(preset)
    post = Post.objects.publish(alice, "To all Pages", pages)
    run_jobs()
    states = [(d.state, d.waiting_for) for d in post.deliveries.all()]
    assert len(pages) > 1
    # Looked up once before it waits: such a no has been said although the post was made.
    assert sorted(states) == [("sent", "")] * (len(pages) - 1) + [("unconfirmed", "")]
    assert sum(channel.state == "reconnect" for channel in Channel.objects.of(alice)) == 1


@pytest.mark.parametrize("character", ["\ufffe", "\ufeff", "\uffff"])
def test_a_character_that_x_refuses_is_named(character):
    (said,) = NETWORKS["x"].refusals(f"a{character}b")
    assert f"U+{ord(character):04X}" in said
    assert not NETWORKS["facebook"].refusals(f"a{character}b")
