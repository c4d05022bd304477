"""allauth's X provider with the address of X's own page taken from the settings."""

from allauth.socialaccount.providers.twitter_oauth2.provider import TwitterOAuth2Provider

from .views import XAdapter


class XProvider(TwitterOAuth2Provider):
    oauth2_adapter_class = XAdapter


provider_classes = [XProvider]
