from social.networks.shapes import Grant
from tests.sandbox import Sandbox

from ..dancing import BAKERY, FB_ALICE


def alices(sandbox: Sandbox) -> tuple[Grant, str, str, Grant, str]:
    """Her grant, a Page's id and handle, what is posted there with, and her own id."""
    token = sandbox.token("facebook", FB_ALICE)
    page = next(page for page in token["pages"] if page["id"] == BAKERY)
    grant = Grant(token["access_token"])
    return grant, BAKERY, "alicesbakery", Grant(page["access_token"]), FB_ALICE
