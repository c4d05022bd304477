"""Workers at work, jobs in line, jobs that ended, and what is kept of those that could not run."""

from .audit_log import AuditLogEntry
from .dead_letters import DeadLetter
from .failures import FailureGroup, FailureNote
from .finished_jobs import FinishedJob, ForgottenJobs
from .heartbeat import Heartbeat
from .paused_queues import PausedQueue
from .queued_jobs import QueuedJob

__all__ = [
    "AuditLogEntry",
    "DeadLetter",
    "FailureGroup",
    "FailureNote",
    "FinishedJob",
    "ForgottenJobs",
    "Heartbeat",
    "PausedQueue",
    "QueuedJob",
]
