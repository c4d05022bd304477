"""The `.env` of a checkout: written once, never committed.

`make setup` runs this file, for somebody's own machine: it generates the secrets that a first local
run needs and points the hosts of the networks at the sandbox. For a server:

    python -m project.local --production https://fanfare.example.org

Neither changes a file that is already there.
"""

import argparse
import os
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from project.environment import USUAL_SANDBOX
from project.hosts import checked_public_url, host_of, is_this_machine
from project.networks import CREDENTIALS, LABELS, sandbox_hosts

EXAMPLE = "https://fanfare.example.org"
ENV_FILE = Path(__file__).resolve().parent.parent / ".env"

TEMPLATE = """\
# Fanfare on this machine. Written by `make setup`; yours to edit; never commit it.
DEBUG=1
SECRET_KEY={secret_key}
TOKEN_KEYS={token_key}

# Sandbox mode: a make-believe {networks} (`manage.py sandbox`). For the real ones delete these
# lines and fill in the keys of your own {networks} apps below.
{hosts}
{credentials}
"""


PRODUCTION = """\
# Fanfare at {public_url}. Written by `python -m project.local --production`; yours to edit; never
# commit it. Whoever has these keys can read every token: keep a copy where the backups are not.
DEBUG=0
SECRET_KEY={secret_key}
TOKEN_KEYS={token_key}
ALLOWED_HOSTS={host}
PUBLIC_URL={public_url}
# The first person who signs up runs the instance; then it is closed. Or: open, closed.
SIGN_UP=first

# The keys of your own {networks} apps.
{credentials}

#DATABASE_URL=postgres://user:password@host/name
#EMAIL_URL=smtp+tls://user:password@host:587
#DEFAULT_FROM_EMAIL=Fanfare <fanfare@{host}>
# Behind one proxy of yours on this machine (else its address too, as FORWARDED_ALLOW_IPS):
#TRUSTED_PROXY_COUNT=1
"""


def write_env_file(path: Path = ENV_FILE, template: str = TEMPLATE, **values: str) -> bool:
    """Write `path` with mode 0600 unless it exists; say whether it was written."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    key, token_key = secrets.token_urlsafe(50), Fernet.generate_key().decode()
    values |= {"secret_key": key, "token_key": token_key, **of_networks(template)}
    content = template.format(**values)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    return True


def of_networks(template: str) -> dict[str, str]:
    """What a template says of networks. Where there are hosts of the sandbox, keys are not needed
    yet."""
    mark = "#" if template is TEMPLATE else ""
    hosts = sandbox_hosts(f"http://{USUAL_SANDBOX}")
    return {
        "networks": " and ".join(LABELS),
        "hosts": "\n".join(f"{name}={url}" for name, url in hosts.items()),
        "credentials": "\n".join(f"{mark}{name}=" for name in CREDENTIALS),
    }


def public_address(text: str) -> str:
    """`text` as PUBLIC_URL. Raises ArgumentTypeError unless it is an https address that others
    reach, of a host and maybe a path."""
    try:
        url = checked_public_url(text)
    except ImproperlyConfigured as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not like {EXAMPLE}") from error
    host = host_of(url)
    if not url.startswith("https://") or "." not in host or is_this_machine(host):
        raise argparse.ArgumentTypeError(f"{text!r} is not like {EXAMPLE}")
    return url


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m project.local", description="Write a .env.")
    parser.add_argument("--production", metavar="URL", type=public_address, help="for a server")
    parser.add_argument("--file", type=Path, default=ENV_FILE, help="default: .env of the checkout")
    given = parser.parse_args(arguments)
    try:
        return write(given)
    except OSError as error:
        print(f"{given.file} cannot be written: {error.strerror}.", file=sys.stderr)
        return 2


def write(given: argparse.Namespace) -> int:
    """What was asked for. Raises OSError."""
    if given.production is None:
        print("Wrote .env" if write_env_file(given.file) else "Kept the .env that is here")
        return 0
    where = {"public_url": given.production, "host": host_of(given.production)}
    if not write_env_file(given.file, PRODUCTION, **where):
        print(f"{given.file} is there already and stays as it is: move it away.", file=sys.stderr)
        return 2
    print(f"Wrote {given.file} for {given.production}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
