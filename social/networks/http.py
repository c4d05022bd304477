"""The wire: where the networks live, how long we wait, what never left this machine.

The networks' libraries and allauth build their URLs with the real hosts; only the adapter mounted
here knows where those are. It also holds what none of them has: a deadline for the whole call, and
the knowledge whether anything of a request was sent.
"""

import functools
import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from django.conf import settings
from requests.adapters import BaseAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.poolmanager import PoolManager

from social.reasons import Reason
from social.timing import Window, scaled, ticks
from social.waiting import waiting_elsewhere

from . import clocks, tls
from .errors import NetworkError, OutcomeUnknown, Rejected, TemporaryError
from .homes import sandbox_schemes

CONNECT_TIMEOUT = 3.05
CALL_DEADLINE = 20.0  # seconds for one whole call, from connecting to the last byte
SIGN_IN_DEADLINE = 4.0  # the same while a person's browser waits: two calls in under 10 s
ANSWER_LIMIT = 2 * 1024 * 1024  # bytes
HOME_ANSWER_LIMIT = 512 * 1024  # bytes, of a server that somebody named
# Addresses of which a part is one of the older kind (RFC 6052, RFC 3056): that one is judged.
NAT64, SIX_TO_FOUR = ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16")


def prepare(session: requests.Session, deadline: float = CALL_DEADLINE) -> requests.Session:
    """Mount our adapter for the networks' hosts; in sandbox mode refuse every other host."""
    if settings.SANDBOX_MODE:
        session.mount("https://", Refuse())
        session.mount("http://", Refuse())
        session.trust_env = False  # no proxies, no .netrc
    # Never follow: a redirect may send the same post, or the same token, a second time.
    session.max_redirects = 0
    for prefix, name in settings.NETWORK_HOMES.items():
        session.mount(prefix, NetworkAdapter(name, getattr(settings, name), deadline))
    return session


def home_session(home: str, deadline: float = CALL_DEADLINE) -> requests.Session:
    """A session that reaches the server `home`, whose name a person typed, and nobody else: no
    redirects, no .netrc, small answers, and only a public address (see HomeAdapter)."""
    address = home_address(home)
    session = requests.Session()
    session.trust_env, session.max_redirects = False, 0
    session.mount("https://", Refuse())
    session.mount("http://", Refuse())
    if not settings.SANDBOX_MODE:
        session.proxies = get_environ_proxies(address)
    if not settings.SANDBOX_MODE or home in sandbox_schemes():
        session.mount(f"{address}/", HomeAdapter(home, address, deadline, may_be_private=True))
    return session


def home_address(home: str) -> str:
    """Where to ask the server `home`: by https at its usual port; the sandbox as it listens."""
    return f"{sandbox_schemes().get(home, 'https')}://{home}"


def call_home(
    home: str, verb: str, path: str, token: str, creating: bool, deadline: float, **sent: Any
) -> requests.Response:
    """Ask the server `home` once; its answer, whatever that says. Raises what an exchange that
    broke means (`wire_error`)."""
    headers = sent.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        with home_session(home, deadline) as session:
            return session.request(
                verb, f"{home_address(home)}{path}", headers=headers, allow_redirects=False, **sent
            )
    except NetworkError:
        raise
    except requests.TooManyRedirects as error:  # it leads elsewhere, where nobody goes
        if error.response is None:
            raise wire_error(error, None, creating) from error
        return error.response
    except Exception as error:
        raise wire_error(error, None, creating) from error


