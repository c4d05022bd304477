"""One network with Alice's grant there, ready to be asked and posted to. Each network's own part is
`stage` in its folder of tests: with it, whatever is tested of all networks is tested of it."""

from dataclasses import dataclass
from importlib import import_module

from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.shapes import Grant, Outgoing, Published
from tests.sandbox import Sandbox


@dataclass
class Stage:
    network: Network
    sandbox: Sandbox
    grant: Grant
    place_id: str
    handle: str
    place_grant: Grant  # what posts there are made and read with
    remote_id: str  # hers, of the account that she is there

    def publish(self, text: str = "Hello") -> Published:
        return self.network.publish(self.place_id, self.handle, Outgoing(text), self.place_grant)

    @property
    def token(self) -> str:
        return self.place_grant.access

    @property
    def made(self) -> list:
        return self.sandbox.truth(self.network.name)


def stage_of(name: str, sandbox: Sandbox) -> Stage:
    parts = import_module(f"tests.social.{name}.stage").alices(sandbox)
    return Stage(NETWORKS[name], sandbox, *parts)
