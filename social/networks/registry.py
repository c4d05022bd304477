"""The networks that are listed, found by the names of their folders.

What a folder declares (`settings.py`) is read before there are any settings; its class
(`network.py`) when somebody first asks for it.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Network
    from .declarations import NetworkSettings


class Networks(MutableMapping[str, "Network"]):
    """name → network, in the order of the list."""

    def __init__(self, *modules: str) -> None:
        self.declared: dict[str, NetworkSettings] = {}
        self.loaded: dict[str, Network] | None = None
        self.modules: list[str] = []
        for module in modules:
            self.add(module)

    def add(self, module: str) -> None:
        """List one more. What Django's settings say of networks does not change by that."""
        declared: NetworkSettings = import_module(f"{module}.settings").SETTINGS
        self.modules.append(module)
        self.declared[declared.name] = declared
        if self.loaded is not None:
            self.loaded[declared.name] = import_module(f"{module}.network").NETWORK

    @property
    def networks(self) -> dict[str, "Network"]:
        if self.loaded is None:
            found = [import_module(f"{module}.network").NETWORK for module in self.modules]
            self.loaded = {network.name: network for network in found}
        return self.loaded

    def __getitem__(self, name: str) -> "Network":
        return (self.loaded or self.networks)[name]

    def __setitem__(self, name: str, network: "Network") -> None:
        self.networks[name] = network

    def __delitem__(self, name: str) -> None:
        del self.networks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.loaded or self.networks)

    def __len__(self) -> int:
        return len(self.networks)
