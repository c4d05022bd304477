"""The networks we know: one literal dict, one file each."""

from .base import Network
from .facebook.network import Facebook
from .x.network import X

NETWORKS: dict[str, Network] = {"x": X(), "facebook": Facebook()}
