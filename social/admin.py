"""Connections and channels for operators: everything but the tokens."""

from typing import Any

import allauth.socialaccount.admin  # noqa: F401  registers its pages, so that they can be taken away
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from .models import Channel, CircuitBreaker, Connection, Home
from .networks import NETWORKS

# Apps come from the environment: a row of the same would break connecting for everybody. Tokens are
# sealed in our own rows, and must never be typed into allauth's table, where they would be plain.
# And who is linked to which account is what connecting says, not what somebody types.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])

SEALED = "_sealed"  # how the name of a column ends that no page shows

ROWS_COUNTED = 10_000  # by a list; nobody turns more pages


class ShortPaginator(Paginator):
    """Counts no further than that: counting a million rows would take longer than showing a page
    of them."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[:ROWS_COUNTED].count()


def linked(page: str, key: object, words: object) -> str:
    """A link to the page of that row."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{page}_change", args=[key]), words)


def column(name: str, words: Any) -> Any:
    """A column of what a row says of itself by this name, under these words."""

    def value(row: Any) -> Any:
        return getattr(row, name)

    value.__name__ = name
    return admin.display(description=words)(value)


class ColumnFilter(admin.SimpleListFilter):
    """By a column whose values are known: to look for them would read a million rows."""

    values: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter((self.parameter_name, self.value())) if self.value() else queryset


class FollowedFilter(ColumnFilter):
    """Offered where a link to it was followed: there are too many values to list."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        followed = self.value()
        return [(followed, followed)] if followed else []

    def has_output(self) -> bool:
        return True


class NetworkNameFilter(ColumnFilter):
    title, parameter_name = _("network"), "network_name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(network.name, network.label) for network in NETWORKS.values()]


class ReadOnlyAdmin(admin.ModelAdmin):
    """Pages of rows that people and jobs write elsewhere, with their rules: only to be read, and
    quick however many there are."""

    paginator = ShortPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        is_sealed = lookup.split("__")[0].endswith(SEALED)
        return not is_sealed and super().lookup_allowed(lookup, value, request)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [f.name for f in self.model._meta.concrete_fields if f.name.endswith(SEALED)]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer(*self.get_exclude(request))


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ChannelInline(ReadOnlyInline):
    model = Channel
    fields = readonly_fields = (
        "name",
        "handle",
        column("state", _("state")),
        column("state_sentence", _("what keeps it from working")),
    )
    show_change_link = True


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "user",
        "network_name",
        "home",
        "name",
        "blocked_reason",
        "checked_at",
        "is_open",
    )
    list_filter = (
        NetworkNameFilter,
        "blocked_reason",
        ("disconnected_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "handle", "remote_id", "home", "user__username", "user__email")
    list_select_related = ("user",)
    inlines = (ChannelInline,)

    @admin.display(boolean=True, description=_("connected"))
    def is_open(self, connection: Connection) -> bool:
        return connection.is_connected


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = (
        column("label", _("label")),
        "name",
        "connection",
        column("state", _("state")),
        "blocked_reason",
        "paused_at",
    )
    list_filter = (
        NetworkNameFilter,
        "blocked_reason",
        ("paused_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "handle", "remote_id", "connection__user__username")
    list_select_related = ("connection",)


@admin.register(Home)
class HomeAdmin(ReadOnlyAdmin):
    list_display = ("address", "network_name", "software", "read_at")
    list_filter = ("network_name", "software")
    search_fields = ("address",)


@admin.register(CircuitBreaker)
class CircuitBreakerAdmin(ReadOnlyAdmin):
    """Networks are paused and resumed on the page of the jobs."""

    list_display = ("scope", "kind", "reason", "tripped_at", "until", "is_closed", "by")
    list_filter = (NetworkNameFilter, "kind")
    search_fields = ("scope",)
    list_select_related = ("by",)

    @admin.display(boolean=True, description=_("closed"))
    def is_closed(self, breaker: CircuitBreaker) -> bool:
        return breaker.is_tripped
