"""What a page says when something was canceled: with Undo, while that could do anything."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from publishing.deliveries.returning import may_return
from social.toasts import say_with_undo

from .post import Post
from .stopping import canceled_by


def say_canceled(request: HttpRequest, post: Post, at: datetime, words: str) -> None:
    """Say `words` of the cancel that was noted as at `at`."""
    if not any(may_return(delivery) for delivery in canceled_by(post, at)):
        messages.success(request, words)
        return
    address = reverse("posts:return", args=[post.public_id])
    query = urlencode({"canceled_at": at.isoformat()})
    say_with_undo(request, words, f"{address}?{query}")
