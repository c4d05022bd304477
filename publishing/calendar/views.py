"""The pages of the calendar: each address says all that is shown."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from publishing.posts.browsing import uuid_in

from .days import MONDAY, is_shown, month_of, week_of
from .entries import Calendar
from .pages import VIEWS, Agenda, Look, Month, Week, address_of

LAST_VIEW = "calendar_view"  # in the session: how its person looked at it last


@login_required
@require_GET
def latest(request: HttpRequest) -> HttpResponse:
    """As its person looked at it last; for the first time an agenda on a phone, else a week."""
    name = request.session.get(LAST_VIEW, "")
    if name not in VIEWS:
        name = "agenda" if is_phone(request) else "week"
    return redirect(address_of(name, look_of(request).today, first_weekday_of(request.user)))


def is_phone(request: HttpRequest) -> bool:
    """By its own account."""
    hint, agent = request.headers.get("Sec-CH-UA-Mobile"), request.headers.get("User-Agent", "")
    return hint == "?1" if hint else "Mobi" in agent


@login_required
@require_GET
def month(request: HttpRequest, name: str) -> HttpResponse:
    return show(request, Month(look_of(request), shown(month_of, name)))


@login_required
@require_GET
def week(request: HttpRequest, name: str) -> HttpResponse:
    look = look_of(request)
    return show(request, Week(look, shown(week_of, name, look.first_weekday)))


@login_required
@require_GET
def agenda(request: HttpRequest) -> HttpResponse:
    look = look_of(request)
    begin = request.GET.get("from")
    return show(request, Agenda(look, shown(date.fromisoformat, begin) if begin else look.today))


def shown(day_of: Any, *given: Any) -> date:
    """The day that an address means. Raises Http404 where it means none."""
    try:
        day: date = day_of(*given)
    except (ValueError, OverflowError):
        raise Http404 from None
    if not is_shown(day):
        raise Http404
    return day


def look_of(request: HttpRequest, now: datetime | None = None) -> Look:
    zone, first = timezone.get_current_timezone(), first_weekday_of(request.user)
    calendar = Calendar(request.user, uuid_in(request.GET.get("tag", "")))
    return Look(calendar, zone, first, now or timezone.now())


def first_weekday_of(user: Any) -> int:
    """With which day weeks begin for them. Accounts are another room's, so this asks the row."""
    profile = getattr(user, "profile", None)
    return profile.first_weekday if profile else MONDAY


def show(request: HttpRequest, view: Month | Week | Agenda) -> HttpResponse:
    """The page; or only the calendar in it, for a page that has the rest."""
    is_part = (
        "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    )
    template = "publishing/calendar/_answer.html" if is_part else "publishing/calendar/page.html"
    context = {"view": view, "zone": timezone.get_current_timezone_name()}
    if request.session.get(LAST_VIEW) != view.name:
        request.session[LAST_VIEW] = view.name
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    if is_part:  # by whatever way it came here
        before, address = (
            urlsplit(request.headers.get("HX-Current-URL", "")),
            request.get_full_path(),
        )
        is_there = f"{before.path}?{before.query}".rstrip("?") == address
        response.headers["HX-Push-Url"] = "false" if is_there else address
    return response
