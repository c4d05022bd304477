"""Options, and running until told to stop. Also behind `manage.py sandbox`."""

import argparse
import errno
import ipaddress
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from .core.certificates import Certificates, write_ca
from .core.clients import Clients, default_apps
from .core.server import Server
from .core.world import FIXTURES, World
from .networks import NETWORKS

LABELS = " and ".join(network.label for network in NETWORKS.values())
DESCRIPTION = (
    f"A make-believe {LABELS} on this machine: nothing that is posted leaves it. "
    "Its front page shows all timelines and arms faults."
)


class OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        one_line_error(message)


def one_line_error(message: str) -> NoReturn:
    print(f"sandbox: {message}", file=sys.stderr)
    raise SystemExit(2)


def main(arguments: list[str] | None = None) -> int:
    parser = OneLineParser(prog="python -m social.sandbox", description=DESCRIPTION)
    add_arguments(parser)
    return run(vars(parser.parse_args(arguments)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    usual = os.environ.get("SANDBOX_PORT") or "9000"
    port_help = f"default $SANDBOX_PORT, now {usual}; 0 takes a free one"
    parser.add_argument("--port", type=port, default=usual, help=port_help)
    parser.add_argument("--host", type=loopback, default="127.0.0.1", help="a loopback address")
    parser.add_argument("--seed", type=int, default=1, help="tokens and ids follow from it")
    parser.add_argument("--fixture", choices=sorted(FIXTURES), default="default")
    parser.add_argument(
        "--app",
        action="append",
        metavar="URL",
        help="address of an app that may log in here (repeatable; default: PUBLIC_URL, else "
        "http://127.0.0.1:$PORT and http://localhost:$PORT)",
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        help="speak TLS as well, on the same port, with a certificate of a throw-away CA",
    )
    parser.add_argument(
        "--ca-file",
        type=Path,
        metavar="PATH",
        help="where --tls writes the CA, for SANDBOX_CA (default: a file in the folder for "
        "temporary ones, which goes when the sandbox stops)",
    )


def port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"not a port: {text!r}")
    return int(text)


def loopback(text: str) -> str:
    if text == "localhost":
        return "127.0.0.1"
    try:
        if ipaddress.ip_address(text).is_loopback:
            return text
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"the sandbox binds to loopback only, not to {text!r}")


def run(options: dict) -> int:
    if options["ca_file"] and not options["tls"]:
        one_line_error("--ca-file is for --tls")
    clients = Clients({name: it.client(os.environ) for name, it in NETWORKS.items()})
    try:
        for app in options["app"] or default_apps(os.environ):
            clients.register(app)
    except ValueError as error:
        one_line_error(str(error))
    world = World(NETWORKS, clients, options["seed"], options["fixture"])
    server = bind(options["host"], options["port"], world, options["tls"])
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with tempfile.TemporaryDirectory(prefix="fanfare-sandbox-") as folder:
        try:
            if server.certificates:
                show_ca(server.certificates, options["ca_file"] or Path(folder) / "ca.pem")
            print(f"Sandbox (make-believe {LABELS}): {server.url}/", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.socket.close()
    return 0


def show_ca(certificates: Certificates, path: Path) -> None:
    try:
        write_ca(certificates.authority, path)
    except OSError as error:
        one_line_error(f"cannot write {path}: {error.strerror}")
    print(f"Its throw-away CA: SANDBOX_CA={path.resolve()}", flush=True)


def bind(host: str, port: int, world: World, tls: bool) -> Server:
    try:
        return Server(host, port, world, Certificates(host) if tls else None)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "the port is in use" if taken else error.strerror
        one_line_error(f"cannot listen on {host}:{port}: {reason}")


def stop(number: int, frame: object) -> NoReturn:
    """Threads are daemons: whoever still hangs is let go with the process."""
    raise KeyboardInterrupt
