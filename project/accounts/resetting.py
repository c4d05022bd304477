"""The mail that lets somebody choose a new password: written where it is sent, by a worker, so that
a page takes the same time for an address that is known here and for one that is not."""

from collections.abc import Iterator

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import filter_users_by_email
from django.core.mail import EmailMessage
from django.utils.http import int_to_base36


def reset_messages(address: str) -> Iterator[EmailMessage]:
    """One for each active person with this address; none for strangers: nobody has us write to
    whomever they like."""
    adapter, tokens = get_adapter(), app_settings.PASSWORD_RESET_TOKEN_GENERATOR()
    people = filter_users_by_email(address, is_active=True, prefer_verified=True, for_login=True)
    for user in people:
        key = f"{int_to_base36(user.pk)}-{tokens.make_token(user)}"
        context = {
            "user": user,
            "username": user.get_username(),
            "current_site": adapter.site(),
            "password_reset_url": adapter.get_reset_password_from_key_url(key),
        }
        yield adapter.render_mail("account/email/password_reset_key", address, context)
