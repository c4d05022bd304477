from social.networks.shapes import Grant
from tests.sandbox import Sandbox

from ..dancing import BAKERY, FB_ALICE


def alices(sandbox: Sandbox) -> tuple[Grant, str, str, Grant]:
    """Her grant, a Page's id and handle, and what is posted there with."""
    token = sandbox.token("facebook", FB_ALICE)
    page = next(page for page in token["pages"] if page["id"] == BAKERY)
    return Grant(token["access_token"]), BAKERY, "alicesbakery", Grant(page["access_token"])
