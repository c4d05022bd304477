"""The settings of the networks, made of what each declares (`social/networks/<name>/settings.py`).
No Django here: `make run` reads it too."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from project.variables import Environment
from social.networks import NETWORKS
from social.networks.declarations import Host, NetworkSettings

DECLARED: tuple[NetworkSettings, ...] = tuple(NETWORKS.declared.values())
ALL_HOSTS: tuple[Host, ...] = tuple(host for it in DECLARED for host in it.hosts)
HOSTS = tuple(host.variable for host in ALL_HOSTS)
APIS = tuple(host.variable for host in ALL_HOSTS if host.answers_for)
HOMES = {prefix: host.variable for host in ALL_HOSTS for prefix in host.answers_for}
CREDENTIALS = tuple(it.variable for network in DECLARED for it in network.credentials)
SECRETS = tuple(it.variable for network in DECLARED for it in network.credentials if it.is_secret)
APPS = [app for it in DECLARED for app in it.apps]
LOUD_LOGGERS = [name for it in DECLARED for name in it.loud_loggers]
TOKEN_PATTERNS = [pattern for it in DECLARED for pattern in it.token_patterns]
LABELS = [it.label for it in DECLARED]


def options(env: Environment) -> dict[str, str]:
    """variable → value. Raises ImproperlyConfigured, as the others do."""
    return {
        it.variable: env.shaped(it.variable, it.default, it.pattern, it.default)
        for network in DECLARED
        for it in network.options
    }


def real_hosts(chosen: Mapping[str, str]) -> dict[str, str]:
    """variable → where the real network is, under these options."""
    return {host.variable: host.real.format(**chosen) for host in ALL_HOSTS}


def hosts(env: Environment, real: Mapping[str, str]) -> dict[str, str]:
    """variable → where the network is here."""
    found = {name: env.url(name, real[name]) for name in HOSTS}
    return found | {name: found[name].rstrip("/") for name in APIS}


def sandbox_hosts(origin: str) -> dict[str, str]:
    """The same at a sandbox."""
    usual = {it.variable: it.default for network in DECLARED for it in network.options}
    return {host.variable: origin + host.in_sandbox.format(**usual) for host in ALL_HOSTS}


def credentials(env: Environment, in_sandbox: bool) -> dict[str, str]:
    return {
        it.variable: env.text(it.variable, it.in_sandbox if in_sandbox else "")
        for network in DECLARED
        for it in network.credentials
    }


def providers(values: Mapping[str, str]) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS."""
    return {it.provider: it.provider_settings(values) for it in DECLARED if it.provider}


def authorize_origins(values: Mapping[str, str], in_sandbox: bool) -> list[str]:
    """Where a browser goes to connect: it checks the whole chain of redirects."""
    found = sorted({origin(values[host.variable]) for host in ALL_HOSTS if not host.answers_for})
    return found if in_sandbox else [*found, *(o for it in DECLARED for o in it.redirect_origins)]


def picture_origins(values: Mapping[str, str], in_sandbox: bool) -> list[str]:
    if in_sandbox:
        return sorted({origin(values[name]) for name in HOSTS})
    return [address for it in DECLARED for address in it.picture_origins]


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
