"""Everything the sandbox knows, behind one lock. A reset puts it back; clients stay registered."""

import hashlib
import itertools
import random
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from . import presets
from .clients import Clients
from .clock import Clock
from .faults import Faults

JOURNAL_LENGTH = 10_000
FIXTURES = ("default", "large", "empty", "crowd")


class World:
    """`networks` are by name. What one of them holds is an attribute of that name."""

    def __init__(
        self,
        networks: Mapping[str, Any],  # Network: core/network.py, which knows this class
        clients: Clients,
        seed: int = 1,
        fixture: str = "default",
    ) -> None:
        self.lock = threading.RLock()
        self.networks, self.clients = networks, clients
        self.presets = presets.catalogue(networks.values())
        self.states: dict[str, Any] = {}
        self.host = ""  # what its clients call this server: global ids end with it
        self.epoch = 0  # a request that was hanging across a reset must not touch the new world
        self.journal: deque[dict] = deque(maxlen=JOURNAL_LENGTH)
        self.journal_numbers = itertools.count(1)
        self.reset(seed, fixture)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["states"][name]
        except KeyError:
            raise AttributeError(name) from None

    def reset(self, seed: int, fixture: str, crowd: int = 400) -> None:
        """Raises ValueError for a fixture that nobody knows."""
        if fixture not in FIXTURES:
            raise ValueError(f"no fixture {fixture!r}; there are {', '.join(FIXTURES)}")
        self.epoch += 1
        self.seed, self.fixture, self.crowd = seed, fixture, crowd
        self.clock, self.faults = Clock(), Faults(seed)
        self.states = {name: network.new_state() for name, network in self.networks.items()}
        self.dice = random.Random(seed)  # noqa: S311  the same run for the same seed
        self._secrets: dict[str, int] = {}
        self.journal.clear()
        for network in self.networks.values():
            if fixture in network.fixtures:
                network.fixtures[fixture](self)

    def now(self) -> float:
        return self.clock.now()

    def secret(self, kind: str, subject: str, length: int = 40) -> str:
        """The n-th of its kind for this person: the same for the same seed, and never somebody
        else's, so that a token kept from an earlier run cannot turn into another person's."""
        name = f"{self.seed}|{kind}|{subject}"
        self._secrets[name] = self._secrets.get(name, 0) + 1
        text = f"{name}|{self._secrets[name]}"
        return hashlib.sha256(text.encode()).hexdigest()[:length]
