"""allauth's account flows, with our rules."""

import unicodedata
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from .models import Founding
from .signing_up import is_instance_fresh, is_sign_up_open, make_founder


def public_url(name: str, *args: str) -> str:
    """The address of a page of ours for a mail: at PUBLIC_URL, whatever host was asked for it."""
    path = reverse(name, args=args).removeprefix(get_script_prefix())
    return f"{settings.PUBLIC_URL}/{path}"


class AccountAdapter(DefaultAccountAdapter):
    """Who may sign up, where links in mails lead, and how often one may try."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return is_sign_up_open()

    def save_user(
        self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True
    ) -> Any:
        """Save who signs up; the first person here runs the instance."""
        with transaction.atomic():
            is_founder = is_instance_fresh() and Founding.objects.claim()
            if settings.SIGN_UP == "first" and not is_founder:
                # Somebody else signed up since this page was shown.
                raise ImmediateHttpResponse(render(request, "account/signup_closed.html"))
            user = super().save_user(request, user, form, commit)
            if is_founder:
                make_founder(user)
        return user

    def clean_username(self, username: str, shallow: bool = False) -> str:
        if "@" in username:  # or somebody could call themselves another person's address
            raise ValidationError(gettext("A user name has no “@” in it."))
        return super().clean_username(username, shallow)

    # ── Links in mails: never at the host that a stranger asked by ────────────────────────────
    def site(self) -> Any:
        host = urlsplit(settings.PUBLIC_URL).netloc
        return SimpleNamespace(domain=host, name=host)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, context | {"current_site": self.site()})

    def get_reset_password_from_key_url(self, key: str) -> str:
        url = public_url("account_reset_password_from_key", "UID", "KEY")
        return url.replace("UID-KEY", quote(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return public_url("account_confirm_email", emailconfirmation.key)

    def send_account_already_exists_mail(self, email: str) -> None:
        links = {
            "signup_url": public_url("account_signup"),
            "password_reset_url": public_url("account_reset_password"),
        }
        self.send_mail("account/email/account_already_exists", email, links)

    # ── Signing in ────────────────────────────────────────────────────────────────────────────
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many failures answer 429, also where allauth would only show a form error."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(ratelimit.respond_429(request)) from error

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By what was typed alone: in allauth's the host counts too, and with it the port, so that
        each of 65,535 ports would give five more tries."""
        login = credentials.get("email") or credentials.get("username") or ""
        return unicodedata.normalize("NFKC", login).casefold()

    def is_safe_url(self, url: str | None) -> bool:
        """Only this host; allauth's own rule admits every host we answer to."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
