"""A person's calendar for other programs: its address, which is shown once, and the file."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from publishing.models import CalendarFeed

from .calendar_feed import READ_EVERY
from .feed import file_of
from .icalendar import tag_of


@require_safe
def file(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever made this token. Nobody is signed in: programs keep no session."""
    feed = CalendarFeed.objects.by_token(token)
    if feed is None:
        raise Http404
    if not feed.note_read():
        answer = HttpResponse("Once a minute is enough.\n", "text/plain", status=429)
        answer.headers["Retry-After"] = str(int(READ_EVERY.total_seconds()))
        return answer
    content = file_of(feed)
    tag = tag_of(content)
    if tag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(content, "text/calendar; charset=utf-8")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def feed(request: HttpRequest) -> HttpResponse:
    """Whether there is one, and since when; a POST makes one, and tells its address once."""
    address = ""
    if request.method == "POST":
        token = CalendarFeed.objects.open(request.user, shows_text="shows_text" in request.POST)
        path = reverse("calendar:file", args=[token]).removeprefix(settings.PUBLIC_PATH)
        address = f"{settings.PUBLIC_URL}{path}"
    known = CalendarFeed.objects.of(request.user).first()
    context = {"feed": known, "address": address}
    return render(request, "publishing/calendar/feed.html", context)


@login_required
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    CalendarFeed.objects.of(request.user).delete()
    messages.success(request, gettext("Nobody can read your calendar by its address any more."))
    return redirect("calendar:feed")
