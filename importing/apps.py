from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "importing"
    jobs = (
        "importing.tasks.run_import",
        "importing.tasks.start_due",
        "importing.tasks.prune",
        "importing.tasks.calculate_statistics",
        "importing.tasks.sweep_statistics",
        "importing.tasks.check_suggestion",
    )

    def ready(self) -> None:
        from . import signals  # noqa: F401  connects the receivers
