"""What Mastodon needs of the environment and of Django: nothing of anybody. Accounts live on
servers that their people name; in sandbox mode the sandbox is one."""

from ..declarations import NetworkSettings

SETTINGS = NetworkSettings(
    name="mastodon",
    label="Mastodon",
    apps=("social.networks.mastodon",),
    mark="networks/mastodon.svg",
    stylesheet="networks/mastodon.css",
)
