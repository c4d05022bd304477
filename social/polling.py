"""How often a page that waits for something asks again."""

from django.http import HttpRequest

MOST_A_SECOND = 20  # requests of one page, however much it asks about


def poll_delay(polls: int, of: int = 1) -> int:
    """Seconds until it asks again: every second for half a minute, then slower, up to 10. `of` is
    how many things on the page ask for themselves."""
    usual = 1 if polls < 30 else min(10, 2 + (polls - 30) // 5)
    return max(usual, of // MOST_A_SECOND)


def counted(request: HttpRequest, name: str = "polls") -> int:
    """The number that the page put into its address; 0 for nonsense."""
    told = request.GET.get(name, "")
    return int(told) if told.isdecimal() and len(told) < 7 else 0