class NetworkAdapter(tls.Adapter):
    """Sends to `address`: fresh connection, no retries, one deadline. `name` is what its clock goes
    by: that of a setting, or of a server."""

    answer_limit = ANSWER_LIMIT

    def __init__(self, name: str, address: str, deadline: float) -> None:
        self.name, self.deadline = name, deadline
        self.home = urlsplit(address)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        watch_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if proxy not in self.proxy_manager:
            watch_pools(super().proxy_manager_for(proxy, **kwargs))
        return self.proxy_manager[proxy]

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        real = urlsplit(request.url)
        if settings.SANDBOX_MODE:
            request.headers["X-Sandbox-Origin"] = f"{real.scheme}://{real.netloc}"
            options["proxies"] = {}
        path = self.home.path.rstrip("/") + real.path
        request.url = urlunsplit((self.home.scheme, self.home.netloc, path, real.query, ""))
        # A kept-alive connection that the other side has closed meanwhile cannot be told from
        # "accepted, then cut".
        request.headers["Connection"] = "close"
        limit = scaled(self.deadline)
        options.update(timeout=(min(CONNECT_TIMEOUT, limit), limit), stream=True)
        tls.make_ahead(self.home.geturl())  # the first call's deadline is as long as any other's
        with waiting_elsewhere(), Deadline(limit) as deadline:
            try:
                response = super().send(request, *args, **options)
                self.take(response)
                response.headers.setdefault("Content-Type", "application/octet-stream")
            except Exception as error:
                vars(error)["was_sent"] = deadline.was_sent
                if deadline.passed and deadline.was_sent:
                    raise requests.exceptions.ReadTimeout("no whole answer in time") from error
                raise
            if deadline.passed:  # an answer without a length ends where we cut it
                raise requests.exceptions.ReadTimeout("no whole answer in time")
        return response

    def take(self, response: requests.Response) -> None:
        """Read the whole answer, under the deadline."""
        clocks.note(self.name, response)
        read_body(response, self.answer_limit)


class HomeAdapter(NetworkAdapter):
    """The same for a server that a person named. Names lead where their owners say, also into our
    own network: what counts is the address at the other end of the connected socket, before a
    byte of ours leaves: a public one or, where it `may_be_private`, one of a network that the
    operator names (PRIVATE_HOMES). Behind a proxy it is the proxy's, which then has to guard."""

    answer_limit = HOME_ANSWER_LIMIT

    def __init__(
        self, name: str, address: str, deadline: float, may_be_private: bool = False
    ) -> None:
        self.may_be_private = may_be_private
        super().__init__(name, address, deadline)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        tls.Adapter.init_poolmanager(self, *args, **kwargs)
        kind = HomeConnection if self.may_be_private else GuardedConnection
        watch_pools(self.poolmanager, WatchedConnection if settings.SANDBOX_MODE else kind)


class Refuse(BaseAdapter):
    """Nothing leaves for anywhere else: in sandbox mode, or where only one host is meant."""

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        host = urlsplit(request.url).netloc
        why = "sandbox mode refuses" if settings.SANDBOX_MODE else "this session refuses"
        raise requests.exceptions.InvalidURL(f"{why} {host}")

    def close(self) -> None:
        pass


class Deadline:
    """Cuts the connection of this thread after `seconds`, and knows whether `was_sent` holds of
    the first byte of its request.

    requests' timeout is per read: an answer that drips in byte by byte would never hit it.
    """

    current = threading.local()

    def __init__(self, seconds: float) -> None:
        self.passed = self.was_sent = False
        # Whoever was frozen before this call came about has no time left for it.
        self.begins_by = min(ticks() + seconds, Window.must_begin_by())
        self.lock = threading.Lock()
        self.socket: socket.socket | None = None
        self.timer = threading.Timer(seconds, self.cut)
        self.timer.daemon = True

    def __enter__(self) -> "Deadline":
        self.current.deadline = self
        self.timer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.timer.cancel()
        self.current.deadline = None
        with self.lock:
            if self.socket is not None:
                self.socket.close()
                self.socket = None

    def watch(self, connected: socket.socket) -> bool:
        """Cut this one when the time comes. False when it has come: nothing was sent yet."""
        with self.lock:
            # A second handle: TLS takes the first one over, and its handshake may drip as well.
            self.socket = connected.dup()
            return not self.is_over()

    def is_over(self) -> bool:
        """For what has not begun. Also when this process was frozen, and the timer has not come
        round yet."""
        return self.passed or ticks() > self.begins_by

    def cut(self) -> None:
        with self.lock:
            self.passed = True
            if self.socket is not None:
                try:
                    self.socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it is closed already


