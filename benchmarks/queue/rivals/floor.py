"""No queue at all."""

OUTSIDE = False


def left() -> bool:
    return False
