"""allauth's X provider with the address of X's own page taken from the settings,
which asks how long the account's posts may be as well."""

from allauth.socialaccount.providers.twitter_oauth2.provider import TwitterOAuth2Provider

from .views import XAdapter


class XProvider(TwitterOAuth2Provider):
    oauth2_adapter_class = XAdapter

    def get_fields(self) -> list[str]:
        return [*super().get_fields(), "subscription_type"]


provider_classes = [XProvider]
