from django.apps import AppConfig


class BlueskyConfig(AppConfig):
    """For static files."""

    name = "social.networks.bluesky"
    label = "bluesky"
