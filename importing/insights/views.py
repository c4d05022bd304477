"""The pages of numbers and suggestions. They read rows that jobs wrote; they count and ask for
nothing."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from social.people import signed_in

from .dashboard import SPANS, Dashboard
from .statistics import Statistics
from .suggestion import Suggestion

SUGGESTIONS_LISTED = 30


@login_required
@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """Show the numbers. Nothing is written, but when somebody looks who has none yet: what they did
    before there were numbers is counted then."""
    statistics = Statistics.objects.of(signed_in(request))
    statistics.begin()
    days = request.GET.get("days", "")
    span = int(days) if days in map(str, SPANS) else SPANS[0]
    dashboard = Dashboard(statistics, timezone.localdate(), span)
    return render(request, "importing/numbers.html", {"dashboard": dashboard})


# ── suggestions ───────────────────────────────────────────────────────────────────────────────
@login_required
@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    ready = Suggestion.objects.of(request.user).ready().exclude(kind="plain")
    context = {"suggestions": ready[:SUGGESTIONS_LISTED]}
    return render(request, "importing/suggestions.html", context)


@login_required
@require_GET
@never_cache
def another(request: HttpRequest) -> HttpResponse:
    """Show another suggestion than the one on the composer."""
    if "HX-Request" not in request.headers:
        return redirect("posts:compose")
    return render(request, "importing/_suggestion.html")  # project/web/context.py chooses


@login_required
@require_POST
def use(request: HttpRequest, suggestion_id: uuid.UUID) -> HttpResponse:
    suggestion = own_suggestion(request, suggestion_id)
    suggestion.use()
    return redirect(f"{reverse('posts:compose')}?from={suggestion.public_id}")


@login_required
@require_POST
def dismiss(request: HttpRequest, suggestion_id: uuid.UUID) -> HttpResponse:
    own_suggestion(request, suggestion_id).dismiss()
    if "HX-Request" in request.headers:
        return render(request, "importing/_suggestion.html")
    return redirect("importing:suggestions" if "list" in request.POST else "posts:compose")


def own_suggestion(request: HttpRequest, suggestion_id: uuid.UUID) -> Suggestion:
    """Return this person's suggestion; a plain one that a page has shown is stored now. Raises
    Http404."""
    mine = Suggestion.objects.of(request.user)
    suggestion = mine.named(str(suggestion_id))
    if suggestion is None:
        Suggestion.objects.store_plain(signed_in(request), suggestion_id)
        suggestion = mine.named(str(suggestion_id))
    if suggestion is None:
        raise Http404
    return suggestion
