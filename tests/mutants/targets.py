"""What is changed: the modules that keep the promises."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("publishing", "project", "social", "importing")
MODULES = (
    "publishing/deliveries/*.py",
    "publishing/media/media.py",
    "publishing/notices/mailing.py",
    "publishing/notices/notice.py",
    "publishing/notices/sync.py",
    "publishing/posts/changing.py",
    "publishing/posts/contents.py",
    "publishing/posts/editing.py",
    "publishing/posts/new_post.py",
    "publishing/posts/post.py",
    "publishing/pruning.py",
    "publishing/sql.py",
    "project/jobs/queue/claiming.py",
    "project/jobs/worker/worker.py",
    "social/models/circuit_breaker.py",
    "social/models/connection.py",
    "social/connections/refresh.py",
    "social/connections/tokens.py",
    "social/networks/http.py",
    "importing/reading/cursor.py",
    "importing/reading/storing.py",
    "importing/sql.py",
)


def target_paths() -> list[str]:
    """Relative to ROOT."""
    found = [path for pattern in MODULES for path in ROOT.glob(pattern)]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)
