from django.apps import AppConfig


class FacebookConfig(AppConfig):
    """For its static files. The provider is allauth's own app."""

    name = "social.networks.facebook"
    label = "facebook_network"
