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
    "publishing/posts/post.py",
    "publishing/pruning.py",
    "publishing/sql.py",
    "project/jobs/claiming.py",
    "project/jobs/worker.py",
    "social/models/closures.py",
    "social/models/tokens.py",
    "social/networks/http.py",
    "importing/cursor.py",
    "importing/models/storing.py",
)


def target_paths() -> list[str]:
    """Relative to ROOT."""
    found = [path for pattern in MODULES for path in ROOT.glob(pattern)]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)
