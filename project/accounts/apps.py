from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "project.accounts"
    jobs = ("project.accounts.tasks.send_mail", "project.accounts.tasks.sweep_mail")
