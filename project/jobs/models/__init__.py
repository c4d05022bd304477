"""Workers at work, jobs in line, jobs that ended, and what is kept of those that could not run."""

from .acts import Act
from .failures import FailureGroup, FailureNote
from .finished import FinishedJob, Tally
from .heartbeat import Heartbeat
from .kept import SetAside
from .pausing import PausedQueue
from .queued import QueuedJob

__all__ = [
    "Act",
    "FailureGroup",
    "FailureNote",
    "FinishedJob",
    "Heartbeat",
    "PausedQueue",
    "QueuedJob",
    "SetAside",
    "Tally",
]
