"""The developer apps registered at both networks, and the addresses they may return to."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

X_CALLBACK = "/accounts/twitter_oauth2/login/callback/"
FACEBOOK_CALLBACK = "/accounts/facebook/login/callback/"


@dataclass
class Client:
    id: str
    secret: str
    redirect_uris: set[str] = field(default_factory=set)

    def has_secret(self, given: str) -> bool:
        return secrets.compare_digest(self.secret.encode(), given.encode())


class Clients:
    def __init__(self, x: Client, facebook: Client) -> None:
        self.x, self.facebook = x, facebook
        self.apps: list[str] = []

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Clients":
        x = Client(
            env.get("X_CLIENT_ID") or "sandbox-x-client",
            env.get("X_CLIENT_SECRET") or "sandbox-x-secret",
        )
        facebook = Client(
            env.get("FACEBOOK_APP_ID") or "1000000000000001",
            env.get("FACEBOOK_APP_SECRET") or "sandbox-facebook-secret",
        )
        return cls(x, facebook)

    def register(self, app: str) -> None:
        """An app's own address: scheme and host; where each network returns to follows from it."""
        parts = urlsplit(app)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"not the address of an app: {app!r}")
        app = app.rstrip("/")
        if app not in self.apps:
            self.apps.append(app)
        self.x.redirect_uris.add(app + X_CALLBACK)
        self.facebook.redirect_uris.add(app + FACEBOOK_CALLBACK)

    def to_json(self) -> dict:
        return {
            "apps": self.apps,
            "x": {"client_id": self.x.id, "redirect_uris": sorted(self.x.redirect_uris)},
            "facebook": {
                "app_id": self.facebook.id,
                "redirect_uris": sorted(self.facebook.redirect_uris),
            },
        }


def default_apps(env: Mapping[str, str]) -> list[str]:
    if env.get("PUBLIC_URL"):
        return [env["PUBLIC_URL"]]
    port = env.get("PORT") or "8000"
    return [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]
