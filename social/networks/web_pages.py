"""Pages of the web that a text names, and the pictures that these name, read by the guard that
servers of people's naming have: only from a public address at the other end of the socket, at its
usual port, and little of it."""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests.utils import get_environ_proxies

from social.reasons import Reason
from social.timing import Window

from .errors import NetworkError, Rejected
from .homes import name_in_dns, sandbox_schemes
from .http import HomeAdapter, wire_error

PAGE_DEADLINE = 5.0  # seconds for all of it, with what it redirects to
PAGE_LIMIT = 512 * 1024  # bytes of a page that are read; the rest is left
PICTURE_LIMIT = 5 * 1024 * 1024  # bytes of a picture; a larger one is none
MOST_REDIRECTS = 3
MOST_ADDRESS_LETTERS = 2_000  # of an address
USUAL_PORTS = {"https": 443, "http": 80}
HTML = ("text/html", "application/xhtml+xml")
PICTURE_MIMES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")


@dataclass(frozen=True)
class PageKind:
    """What is read of the web: pages of these content types, so many bytes of each, and who says to
    ask for them."""

    content_types: tuple[str, ...]
    limit: int = PAGE_LIMIT
    user_agent: str = "Fanfare (link preview)"

    @property
    def headers(self) -> dict[str, str]:
        return {
            "User-Agent": self.user_agent,
            "Accept": ", ".join(self.content_types),
            "Accept-Encoding": "identity",  # a small answer must not unfold into a big one
        }

    def is_met_by(self, response: requests.Response) -> bool:
        """Whether it is such a page, and as it stands."""
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        is_plain = response.headers.get("Content-Encoding", "identity").lower() == "identity"
        is_wanted = kind in self.content_types
        return response.status_code == requests.codes.ok and is_wanted and is_plain


LINKED_PAGE, LINKED_PICTURE = PageKind(HTML), PageKind(PICTURE_MIMES, PICTURE_LIMIT)


@dataclass(frozen=True)
class WebPage:
    """The beginning of a page, at the address where it was."""

    address: str
    content_type: str
    data: bytes


class PageAdapter(HomeAdapter):
    """The same guard; of an answer only the beginning is read, and where it is of this kind, and it
    sets no clock."""

    def __init__(self, host: str, address: str, deadline: float, page_kind: PageKind) -> None:
        self.page_kind = page_kind
        super().__init__(host, address, deadline)

    def take(self, response: requests.Response) -> None:
        data = bytearray()
        if self.page_kind.is_met_by(response):
            for chunk in response.iter_content(65536):
                data += chunk
                if len(data) >= self.page_kind.limit:
                    break
        response.close()
        response._content, response._content_consumed = bytes(data[: self.page_kind.limit]), True


def is_readable(address: str) -> bool:
    """Whether such an address is asked at all; nobody is asked for that. In sandbox mode only the
    sandbox is."""
    try:
        return bool(origin_of(address))
    except ValueError:
        return False


def origin_of(address: str) -> tuple[str, str]:
    """(scheme, host) of the server of an address that is asked. Raises ValueError for others."""
    if len(address) > MOST_ADDRESS_LETTERS:
        raise ValueError("an address of too many letters")
    parts = urlsplit(address)
    scheme, schemes = parts.scheme.lower(), sandbox_schemes()
    if settings.SANDBOX_MODE:
        if schemes.get(parts.netloc) != scheme:
            raise ValueError("in sandbox mode only the sandbox is asked")
        return scheme, parts.netloc
    if "@" in parts.netloc or parts.port not in (None, USUAL_PORTS.get(scheme)):
        raise ValueError("with a password, or not at its usual port")
    if scheme not in USUAL_PORTS:
        raise ValueError("no address of the web")
    return scheme, name_in_dns(parts.hostname or "")


def read_page(address: str, page_kind: PageKind = LINKED_PAGE) -> WebPage:
    """The beginning of the page at `address`, or where that redirects to, each step guarded anew.
    No cookies, no passwords. Raises NetworkError for whatever is none, or does not come in time."""
    return read(address, page_kind)


def read_picture(address: str) -> WebPage:
    """The picture at `address`, by the same rules; what is in it nobody has looked at. Raises
    NetworkError, also for one of too many bytes."""
    picture = read(address, LINKED_PICTURE)
    if len(picture.data) >= PICTURE_LIMIT:
        raise Rejected(Reason.BAD_LINK, "a picture of too many bytes")
    return picture


def read(address: str, page_kind: PageKind) -> WebPage:
    window = Window(PAGE_DEADLINE)
    for _ in range(MOST_REDIRECTS + 1):
        response = ask(address, page_kind, window.left)
        if not response.is_redirect:
            break
        address = redirected(response, address)
    if not page_kind.is_met_by(response):
        raise Rejected(
            Reason.BAD_LINK, f"none of {page_kind.content_types[0]}: HTTP {response.status_code}"
        )
    return WebPage(address, response.headers["Content-Type"], response.content)


def redirected(response: requests.Response, address: str) -> str:
    """Where this answer of `address` sends us. Raises Rejected for what is no address."""
    try:
        return urljoin(address, response.headers["Location"])
    except ValueError as error:
        raise Rejected(Reason.BAD_LINK, str(error)) from error


def ask(address: str, page_kind: PageKind, deadline: float) -> requests.Response:
    """One request to one server. Raises NetworkError."""
    try:
        scheme, host = origin_of(address)
        parts = urlsplit(address)
        target = parts._replace(scheme=scheme, netloc=host, fragment="").geturl()
        request = requests.Request("GET", target, headers=page_kind.headers).prepare()
        proxies = {} if settings.SANDBOX_MODE else get_environ_proxies(target)
        adapter = PageAdapter(host, f"{scheme}://{host}", deadline, page_kind)
        return adapter.send(request, proxies=proxies)
    except NetworkError:
        raise
    except Exception as error:
        raise wire_error(error, None, creating=False) from error
