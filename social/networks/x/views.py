from typing import Any

from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.twitter_oauth2.views import TwitterOAuth2Adapter
from django.conf import settings


class XAdapter(TwitterOAuth2Adapter):
    authorize_url = settings.X_AUTHORIZE_URL

    def complete_login(self, request: Any, app: Any, token: Any, **kwargs: Any) -> Any:
        """allauth keeps no list of what was granted; X says it beside the token."""
        login = super().complete_login(request, app, token, **kwargs)
        scopes = str(kwargs.get("response", {}).get("scope") or "").split()
        login.account.extra_data["granted_scopes"] = scopes
        return login


oauth2_login = OAuth2LoginView.adapter_view(XAdapter)
oauth2_callback = OAuth2CallbackView.adapter_view(XAdapter)
