from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "project.webhooks"
    label = "webhooks"
    jobs = (
        "project.webhooks.tasks.call_webhook",
        "project.webhooks.tasks.sweep_webhooks",
        "project.webhooks.tasks.prune_webhook_events",
    )

    def ready(self) -> None:
        from . import signals  # noqa: F401  connects the receiver of what became of deliveries
