"""What goes along with each of our static files."""

from collections.abc import MutableMapping

NO_DOCUMENT = "default-src 'none'"


def add_static_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """A file is no page that loads others: the policy of pages would weigh as much as some of the
    files, and allow more."""
    headers["Content-Security-Policy"] = NO_DOCUMENT
