"""Posts, their pictures, deliveries and attempts: what was written, where it goes, how each try
ended; and the notices of what a person has to know."""

from .attempt import Attempt
from .delivery import Delivery, delivery_ended
from .instance import Instance
from .look import Look
from .media import Media, MediaBytes
from .notice import Notice
from .post import Post
from .uploading import Upload

__all__ = [
    "Attempt",
    "Delivery",
    "Instance",
    "Look",
    "Media",
    "MediaBytes",
    "Notice",
    "Post",
    "Upload",
    "delivery_ended",
]
