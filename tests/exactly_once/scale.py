"""How fast a chaos lives: its TIME_SCALE, and the times of its own that follow it."""

# A second of a lease, a window or a network is 1/8 s. A worker that was killed needs seconds to
# start again, whatever the scale: that must not be a silence, after which all that is due is in
# doubt.
SCALE = 0.12


def slower(scale: float) -> float:
    """By which everything else takes longer under a larger `scale` than SCALE: a slow machine
    starts a worker in seconds, and would be struck again before that. Under a smaller one nothing
    is shorter."""
    return max(1.0, scale / SCALE)
