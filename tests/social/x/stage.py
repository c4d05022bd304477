from social.networks.shapes import Grant
from tests.sandbox import Sandbox

from ..dancing import ALICE


def alices(sandbox: Sandbox) -> tuple[Grant, str, str, Grant, str]:
    """Her grant, her place's id and handle, what is posted there with, and her own id."""
    token = sandbox.token("x", "alice")
    scopes = tuple(token["scope"].split())
    grant = Grant(token["access_token"], token["refresh_token"], scopes=scopes)
    return grant, ALICE, "alice", grant, ALICE
