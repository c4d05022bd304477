"""The networks we know: one literal dict, one file each."""

from .base import Network
from .facebook import Facebook
from .x import X

NETWORKS: dict[str, Network] = {"x": X(), "facebook": Facebook()}
