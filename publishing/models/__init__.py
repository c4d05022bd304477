"""Posts, deliveries and attempts: what was written, where it goes, how each try ended."""

from .attempt import Attempt
from .delivery import Delivery
from .post import Post

__all__ = ["Attempt", "Delivery", "Post"]
