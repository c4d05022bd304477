"""The environment of a queue's processes: all that they need and nothing of the shell's."""

import json
import os
from pathlib import Path

from .peers import Peer
from .places import Database, Places

KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
NOWHERE = "http://127.0.0.1:9"  # no benchmark here talks to a network
SECRET = "only-for-benchmarks-" * 3


def environment(places: Places, peer: Peer, database: Database, folder: Path) -> dict[str, str]:
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env |= {"BENCH_STARTS": str(folder / "starts"), "BENCH_FILE": str(folder / "huey.sqlite3")}
    env |= peer.env
    if peer.is_ours:
        return env | of_ours(database)
    if peer.redis:
        env["BENCH_REDIS"] = places.redis_url
    env |= {"BENCH_KIND": peer.kind, "BENCH_DATABASE": json.dumps(database.settings)}
    return env | {"DJANGO_SETTINGS_MODULE": "benchmarks.queue.rivals.settings"}


def of_ours(database: Database) -> dict[str, str]:
    """As in production, with no network to reach. Everything that a local .env might say is said
    here, because it must not decide."""
    hosts = ("X_API_URL", "X_AUTHORIZE_URL", "FACEBOOK_GRAPH_URL", "FACEBOOK_AUTHORIZE_URL")
    return {
        "DJANGO_SETTINGS_MODULE": "benchmarks.queue.ours.settings",
        "DATABASE_URL": database.url,
        "DEBUG": "0",
        "SECRET_KEY": SECRET,
        "SECRET_KEY_FALLBACKS": "",
        "TOKEN_KEYS": "b25seS1mb3ItYmVuY2htYXJrcy0wMTIzNDU2Nzg5MDE=",
        "ALLOWED_HOSTS": "localhost",
        "PUBLIC_URL": "http://127.0.0.1",
        "INSTANCE_ID": "bench",
        "EMAIL_URL": "memorymail://",
        "TIME_SCALE": "1.0",
        "LOG": "normal",
        "LOG_FILE": "",
        **{name: f"{NOWHERE}/{name}" for name in hosts},
    }
