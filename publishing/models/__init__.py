"""Posts, deliveries and attempts: what was written, where it goes, how each try ended."""

from .attempt import Attempt
from .delivery import Delivery
from .look import Look
from .post import Post

__all__ = ["Attempt", "Delivery", "Look", "Post"]
