"""The web process: `python -m project.web`, which is gunicorn with what the environment says.

gunicorn reads some of it while it is loaded, and whatever it cannot read there is a traceback. So
this looks first. Options are gunicorn's: `python -m project.web --bind 127.0.0.1:8001`.
"""

import os
import sys
from ipaddress import ip_network
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from project import environment
from project.environment import ROOT
from project.variables import Environment, one_line

READ_BY_GUNICORN = {"WEB_CONCURRENCY": "workers", "FORWARDED_ALLOW_IPS": "forwarded_allow_ips"}
TRUSTED_PROXIES = ["127.0.0.1", "::1"]  # gunicorn's own default


def configuration() -> dict[str, Any]:
    """gunicorn's settings by name, for gunicorn.conf.py. Exits with one line where the environment
    cannot be read."""
    env = Environment()
    with one_line():
        environment.read()
        return {
            "bind": f"0.0.0.0:{env.whole('PORT', 8000, 1, 65535)}",
            "workers": env.whole("WEB_CONCURRENCY", 1, 1, 64),
            "threads": 16,
            "preload_app": True,  # what the settings cannot be is said once, and ends it
            "forwarded_allow_ips": ",".join(
                networks(env.words("FORWARDED_ALLOW_IPS", TRUSTED_PROXIES))
            ),
            "control_socket_disable": True,  # nobody here speaks to it
        }


def networks(words: list[str]) -> list[str]:
    """`words`, each of which is a network or `*`. Raises ImproperlyConfigured."""
    for network in words:
        try:
            network == "*" or ip_network(network)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"FORWARDED_ALLOW_IPS has {network!r}; it is like 127.0.0.1,10.0.0.0/8, or *."
            ) from error
    return words


def main(options: list[str]) -> None:
    """Become gunicorn, with `options` of its own."""
    values = configuration()
    for variable, name in READ_BY_GUNICORN.items():
        os.environ[variable] = str(values[name])
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "project.wsgi", *options])  # noqa: S606
