from urllib.parse import urlsplit

from social.networks.shapes import Grant
from tests.environment import NETWORKS_URL
from tests.sandbox import Sandbox

from ..dancing import BSKY_ALICE

HOME = urlsplit(NETWORKS_URL).netloc


def alices(sandbox: Sandbox) -> tuple[Grant, str, str, Grant, str]:
    """Her grant, her place's id and handle, what is posted there with, and her own id."""
    token = sandbox.token("bluesky", "alice.test")
    scopes = (token["scope"],)
    grant = Grant(token["access_token"], token["refresh_token"], scopes=scopes, home=HOME)
    return grant, BSKY_ALICE, "alice.test", grant, BSKY_ALICE
