"""The pages of this room. They read rows that jobs wrote; they count and ask for nothing."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from .models import Statistics, Suggestion
from .presenting import SPANS, Dashboard

SUGGESTIONS = 30  # on their page


@login_required
@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    row = Statistics.objects.of(request.user)
    row.look_later()
    asked = request.GET.get("days", "")
    span = int(asked) if asked in map(str, SPANS) else SPANS[0]
    dashboard = Dashboard(row, timezone.localdate(), span, numbers=row.numbers)
    return render(request, "importing/numbers.html", {"dashboard": dashboard})


# ── suggestions ───────────────────────────────────────────────────────────────────────────────
@login_required
@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    found = Suggestion.objects.of(request.user).ready().exclude(kind="plain")
    return render(request, "importing/suggestions.html", {"suggestions": found[:SUGGESTIONS]})


@login_required
@require_GET
@never_cache
def another(request: HttpRequest) -> HttpResponse:
    """The one on the composer gives way to another one."""
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
    return get_object_or_404(Suggestion.objects.of(request.user), public_id=suggestion_id)
