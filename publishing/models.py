"""The rows of this room: what was written, where it goes, how each try ended, and the notices of
what a person has to know. Each is defined in the folder of its noun."""

from .bulk.bulk_act import BulkAct
from .calendar.calendar_feed import CalendarFeed
from .comments.comment import Comment
from .deliveries.announcing import delivery_ended, delivery_moved
from .deliveries.attempt import Attempt
from .deliveries.delivery import Delivery
from .deliveries.instance import Instance
from .deliveries.uploads import Upload
from .deliveries.verification import Verification
from .media.media import Media, MediaBytes
from .notices.notice import Notice
from .planning.draft import Draft, DraftVersion
from .planning.posting_time import PostingTime
from .posts.post import Post
from .reuse.channel_group import ChannelGroup
from .reuse.snippet import Snippet
from .reuse.tag import PostTag, Tag

__all__ = [
    "Attempt",
    "BulkAct",
    "CalendarFeed",
    "ChannelGroup",
    "Comment",
    "Delivery",
    "Draft",
    "DraftVersion",
    "Instance",
    "Media",
    "MediaBytes",
    "Notice",
    "Post",
    "PostTag",
    "PostingTime",
    "Snippet",
    "Tag",
    "Upload",
    "Verification",
    "delivery_ended",
    "delivery_moved",
]
