"""What X needs of the environment and of Django. X: docs.x.com, "OAuth 2.0" (scopes)."""

from collections.abc import Mapping
from typing import Any

from ..declarations import Credential, Host, NetworkSettings

SCOPES = [
    "tweet.read",
    "tweet.write",
    "users.read",
    "offline.access",
    "media.write",
    "like.read",
    "follows.read",
]


def provider_settings(values: Mapping[str, str]) -> dict[str, Any]:
    app = {"client_id": values["X_CLIENT_ID"], "secret": values["X_CLIENT_SECRET"], "key": ""}
    return {"APP": app, "SCOPE": SCOPES}


SETTINGS = NetworkSettings(
    name="x",
    label="X",
    hosts=(
        Host(
            "X_API_URL",
            "https://api.x.com",
            "/x-api",
            answers_for=("https://api.x.com/", "https://api.twitter.com/"),
        ),
        Host("X_AUTHORIZE_URL", "https://x.com/i/oauth2/authorize", "/x/i/oauth2/authorize"),
    ),
    credentials=(
        Credential("X_CLIENT_ID", "sandbox-x-client"),
        Credential("X_CLIENT_SECRET", "sandbox-x-secret", is_secret=True),
    ),
    apps=("social.networks.x",),
    urls="social.networks.x.urls",
    provider="twitter_oauth2",
    provider_settings=provider_settings,
    redirect_origins=("https://twitter.com",),
    picture_origins=("https://pbs.twimg.com",),
    loud_loggers=("tweepy",),
    stylesheet="networks/x.css",
    mark="networks/x.svg",
    same_hosts={
        f"{name}{host}": "x.com"
        for host in ("twitter.com", "x.com")
        for name in ("", "www.", "mobile.")
    },
    hidden_links=r"https?://(?:x|twitter)\.com/[^/\s]+/status/\d+/(?:photo|video)/\d+",
)
