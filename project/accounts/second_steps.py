"""Second steps of signing in (allauth's mfa): passkeys, authenticator apps, recovery codes."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext, gettext_lazy

from social.sealing import reseal, seal, unseal

# What secrets are sealed for. allauth does not say whose they are while it asks for that.
SEALED_FOR = "second step"
SEALED_NAMES = ("secret", "seed")  # in what allauth keeps of an app, and of recovery codes


class SecondStepAdapter(DefaultMFAAdapter):
    """allauth's, with sealed secrets and with words of ours."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That was not right. Please try once more."),
    }

    def encrypt(self, text: str) -> str:
        """How a secret is stored."""
        return seal(text, SEALED_FOR)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. Raises UnreadableToken."""
        return unseal(encrypted_text, SEALED_FOR)

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        """A name for one more passkey, until its person gives it another."""
        number = 1 + Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey {number}").format(number=number)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whose passkey it is: by the host that was asked, under the name that phones show."""
        name = f"Fanfare · {urlsplit(settings.PUBLIC_URL).hostname}"
        return super().get_public_key_credential_rp_entity() | {"name": name}


def reseal_secrets(step: Authenticator) -> bool:
    """Seal what is secret of it with the first of TOKEN_KEYS; whether anything is. Raises
    UnreadableToken."""
    sealed = {name: reseal(step.data[name]) for name in SEALED_NAMES if step.data.get(name)}
    if sealed:
        step.data |= sealed
        step.save(update_fields=["data"])
    return bool(sealed)
