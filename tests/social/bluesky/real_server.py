"""A real server of Bluesky's (PDS) with a directory of accounts of its own, from npm, into an
environment of its own below .cache/: some minutes, once. Needs node 20 or newer, gcc, g++ and make.
"""

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.environment import free_port

from ..contracts import CACHE, ROOT, run, started

PACKAGES = ("@atproto/pds@0.4.217", "@did-plc/server@0.0.1")
PLACE, NATIVE = CACHE / "pds", "better-sqlite3"
HANDLE, MAIN_PASSWORD = "alice.test", "main-password-of-alice"
# Both would listen on all interfaces, and have no option for that.
LOOPBACK = """
const { Server } = require('net')
const listen = Server.prototype.listen
Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, ...rest)
}
"""
PROGRAMS = {
    "plc.cjs": """
const { PlcServer, Database } = require('@did-plc/server')
PlcServer.create({ db: Database.mock(), port: Number(process.env.PLC_PORT) }).start()
""",
    "pds.cjs": """
const { PDS, envToCfg, envToSecrets, readEnv } = require('@atproto/pds')
const start = async () => {
  const env = readEnv()
  await (await PDS.create(envToCfg(env), envToSecrets(env))).start()
}
start()
""",
}


@dataclass
class RealServer:
    """One that runs, with an account in it."""

    port: int
    directory: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    app_password: str = ""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill_and_start_anew(self) -> None:
        """As a power failure would: SIGKILL, and the same data."""
        self.process.kill()
        self.process.wait(10)
        self.process = run(["node", "pds.cjs"], PLACE, self.environment)


def install() -> None:
    """Both, once; npm runs no install scripts by itself, and a prebuilt binary cannot be had
    everywhere, so that the one native part is compiled here."""
    PLACE.mkdir(parents=True, exist_ok=True)
    if not list(PLACE.glob("node_modules/better-sqlite3/build/Release/better_sqlite3.node")):
        if not shutil.which("npm"):
            raise SystemExit("npm is not here: a Bluesky server cannot be installed.")
        print(f"Installing {' and '.join(PACKAGES)} into {PLACE.relative_to(ROOT)} …", flush=True)
        (PLACE / "package.json").write_text("{}\n")
        for command in (["install", "--no-audit", "--no-fund", *PACKAGES], ["rebuild", NATIVE]):
            subprocess.run(["npm", *command], cwd=PLACE, check=True)
    for name, program in PROGRAMS.items():
        (PLACE / name).write_text(LOOPBACK + program)


@contextmanager
def real_server(data: Path) -> Iterator[RealServer]:
    """One that keeps what it has in `data`, with Alice's account and an app password of hers."""
    install()
    plc, pds = free_port(), free_port()
    directory = f"http://127.0.0.1:{plc}"
    health = f"http://127.0.0.1:{pds}/xrpc/_health"
    with started(["node", "plc.cjs"], f"{directory}/_health", PLACE, {"PLC_PORT": str(plc)}):
        environment = environment_of(pds, directory, data)
        with started(["node", "pds.cjs"], health, PLACE, environment) as first:
            server = RealServer(pds, directory, first, environment)
            server.app_password = account_made(server)
            try:
                yield server
            finally:
                if server.process is not first:
                    server.process.terminate()
                    server.process.wait(10)


def environment_of(port: int, directory: str, data: Path) -> dict[str, str]:
    """Its limits on calls are off: a table of calls, or a hundred posts, come from one address."""
    (data / "blobs").mkdir(parents=True, exist_ok=True)
    return {
        "PDS_HOSTNAME": "localhost",
        "PDS_PORT": str(port),
        "PDS_DATA_DIRECTORY": str(data),
        "PDS_BLOBSTORE_DISK_LOCATION": str(data / "blobs"),
        "PDS_DEV_MODE": "true",
        "PDS_DID_PLC_URL": directory,
        "PDS_INVITE_REQUIRED": "false",
        "PDS_SERVICE_HANDLE_DOMAINS": ".test",
        "PDS_DISABLE_SSRF_PROTECTION": "true",
        "PDS_JWT_SECRET": secrets.token_hex(16),
        "PDS_DPOP_SECRET": secrets.token_hex(32),
        "PDS_ADMIN_PASSWORD": secrets.token_hex(16),
        "PDS_REPO_SIGNING_KEY_K256_PRIVATE_KEY_HEX": secrets.token_hex(32),
        "PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX": secrets.token_hex(32),
    }


def account_made(server: RealServer) -> str:
    """Alice's account, new; an app password of hers."""
    asked = {"handle": HANDLE, "email": "alice@example.com", "password": MAIN_PASSWORD}
    place = f"{server.base}/xrpc/com.atproto.server"
    made = requests.post(f"{place}.createAccount", json=asked, timeout=180)
    made.raise_for_status()
    token = {"Authorization": f"Bearer {made.json()['accessJwt']}"}
    named = {"name": "Fanfare"}
    answer = requests.post(f"{place}.createAppPassword", json=named, headers=token, timeout=180)
    answer.raise_for_status()
    return str(answer.json()["password"])
