"""How often a page that waits for something asks again."""

from django.http import HttpRequest

REQUESTS_PER_SECOND = 20  # of one page at most, however much it asks about


def poll_delay(polls: int, of: int = 1) -> int:
    """Seconds until it asks again: every second for half a minute, then slower, up to 10. `of` is
    how many things on the page ask for themselves."""
    usual = 1 if polls < 30 else min(10, 2 + (polls - 30) // 5)
    return max(usual, of // REQUESTS_PER_SECOND)


def poll_count(request: HttpRequest, name: str = "polls") -> int:
    """The number that the page put into its address as `name`; 0 for nonsense."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 7 else 0
