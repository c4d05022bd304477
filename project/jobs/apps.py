from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "project.jobs"
    label = "jobs"
    verbose_name = "Jobs"
    jobs = (
        "project.jobs.tasks.clear_sessions",
        "project.jobs.tasks.sweep_cache",
        "project.jobs.tasks.prune",
    )

    def ready(self) -> None:
        from project import checks  # noqa: F401  registers the system checks

        from .queue import signals  # noqa: F401  connects the receivers of django-q2's signals
        from .queue.pickles import leave_pickles_alone

        leave_pickles_alone()
