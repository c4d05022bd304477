"""What a network declares of itself as plain data, in `settings.py` of its folder. The settings of
Django are made of it (`project/networks.py`), so nothing here may ask for one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Option:
    """A variable of the environment that other declarations may name in braces. `pattern` is all
    that it may be."""

    variable: str
    default: str
    pattern: str


@dataclass(frozen=True)
class Host:
    """Where a part of the network lives: `variable` names the setting, `real` is what it is without
    one. `in_sandbox` is the path of that part at the sandbox."""

    variable: str
    real: str
    in_sandbox: str
    # Our own calls go there, which its library addresses to these; else people's browsers do.
    answers_for: tuple[str, ...] = ()

    @property
    def is_api(self) -> bool:
        return bool(self.answers_for)


@dataclass(frozen=True)
class Credential:
    """A part of what our app at the network is known by, and what it is in sandbox mode."""

    variable: str
    in_sandbox: str
    is_secret: bool = False


@dataclass(frozen=True)
class NetworkSettings:
    """Everything that the settings say of one network."""

    name: str
    label: str
    hosts: tuple[Host, ...] = ()  # none where accounts live on many servers
    credentials: tuple[Credential, ...] = ()
    options: tuple[Option, ...] = ()
    apps: tuple[str, ...] = ()  # for INSTALLED_APPS
    urls: str = ""  # a module whose `urlpatterns` are allauth's of signing in
    provider: str = ""  # allauth's id for it
    # What SOCIALACCOUNT_PROVIDERS says of it, by the values of the variables above.
    provider_settings: Callable[[Mapping[str, str]], dict[str, Any]] = lambda values: {}
    # Origins: where its own pages send a browser on, and where its pictures are.
    redirect_origins: tuple[str, ...] = ()
    picture_origins: tuple[str, ...] = ()
    loud_loggers: tuple[str, ...] = ()  # that print secrets at DEBUG
    stylesheet: str = ""  # a static file with its colours
    # What its tokens look like wherever they stand: words of which one must be there, in small
    # letters, and a pattern of two groups to keep and a secret.
    token_patterns: tuple[tuple[list[str], str], ...] = ()
    # host → another name for it, where two lead to the same posts
    same_hosts: Mapping[str, str] = field(default_factory=dict)
    hidden_links: str = ""  # a pattern of addresses that it leaves out of the text it shows
