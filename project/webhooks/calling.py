"""One call to an address that a person named: by the guard that servers of people's naming have,
signed, no redirects, no cookies, and only the beginning of the answer is read."""

import json
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import NewConnectionError

from social.networks import tls
from social.networks.homes import name_in_dns
from social.networks.http import (
    HomeAdapter,
    HomeConnection,
    WatchedConnection,
    address_within,
    is_public,
    peer_address,
    watch_pools,
)
from social.redacting import redact

from .models import WebhookEvent
from .signing import signature_headers

CALL_SECONDS = 10.0  # for all of it
ANSWER_BYTES = 1_000  # of an answer that are kept
LONGEST_RETRY_AFTER_SECONDS = 24 * 3600.0  # that a receiver may ask for


@dataclass(frozen=True)
class ReceiverAnswer:
    """What the receiver said: `status` is None where there was no answer; `wait_seconds` is how
    long it asks to be left alone."""

    status: int | None
    words: str
    wait_seconds: float = 0.0

    @property
    def is_yes(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The receiver does not want to hear of anything any more (Standard Webhooks)."""
        return self.status == requests.codes.gone


class LoopbackConnection(WatchedConnection):
    """In sandbox mode: to this machine only."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        if not address_within(peer_address(connected)).is_loopback:
            connected.close()
            raise NewConnectionError(self, "sandbox mode calls this machine only")
        return connected


class SafeConnection(HomeConnection):
    """In the clear only into a network that the operator names (PRIVATE_HOMES)."""

    def is_allowed(self, address: str) -> bool:
        is_clear = not isinstance(self, HTTPSConnection)
        return super().is_allowed(address) and not (is_clear and is_public(address))


class WebhookAdapter(HomeAdapter):
    """The same guard for a webhook; it sets no clock."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        tls.Adapter.init_poolmanager(self, *args, **kwargs)
        kind = LoopbackConnection if settings.SANDBOX_MODE else SafeConnection
        watch_pools(self.poolmanager, kind)

    def take(self, response: requests.Response) -> None:
        data = next(response.iter_content(ANSWER_BYTES), b"")
        response.close()
        response._content, response._content_consumed = data, True


def check_address(address: str) -> SplitResult:
    """The parts of an address that may be called. Raises ValidationError, with the sentence."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    may_be_clear = settings.SANDBOX_MODE or settings.PRIVATE_HOMES
    schemes = ("https", "http") if may_be_clear else ("https",)
    if parts.scheme not in schemes or not host or "@" in parts.netloc:
        raise ValidationError(
            gettext("Give an address that begins with https:// and has no password in it."),
            code="address",
        )
    if not may_be_clear:
        try:
            name_in_dns(host)
        except ValueError as error:
            raise ValidationError(
                gettext("Give the name of a server on the internet, not a number."), code="address"
            ) from error
    return parts


def body_of(event: WebhookEvent) -> bytes:
    """The same bytes at every try."""
    message = {
        "type": event.kind,
        "timestamp": event.occurred_at.isoformat().replace("+00:00", "Z"),
        "sequence": event.pk,
        "data": event.data,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def call(event: WebhookEvent) -> ReceiverAnswer:
    """Tell the receiver. Whatever goes wrong is an answer without a status."""
    try:
        return answer_of(send(event))
    except Exception as error:
        return ReceiverAnswer(None, redact(f"{type(error).__name__}: {error}")[:ANSWER_BYTES])


def send(event: WebhookEvent) -> requests.Response:
    webhook, body = event.webhook, body_of(event)
    parts = check_address(webhook.url)
    headers = {
        "User-Agent": "Fanfare (webhook)",
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        **signature_headers(event.message_id, int(time.time()), body, webhook.signing_secrets),
    }
    request = requests.Request("POST", webhook.url, headers=headers, data=body).prepare()
    origin = f"{parts.scheme}://{parts.netloc}"
    proxies = {} if settings.SANDBOX_MODE else get_environ_proxies(webhook.url)
    return WebhookAdapter(parts.netloc, origin, CALL_SECONDS, may_be_private=True).send(
        request, proxies=proxies
    )


def answer_of(response: requests.Response) -> ReceiverAnswer:
    wait = response.headers.get("Retry-After", "")
    seconds = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 0.0
    words = response.content.decode("utf-8", "replace").replace("\0", "")
    return ReceiverAnswer(
        response.status_code,
        redact(words)[:ANSWER_BYTES],
        min(seconds, LONGEST_RETRY_AFTER_SECONDS),
    )
