"""What Facebook needs of the environment and of Django."""

from collections.abc import Mapping
from typing import Any

from ..declarations import Credential, Host, NetworkSettings, Option

SCOPES = ["pages_show_list", "pages_read_engagement", "pages_manage_posts"]


def provider_settings(values: Mapping[str, str]) -> dict[str, Any]:
    app = {"client_id": values["FACEBOOK_APP_ID"], "secret": values["FACEBOOK_APP_SECRET"]}
    return {
        "METHOD": "oauth2",
        "VERSION": values["FACEBOOK_GRAPH_VERSION"],
        "APP": app | {"key": ""},
        "SCOPE": SCOPES,
        "FIELDS": ["id", "name", "picture"],
        "AUTHORIZE_URL": values["FACEBOOK_AUTHORIZE_URL"],
        # PKCE stays off: allauth sends the challenge but never the verifier here.
    }


SETTINGS = NetworkSettings(
    name="facebook",
    label="Facebook",
    options=(Option("FACEBOOK_GRAPH_VERSION", "v25.0", r"v\d+\.\d+"),),
    hosts=(
        Host(
            "FACEBOOK_GRAPH_URL",
            "https://graph.facebook.com",
            "/fb-graph",
            answers_for=("https://graph.facebook.com/",),
        ),
        Host(
            "FACEBOOK_AUTHORIZE_URL",
            "https://www.facebook.com/{FACEBOOK_GRAPH_VERSION}/dialog/oauth",
            "/fb/{FACEBOOK_GRAPH_VERSION}/dialog/oauth",
        ),
    ),
    credentials=(
        Credential("FACEBOOK_APP_ID", "1000000000000001"),
        Credential("FACEBOOK_APP_SECRET", "sandbox-facebook-secret", is_secret=True),
    ),
    apps=("social.networks.facebook", "allauth.socialaccount.providers.facebook"),
    urls="social.networks.facebook.urls",
    provider="facebook",
    provider_settings=provider_settings,
    redirect_origins=("https://m.facebook.com",),
    picture_origins=("https://*.fbcdn.net", "https://*.fbsbx.com"),
    stylesheet="networks/facebook.css",
    mark="networks/facebook.svg",
    token_patterns=(
        (["eaa"], r"()()\bEAA[A-Za-z0-9]{16,}"),
        (["|", "%7c"], r"(?i)()()\b\d{5,20}(?:\||%7C)[\w-]{8,}"),  # our app's own: id|secret
    ),
)
