"""The make-believe networks, a line each."""

from .bluesky.network import Bluesky
from .core.network import Network
from .facebook.network import Facebook
from .mastodon.network import Mastodon
from .x.network import X

NETWORKS: dict[str, Network] = {
    network.name: network for network in (X(), Facebook(), Bluesky(), Mastodon())
}
