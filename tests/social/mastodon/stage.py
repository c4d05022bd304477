from social.networks.shapes import Grant
from tests.sandbox import Sandbox

from ..dancing import HOST, MAST_ALICE


def alices(sandbox: Sandbox) -> tuple[Grant, str, str, Grant, str]:
    """Her grant, her place's id and handle, what is posted there with, and her own id."""
    token = sandbox.token("mastodon", "alice")
    app = {name: token[name] for name in ("client_id", "client_secret")}
    scopes = tuple(token["scope"].split())
    grant = Grant(token["access_token"], scopes=scopes, home=HOST, extra=app)
    account = f"{MAST_ALICE}@{HOST}"
    return grant, account, "alice@meadow.test", grant, account
