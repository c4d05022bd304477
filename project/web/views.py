"""The front door."""

from contextlib import suppress

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from project.accounts.models import Profile
from social.demo import USERNAME as DEMO_USERNAME
from social.demo import connect_demo_later
from social.models import Connection


def home(request: HttpRequest) -> HttpResponse:
    """A person's home is the composer; anybody else reads what this is."""
    if request.user.is_authenticated:
        return redirect("posts:compose")
    return render(request, "home.html")


@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """Sign in as the demo person, with all networks connected by a job. Sandbox and DEBUG only."""
    if not (settings.SANDBOX_MODE and settings.DEBUG):
        raise Http404
    person, new = get_user_model().objects.get_or_create(username=DEMO_USERNAME)
    if new:
        person.set_unusable_password()
        person.save(update_fields=["password"])
    if not Connection.objects.of(person).connected().exists():
        connect_demo_later(person)
    with suppress(ValidationError):
        Profile.objects.of(person).guess_time_zone(request.POST.get("time_zone", ""))
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("channels:list")
