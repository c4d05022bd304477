from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "social"
    jobs = (
        "social.tasks.refresh_connection",
        "social.tasks.renew_connection",
        "social.tasks.check_connection",
        "social.tasks.renew_ending",
        "social.tasks.revoke_connection",
        "social.tasks.probe_networks",
        "social.tasks.look_at_closed",  # queued by releases before 0.2
        "social.tasks.connect_demo",
    )

    def ready(self) -> None:
        from . import signals  # noqa: F401  connects the receivers of allauth's signals
