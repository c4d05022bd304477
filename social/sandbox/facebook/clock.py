"""Times as Graph writes them."""

from datetime import UTC, datetime


def facebook_time(moment: float) -> str:
    """2026-11-21T23:50:33+0000, the only form Facebook uses."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
