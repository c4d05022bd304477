"""Whom this process believes: one verified TLS context, shared by all its threads.

requests makes a context for every fresh connection and parses the whole CA bundle for it, which
costs ten times the CPU of the call itself. This one is made at the first call and never changed.
Sessions are not resumed: a resumed one skips the server's proof of who it is, and a certificate
that has ended, or that we no longer believe, must be noticed at the very next call.
"""

import os
import ssl
import sys
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import certifi
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests.exceptions import SSLError


class Context(ssl.SSLContext):
    """Always checks certificates and host names. `seal`ed, it cannot be changed: urllib3 sets its
    modes and its ALPN anew for each connection, which two threads must not do to one context
    (OpenSSL frees the old list while SSL_new of another thread copies it), and `verify=False`
    or a CA of the caller's own must not become everybody's."""

    is_sealed = False

    def seal(self) -> None:
        self.is_sealed = True

    @property
    def verify_mode(self) -> ssl.VerifyMode:
        return super().verify_mode

    @verify_mode.setter
    def verify_mode(self, mode: int) -> None:
        if mode != ssl.CERT_REQUIRED:
            raise ValueError("certificates are always checked")

    @property
    def check_hostname(self) -> bool:
        return True

    @check_hostname.setter
    def check_hostname(self, checked: bool) -> None:
        if not checked:
            raise ValueError("host names are always checked")

    def set_alpn_protocols(self, protocols: Any) -> None:
        if not self.is_sealed:
            super().set_alpn_protocols(protocols)

    def load_verify_locations(self, *args: Any, **kwargs: Any) -> None:
        if self.is_sealed:
            raise ValueError("whom we believe was settled when this context was made")
        super().load_verify_locations(*args, **kwargs)

    def load_cert_chain(self, *args: Any, **kwargs: Any) -> None:
        raise ValueError("this context is everybody's: it shows no certificate of its own")


Key = tuple[str, str, tuple[int, int]]
_made: dict[Key, Context] = {}
_making = threading.Lock()


def context() -> Context:
    """The one for today's settings. Raises requests' SSLError when a file of certificates is
    missing, empty or unreadable; then nothing can have been sent."""
    try:
        key = believed()
        if key not in _made:
            with _making:
                if key not in _made:
                    _made[key] = make(*key[:2])
        return _made[key]
    except OSError as error:
        failure = SSLError(f"no certificates to check a server's by: {error}")
        vars(failure)["was_sent"] = False
        raise failure from error


def make_ahead(*urls: str) -> None:
    """Before this process forks: its children share what calls to `urls` need, and nobody's first
    call waits for it."""
    if any(url.startswith("https:") for url in urls):
        with suppress(SSLError):  # each call says it, and a system check
            context()


def believed() -> Key:
    """The public CAs, and the sandbox's: it has a new one in the same file each time it starts."""
    more = settings.SANDBOX_CA if settings.SANDBOX_MODE else ""
    status = os.stat(more) if more else None
    return ca_bundle(), more, (status.st_mtime_ns, status.st_ino) if status else (0, 0)


def ca_bundle() -> str:
    """The file, or folder, of the public CAs: where requests looks (it does not ask for
    SSL_CERT_FILE), and in sandbox mode, as with proxies, whatever the environment says. It is read
    once a process: who replaces it starts Fanfare again."""
    if not settings.SANDBOX_MODE:
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            if os.environ.get(name):
                return os.environ[name]
    return certifi.where()


def make(bundle: str, more: str = "") -> Context:
    """A new one that trusts `bundle` and the PEM file `more`, as strict as urllib3's own
    (`urllib3.util.ssl_.create_urllib3_context`), which cannot be told a class. Its key log is left
    out: it would write down what opens our tokens."""
    made = Context(ssl.PROTOCOL_TLS_CLIENT)  # checks both names and certificates
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
    made.hostname_checks_common_name = False
    if sys.version_info >= (3, 13):
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    is_folder = os.path.isdir(bundle)
    made.load_verify_locations(None if is_folder else bundle, bundle if is_folder else None)
    if more:
        made.load_verify_locations(more)
    made.set_alpn_protocols(["http/1.1"])
    made.seal()
    return made


class Adapter(HTTPAdapter):
    """requests' own, for whom `context` is the judge, whatever its caller says of `verify`."""

    def build_connection_pool_key_attributes(self, request: Any, *_: Any, **__: Any) -> Any:
        url = urlsplit(request.url)
        where = {"scheme": url.scheme, "host": url.hostname, "port": url.port}
        return where, {"ssl_context": context()} if url.scheme == "https" else {}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if proxy.lower().startswith("https"):  # a proxy that is itself behind TLS
            kwargs["proxy_ssl_context"] = context()
        return super().proxy_manager_for(proxy, **kwargs)

    def cert_verify(self, *_: Any) -> None:
        """Nothing: requests' own would have the CAs loaded again, into the context of all."""
