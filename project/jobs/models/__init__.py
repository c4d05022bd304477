"""Workers at work, jobs in line, and what is kept of those that could not run."""

from .heartbeat import Heartbeat
from .kept import FailureNote, SetAside
from .queued import PausedQueue, QueuedJob

__all__ = ["FailureNote", "Heartbeat", "PausedQueue", "QueuedJob", "SetAside"]
