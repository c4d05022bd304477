"""Signing in takes the same time whether there is such a person or not."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from django.contrib.auth import get_user_model
from django.http import HttpRequest

LONGEST_NAME_LETTERS = 320  # of an address; user names have 150


class SteadyAuthenticationBackend(AuthenticationBackend):
    """allauth's tries a wrong password once by the address as an address, and again by the address
    as a user name: two hashes for who is known here, one for a stranger. This one tries each person
    once, and its parent hashes once where there is nobody."""

    def get_user(self, user_id: int) -> Any:
        """The user of a session, with the profile: each page asks for the time zone."""
        people = get_user_model()._default_manager.select_related("profile")
        user = people.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> Any:
        password = credentials["password"]
        for user in self._meant(credentials.get("email"), credentials.get("username")):
            if self._check_password(user, password):
                return user
        return None

    def _meant(self, email: str | None, username: str | None) -> list[Any]:
        """Those who may be meant, each once: also a user name may look like an address. What is
        longer than any name is nobody's; SQLite refuses to look for what is very long."""
        users = {}
        if max(len(email or ""), len(username or "")) > LONGEST_NAME_LETTERS:
            return []
        for address in filter(None, {email, username}):
            if "@" in address:
                for user in filter_users_by_email(address, prefer_verified=True, for_login=True):
                    users[user.pk] = user
        user = get_user_by_username(username) if username else None
        if user is not None:
            users.setdefault(user.pk, user)
        return list(users.values())
