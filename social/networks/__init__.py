"""The networks that there are: a folder each, and a line each here."""

from .registry import Networks

NETWORKS = Networks(
    "social.networks.x",
    "social.networks.facebook",
    "social.networks.bluesky",
    "social.networks.mastodon",
)
