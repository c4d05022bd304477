"""How much of the machine the workers get beside everything else on it.

`nice` counts among the processes of one session only: Linux shares processors out to sessions first
(sched_autogroup_enabled, usual on servers outside of containers; sched(7)). Each session gets as
much as another, and each process of a PostgreSQL server is one. So while somebody is at the pages
the workers' session gives way as a whole; while nobody is, it costs them a fifth of their pace to
be interrupted by all others.
"""

import os
from pathlib import Path

AUTOGROUP = Path("/proc/self/autogroup")
WORKER_NICENESS = 10  # of 19, as nice(1) counts; of each worker always, of their session at times


class SessionPriority:
    """Of the session that this process leads; one that a shell leads is left alone."""

    def __init__(self) -> None:
        self.is_ours = os.getsid(0) == os.getpid()
        self.is_low = False

    def lower(self, is_wanted: bool) -> None:
        """Or restore. Without privileges Linux takes that from one process of a machine in a tenth
        of a second: what it refuses is asked for again the next time."""
        if is_wanted == self.is_low or not self.is_ours:
            return
        try:
            AUTOGROUP.write_text(str(WORKER_NICENESS if is_wanted else 0))
            self.is_low = is_wanted
        except BlockingIOError:
            pass
        except OSError:
            self.is_ours = False  # another system, or one that does not group
