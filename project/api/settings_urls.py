from django.urls import path

from . import token_views

urlpatterns = [
    path("", token_views.tokens, name="api_tokens"),
    path("<uuid:token_id>/revocations/", token_views.revoke_token, name="revoke_api_token"),
]