class WatchedConnection(HTTPConnection):
    """Tells the deadline of its thread which socket to cut, lets nothing leave after it, and says
    when the first byte of a request is about to leave: what a TLS handshake and the asking of a
    proxy send is none."""

    is_untouched, is_connecting = True, False

    def connect(self) -> None:
        self.is_connecting = True
        try:
            super().connect()
        finally:
            self.is_connecting = False

    def send(self, data: Any) -> None:
        """The last look at the clock: whoever was frozen until now must not send any more."""
        deadline = getattr(Deadline.current, "deadline", None)
        if self.is_untouched and self.sock is None:
            self.connect()
        if self.is_untouched and deadline is not None and deadline.is_over():
            self.close()
            raise ConnectTimeoutError(self, "nothing was sent in time")
        if not self.is_connecting:
            self.is_untouched = False
            if deadline is not None:
                deadline.was_sent = True
        super().send(data)

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        deadline = getattr(Deadline.current, "deadline", None)
        if deadline is not None and not deadline.watch(connected):
            connected.close()
            raise ConnectTimeoutError(self, "connecting took all the time there was")
        return connected


class GuardedConnection(WatchedConnection):
    """The same, to a public address only."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        address = peer_address(connected)
        if not self.is_allowed(address):
            connected.close()
            raise NewConnectionError(self, f"{address} is no public address")
        return connected

    def is_allowed(self, address: str) -> bool:
        return is_public(address)


class HomeConnection(GuardedConnection):
    """The same, for a server that may be in a private network which the operator names."""

    def is_allowed(self, address: str) -> bool:
        ip = address_within(address)
        return is_public(address) or any(ip in network for network in settings.PRIVATE_HOMES)


def peer_address(connected: socket.socket) -> str:
    """The address at the other end."""
    return connected.getpeername()[0]


def is_public(address: str) -> bool:
    """Whether this is an address of the whole internet, also where it wraps another one."""
    ip = address_within(address)
    return ip.is_global and not ip.is_multicast


def address_within(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address that counts: the one that it wraps, if it does."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or (ip.sixtofour if ip in SIX_TO_FOUR else None)
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip if inner is None else inner
    return ip


def watch_pools(manager: PoolManager, kind: type = WatchedConnection) -> None:
    """Let all its connections be of this `kind`, whatever they lead through: without, a proxy or
    SOCKS, each in the clear and behind TLS."""
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {name: watched(pool, kind) for name, pool in pools.items()}


@functools.cache
def watched(pool: Any, kind: Any) -> Any:
    """`pool` with connections of this kind instead of its own."""
    stock = pool.ConnectionCls
    connection = type(stock.__name__, (kind, stock), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class TooLong(requests.exceptions.ChunkedEncodingError):
    """An answer of more bytes than are read; a smaller question may get a shorter one."""


def read_body(response: requests.Response, limit: int) -> None:
    """Read the whole answer, of `limit` bytes at most, under the deadline. Raises TooLong when it
    is endless."""
    body = bytearray()
    for chunk in response.iter_content(65536):
        body += chunk
        if len(body) > limit:
            response.close()
            raise TooLong("the answer is too long")
    response._content, response._content_consumed = bytes(body), True


def never_left(error: Exception) -> bool:
    """Whether `error` proves that no byte of the request was sent: our adapter has noted it, or a
    host or an address was refused before it came to that."""
    return not getattr(error, "was_sent", not isinstance(error, requests.exceptions.InvalidURL))


@contextmanager
def reading(answer: requests.Response) -> Iterator[None]:
    """While an answer that came is read; what cannot be is an error of the network's."""
    try:
        yield
    except NetworkError:
        raise
    except Exception as error:
        raise wire_error(error, answer.status_code, creating=False) from error


def wire_error(error: Exception, status: int | None, creating: bool) -> NetworkError:
    """What a broken exchange means. `status` is the answer's, when one came; while `creating`,
    whatever is not proven harmless is unknown: also a 4xx, which a proxy may have written."""
    detail = f"{type(error).__name__}: {error}"
    if never_left(error):
        return TemporaryError(Reason.UNREACHABLE, detail)
    if not creating:
        if isinstance(error, TooLong):
            return TemporaryError(Reason.ANSWER_TOO_LONG, detail, status)
        if status is not None and 400 <= status < 500:
            return Rejected(Reason.BAD_REQUEST, detail, status)
        return TemporaryError(Reason.UNREACHABLE, detail, status)
    if isinstance(error, requests.exceptions.Timeout):
        return OutcomeUnknown(Reason.NO_ANSWER, detail, status)
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or (
        isinstance(error, requests.exceptions.ConnectionError)
    ):
        return OutcomeUnknown(Reason.CUT_OFF, detail, status)
    return OutcomeUnknown(Reason.ODD_ANSWER, detail, status)
