"""The networks we know: one literal dict, one file each."""

from .base import Network
from .ff.network import Facebook
from .xx.network import X

NETWORKS: dict[str, Network] = {"x": X(), "facebook": Facebook()}
