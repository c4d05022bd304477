"""allauth's forms where they would tell by their time which addresses are known here."""

from typing import Any

from allauth.account import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from .models import OutgoingMail


class SignupForm(forms.SignupForm):
    def try_save(self, request: HttpRequest) -> Any:
        """With a known address no account is made, only a mail sent. Most of the time of making one
        is spent on its password, so that is spent here too."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetPasswordForm(forms.ResetPasswordForm):
    """Writes down that somebody asked. Whether there is anybody, a worker finds out."""

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def save(self, request: HttpRequest, **_: Any) -> str:
        address = self.cleaned_data["email"]
        OutgoingMail.objects.ask_for_reset(address)
        return address
