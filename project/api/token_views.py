"""The page of a person's tokens. Behind a password that was given a moment ago; a new token is
shown once, in the answer to its form, and is stored nowhere."""

import uuid

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from project.jobs.models import AuditLogEntry
from social.people import signed_in

from .forms import TokenForm
from .models import ApiToken


@login_required
@never_cache
@reauthentication_required
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    user, secret, is_sent = signed_in(request), "", request.method == "POST"
    form = TokenForm(user, request.POST if is_sent else None)
    if is_sent and form.is_valid():
        token, secret = form.give()
        AuditLogEntry.objects.record(user, "made an API token", str(token))
        form = TokenForm(user)
    rows = ApiToken.objects.of(user)
    context = {
        "form": form,
        "secret": secret,
        "rows": [token for token in rows if token.is_standing],
        "over": [token for token in rows if not token.is_standing],
    }
    status = 400 if form.errors else 200
    return render(request, "api/tokens.html", context, status=status)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: uuid.UUID) -> HttpResponse:
    """Without asking for a password: who finds a token where it should not be is in a hurry."""
    token = get_object_or_404(ApiToken.objects.of(request.user), public_id=token_id)
    if token.revoke():
        AuditLogEntry.objects.record(signed_in(request), "revoked an API token", str(token))
    messages.success(request, gettext("{name} opens nothing any more.").format(name=token.name))
    return redirect("api_tokens")
