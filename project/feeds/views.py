"""The page of feeds, and of the bookmark that begins a post."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from social.people import signed_in

from .forms import FeedForm
from .models import Feed

# What a browser runs on a page of another site: it opens our composer with that page's title and
# address, and what is selected there. On our own pages no script may stand in an address.
BOOKMARKLET = (
    "javascript:(()=>{const q=new URLSearchParams({title:document.title,"
    "text:String(getSelection()),url:location.href});open('COMPOSER?'+q)})()"
)


@login_required
@require_http_methods(["GET", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    form = FeedForm(request.POST if request.method == "POST" else None, user=signed_in(request))
    if request.method == "POST" and form.keep():
        messages.success(request, gettext("What is new there begins a draft from now on."))
        return redirect("feeds:list")
    context = {
        "form": form,
        "feeds": Feed.objects.of(request.user),
        "bookmarklet": bookmarklet(),
    }
    return render(request, "feeds/feeds.html", context, status=400 if form.errors else 200)


def bookmarklet() -> str:
    """For a bookmark's address."""
    return BOOKMARKLET.replace("COMPOSER", f"{settings.PUBLIC_URL}{reverse('posts:compose')}")


@login_required
@require_POST
def delete(request: HttpRequest, feed_id: uuid.UUID) -> HttpResponse:
    feed = get_object_or_404(Feed.objects.of(request.user), public_id=feed_id)
    feed.delete()
    messages.success(request, gettext("It is not read any more. Its drafts stay."))
    return redirect("feeds:list")
