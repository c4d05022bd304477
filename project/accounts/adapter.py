"""allauth's account flows, with our rules."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from .models import Founding
from .signing_up import is_instance_fresh, is_sign_up_open, make_founder


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return is_sign_up_open()

    def save_user(
        self, request: HttpRequest, user: Any, form: BaseForm, commit: bool = True
    ) -> Any:
        """The first person here runs the instance."""
        with transaction.atomic():
            is_founder = is_instance_fresh() and Founding.objects.claim()
            if settings.SIGN_UP == "first" and not is_founder:
                # Somebody else signed up since this page was shown.
                raise ImmediateHttpResponse(render(request, "account/signup_closed.html"))
            user = super().save_user(request, user, form, commit)
            if is_founder:
                make_founder(user)
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many failures answer 429, also where allauth would only show a form error."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(ratelimit.respond_429(request)) from error

    def is_safe_url(self, url: str | None) -> bool:
        """Only this host; allauth's own rule admits every host we answer to."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
