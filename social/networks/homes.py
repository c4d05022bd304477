"""Homes: the servers that an account can live on, where a network has many, as people name them.

A home is known by the host name of its API; ids of accounts and posts there are made global by
their network (`id@host`, an at-URI), so that no row needs another column to tell them apart.
"""

import re
from urllib.parse import urlsplit

import idna
from django.conf import settings

from social.reasons import Reason

from .errors import Rejected

LONGEST_HOST = 253  # characters (RFC 1035)
HANDLE = re.compile(r"@?[^@:/?#\s]+@([^@/?#\s]+)")  # ada@green.example, as people write themselves


def host_named(typed: str) -> str:
    """The host that a person means by `green.example`, `https://green.example/@ada` or
    `@ada@green.example`, as it is called in the DNS. Raises Rejected `home_unknown` for what is no
    name of a server, or would be reached otherwise than by https at its usual port."""
    typed = typed.strip()
    bare = re.sub(r"^https?://|/$", "", typed)
    if bare in sandbox_schemes():
        return bare
    if handle := HANDLE.fullmatch(typed):
        typed = handle[1]
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host, port = parts.hostname or "", parts.port
        if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc:
            raise ValueError("not by https at its usual port")
        host = name_in_dns(host)
    except ValueError as error:  # IDNAError is one as well
        raise Rejected(Reason.HOME_UNKNOWN, f"{type(error).__name__}: {error}") from error
    return host


def name_in_dns(host: str) -> str:
    """The name of a server as it is called in the DNS. Raises ValueError for what is none, such as
    an address."""
    host = idna.encode(host.rstrip("."), uts46=True).decode("ascii")
    # A top-level domain has a letter: what has none is an address, however it is written.
    if "." not in host or len(host) > LONGEST_HOST or not re.search(r"\.[a-z][^.]*$", host):
        raise ValueError("no name of a server")
    return host


def sandbox_home() -> str:
    """The server that all make-believe accounts live on; empty outside of sandbox mode."""
    return next(iter(sandbox_schemes()), "")


def sandbox_schemes() -> dict[str, str]:
    """host:port → scheme, of where the make-believe networks listen; empty outside of sandbox
    mode."""
    if not settings.SANDBOX_MODE:
        return {}
    addresses = [urlsplit(getattr(settings, name)) for name in settings.NETWORK_HOMES.values()]
    return {address.netloc: address.scheme for address in addresses}
