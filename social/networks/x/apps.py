from django.apps import AppConfig


class XConfig(AppConfig):
    """For allauth, which looks for `provider` in apps, and for static files."""

    name = "social.networks.x"
    label = "x_provider"
