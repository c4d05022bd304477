"""The whole timetable: what runs by itself, and every how many minutes."""

MINUTE, DAY = 1, 1440

TIMETABLE: dict[str, tuple[str, int]] = {
    "sweep deliveries": ("publishing.tasks.sweep", MINUTE),
    "sweep notices": ("publishing.tasks.sweep_notices", MINUTE),
    "sweep mail": ("project.accounts.tasks.sweep_mail", MINUTE),
    "clear expired sessions": ("project.jobs.tasks.clear_sessions", DAY),
    "prune finished jobs": ("project.jobs.tasks.prune", 10 * MINUTE),
}
