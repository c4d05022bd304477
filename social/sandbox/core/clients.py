"""The developer apps registered at the networks, and the addresses they may return to."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Client:
    """Our app at one network. `callback` is the path to which people come back from there, and
    `id_name` what that network calls the id."""

    id: str
    secret: str
    callback: str
    id_name: str = "client_id"
    redirect_uris: set[str] = field(default_factory=set)

    def has_secret(self, given: str) -> bool:
        return secrets.compare_digest(self.secret.encode(), given.encode())


class Clients(Mapping[str, Client]):
    """By network."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        self.clients = clients
        self.apps: list[str] = []

    def __getitem__(self, network: str) -> Client:
        return self.clients[network]

    def __iter__(self) -> Iterator[str]:
        return iter(self.clients)

    def __len__(self) -> int:
        return len(self.clients)

    def register(self, app: str) -> None:
        """An app's own address: scheme and host; where each network returns to follows from it.
        Raises ValueError for what is none."""
        parts = urlsplit(app)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"not the address of an app: {app!r}")
        app = app.rstrip("/")
        if app not in self.apps:
            self.apps.append(app)
        for client in self.clients.values():
            client.redirect_uris.add(app + client.callback)

    def to_json(self) -> dict:
        shown = {
            name: {client.id_name: client.id, "redirect_uris": sorted(client.redirect_uris)}
            for name, client in self.clients.items()
        }
        return {"apps": self.apps, **shown}


def default_apps(env: Mapping[str, str]) -> list[str]:
    if env.get("PUBLIC_URL"):
        return [env["PUBLIC_URL"]]
    port = env.get("PORT") or "8000"
    return [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]
