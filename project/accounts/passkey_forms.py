"""allauth's forms for passkeys, for which any nonsense is a wrong passkey: its own raise what the
parsers below raise (KeyError for a field that is missing, InvalidSignature, …)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms
from cryptography.exceptions import InvalidSignature
from django.core.exceptions import ValidationError

NONSENSE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, InvalidSignature)


@contextmanager
def nonsense_refused() -> Iterator[None]:
    """Raises ValidationError instead of whatever reading a passkey raises."""
    try:
        yield
    except ValidationError:
        raise
    except NONSENSE as error:
        raise get_adapter().validation_error("incorrect_code") from error


class AddPasskeyForm(forms.AddWebAuthnForm):
    def clean(self) -> dict[str, Any]:
        with nonsense_refused():
            return dict(super().clean())


class AuthenticateForm(forms.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        with nonsense_refused():
            return super().clean_credential()


class LoginForm(AuthenticateForm, forms.LoginWebAuthnForm):
    """Instead of the password."""


class ReauthenticateForm(AuthenticateForm, forms.ReauthenticateWebAuthnForm):
    """Where the password would have to be fresh."""
