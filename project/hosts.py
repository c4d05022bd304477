"""What the settings know of where this instance is: on somebody's own machine, or under a name that
others reach. Used by project/settings.py, so it asks no setting."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# As Django compares them: a name, a name and all below it, or an address.
HOST_PATTERN = re.compile(r"\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)

# Of letters that no proxy, browser or cookie writes in another way.
PATH_PATTERN = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/*")


def is_this_machine(host: str) -> bool:
    """Whether a host name or address, in brackets or without, leads nowhere but here."""
    host = host.strip().strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def host_of(url: str) -> str:
    """The host of an address, with or without a scheme; empty where there is none."""
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def checked_public_url(text: str) -> str:
    """`text` as PUBLIC_URL: scheme and host in small letters, no slash at its end. Raises
    ImproperlyConfigured for what is no address: cookies would go without TLS because of a
    capital letter, and every mail would lead nowhere."""
    address = text.strip()
    try:
        parts = urlsplit(address)
        place, host = parts.netloc.lower(), parts.hostname or ""
        is_address = parts.scheme in ("http", "https") and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if (
        not is_address
        or not address.isprintable()
        or set(address) & set("?#@")
        or not PATH_PATTERN.fullmatch(parts.path)
        or not HOST_PATTERN.fullmatch(f"[{host}]" if ":" in host else host)
    ):
        raise ImproperlyConfigured(
            f"PUBLIC_URL is {text!r}; it is like https://fanfare.example.org."
        )
    return f"{parts.scheme}://{place}{parts.path}".rstrip("/")


def refuse_debug_elsewhere(public_url: str, hosts: Iterable[str], origins: Iterable[str]) -> None:
    """Debug pages show settings, code and data to whoever causes an error, and one click signs in
    as the demo person. Raises ImproperlyConfigured where others could."""
    places = [("PUBLIC_URL", public_url, host_of(public_url))]
    places += [("ALLOWED_HOSTS", host, host) for host in hosts]
    places += [("CSRF_TRUSTED_ORIGINS", origin, host_of(origin)) for origin in origins]
    for name, value, host in places:
        if not is_this_machine(host):
            raise ImproperlyConfigured(
                f"DEBUG is on, and {name} has {value!r}, which is not this machine. DEBUG is for"
                " your own machine only: set DEBUG=0, or make a .env for a server with"
                " `python -m project.local --production https://…`."
            )


def check_allowed_hosts(hosts: Iterable[str]) -> None:
    """Raises ImproperlyConfigured for a host that stands for everybody's names, and for what is
    none, which nobody could ask for."""
    for host in hosts:
        if host.strip().strip(".") in ("", "*") or (host.startswith(".") and "." not in host[1:]):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS has {host!r}, which is any host: name the one people will use, for"
                " example fanfare.example.org."
            )
        if not HOST_PATTERN.fullmatch(host):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS has {host!r}; a host is like fanfare.example.org, without scheme,"
                " port or path."
            )
