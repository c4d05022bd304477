"""How many jobs of a queue should run at a time."""

from math import ceil

HEADROOM_FACTOR = 1.25  # half of all minutes are busier than the average one
CATCH_UP_SECONDS = 60.0  # in which what waits now should be done as well


def advised_slots(rate: float, seconds: float, waiting: int) -> int:
    """For jobs that come at `rate` a second and take `seconds` each, while `waiting` of them wait.

    By Little's law: what is under way at a time is how much comes a second, times how long each
    takes. While jobs wait, more comes than was done lately."""
    coming = rate + waiting / CATCH_UP_SECONDS
    return max(1, ceil(coming * seconds * HEADROOM_FACTOR))
