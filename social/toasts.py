"""What a page says after an act that can be undone."""

from django.contrib import messages
from django.http import HttpRequest


def say_with_undo(request: HttpRequest, words: str, undo_url: str) -> None:
    """Say `words` on the next page, beside a button that posts to `undo_url`: it needs no script,
    and works as long as the page is open. What cannot be undone any more, that address says."""
    messages.success(request, words, extra_tags=undo_url)
