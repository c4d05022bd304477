"""The whole timetable: what runs by itself, and every how many minutes."""

MINUTE, HOUR, DAILY = 1, 60, 1440

TIMETABLE: dict[str, tuple[str, int]] = {
    "sweep deliveries": ("publishing.tasks.sweep", MINUTE),
    "sweep notices": ("publishing.tasks.sweep_notices", 5 * MINUTE),
    "check what goes out soon": ("publishing.tasks.check_ahead", 5 * MINUTE),
    "renew what ends soon": ("social.tasks.renew_ending", 5 * MINUTE),
    "probe tripped networks": ("social.tasks.probe_networks", MINUTE),
    "start imports that are due": ("importing.tasks.start_due", MINUTE),
    "prune imports": ("importing.tasks.prune", DAILY),
    "sweep mail": ("project.accounts.tasks.sweep_mail", 2 * MINUTE),
    "sweep webhooks": ("project.webhooks.tasks.sweep_webhooks", MINUTE),
    "prune webhook events": ("project.webhooks.tasks.prune_webhook_events", DAILY),
    "read feeds": ("project.feeds.tasks.start_due_feeds", 5 * MINUTE),
    "prune pictures": ("publishing.tasks.prune_media", HOUR),
    "count what changed": ("importing.tasks.sweep_statistics", MINUTE),
    "prune drafts": ("publishing.tasks.prune_drafts", DAILY),
    "prune old attempts": ("publishing.tasks.prune_old", DAILY),
    "sweep the cache": ("project.jobs.tasks.sweep_cache", HOUR),
    "clear expired sessions": ("project.jobs.tasks.clear_sessions", DAILY),
    "prune finished jobs": ("project.jobs.tasks.prune", 10 * MINUTE),
}
