from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "project.accounts"
    jobs = ("project.accounts.tasks.send_mail", "project.accounts.tasks.sweep_mail")

    def ready(self) -> None:
        from . import signals  # noqa: F401  connects the receivers of what happens to people
