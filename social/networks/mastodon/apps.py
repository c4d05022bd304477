from django.apps import AppConfig


class MastodonConfig(AppConfig):
    """For static files."""

    name = "social.networks.mastodon"
    label = "mastodon"
