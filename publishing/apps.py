from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "publishing"
    jobs = (
        "publishing.tasks.send_delivery",
        "publishing.tasks.look_up_delivery",
        "publishing.tasks.sweep",
    )

    def ready(self) -> None:
        from . import signals  # noqa: F401  connects the one receiver
