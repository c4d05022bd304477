"""One network with Alice's grant there, ready to be asked and posted to."""

from dataclasses import dataclass

from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.shapes import Grant, Outgoing, Published
from tests.sandbox import Sandbox

from .dancing import ALICE, BAKERY, FB_ALICE


@dataclass
class Stage:
    network: Network
    sandbox: Sandbox
    grant: Grant
    place_id: str
    handle: str
    place_grant: Grant  # what posts there are made and read with

    def publish(self, text: str = "Hello") -> Published:
        return self.network.publish(self.place_id, self.handle, Outgoing(text), self.place_grant)

    @property
    def token(self) -> str:
        return self.place_grant.access

    @property
    def made(self) -> list:
        return self.sandbox.truth(self.network.name)


def stage_of(name: str, sandbox: Sandbox) -> Stage:
    network = NETWORKS[name]
    token = sandbox.token(name, "alice" if name == "x" else FB_ALICE)
    scopes = tuple(token["scope"].split()) if name == "x" else ()
    grant = Grant(token["access_token"], token.get("refresh_token", ""), scopes=scopes)
    if name == "x":
        return Stage(network, sandbox, grant, ALICE, "alice", grant)
    page = next(page for page in token["pages"] if page["id"] == BAKERY)
    return Stage(network, sandbox, grant, BAKERY, "alicesbakery", Grant(page["access_token"]))
