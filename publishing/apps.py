from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "publishing"
    jobs = (
        "publishing.tasks.send_delivery",
        "publishing.tasks.verify_delivery",
        "publishing.tasks.look_up_delivery",  # of queues from before it had its new name
        "publishing.tasks.send_comment",
        "publishing.tasks.check_ahead",
        "publishing.tasks.go_on",
        "publishing.tasks.sweep",
        "publishing.tasks.watch",
        "publishing.tasks.note_post",
        "publishing.tasks.note_connection",
        "publishing.tasks.note_credits",
        "publishing.tasks.sweep_notices",
        "publishing.tasks.mail_notices",
        "publishing.tasks.act_on_posts",
        "publishing.tasks.make_thumbnail",
        "publishing.tasks.read_card",
        "publishing.tasks.read_card_ahead",
        "publishing.tasks.prune_media",
        "publishing.tasks.prune_drafts",
        "publishing.tasks.prune_old",
    )

    def ready(self) -> None:
        from . import signals  # noqa: F401  connects the one receiver
