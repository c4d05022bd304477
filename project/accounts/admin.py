"""People and their mail for operators. What decides who may do what is for superusers only."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from social.admin import ReadOnlyAdmin

from .models import OutgoingMail

# Where people are signed in is their own business; second steps hold secrets, and whoever takes one
# away with a command (remove_second_step) has the machine.
admin.site.unregister([User, Group, EmailAddress, UserSession, Authenticator])

MAIL_COLUMNS = ("subject", "to", "created_at", "sent_at", "tries", "next_try_at", "error")


class SuperusersOnly(admin.ModelAdmin):
    """Who could change such rows could make a superuser of themselves: by the flag, a group, the
    password, or the address that a new password is sent to. Staff may be allowed to look."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if request.user.is_superuser else {}


@admin.register(User)
class PersonAdmin(SuperusersOnly, UserAdmin):
    pass


@admin.register(Group)
class PeopleGroupAdmin(SuperusersOnly, GroupAdmin):
    pass


@admin.register(EmailAddress)
class EmailAddressAdmin(SuperusersOnly, allauth.account.admin.EmailAddressAdmin):
    pass


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Read only, and never a body: it may hold a link that lets its reader in."""

    list_display = MAIL_COLUMNS
    fields = MAIL_COLUMNS
    readonly_fields = MAIL_COLUMNS
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    search_fields = ["to", "subject"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Nor piece by piece, by asking in the address which bodies begin with which letter."""
        return lookup.split("__")[0] in MAIL_COLUMNS and super().lookup_allowed(
            lookup, value, request
        )
