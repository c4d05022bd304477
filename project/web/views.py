"""The front door."""

from contextlib import suppress

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from project.accounts.models import Profile
from social.demo import USERNAME as DEMO_USERNAME
from social.demo import connect_demo_later
from social.models import Connection

from .icons import ICONS


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


@require_GET
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to know to install Fanfare, and to offer it where things are shared."""
    compose = reverse("posts:compose")
    share_target = {
        "action": compose,
        "method": "POST",
        "enctype": "multipart/form-data",
        "params": {
            "title": "title",
            "text": "text",
            "url": "url",
            "files": [{"name": "files", "accept": ["image/*"]}],
        },
    }
    said = {
        "name": "Fanfare",
        "short_name": "Fanfare",
        "description": gettext("Say it once; it is heard everywhere, exactly once."),
        "id": reverse("home"),
        "scope": reverse("home"),
        "start_url": compose,
        "display": "standalone",
        "theme_color": "#0b5563",
        "background_color": "#ffffff",
        "icons": [icon_of(*icon) for icon in ICONS],
        "share_target": share_target,
    }
    return JsonResponse(said, content_type="application/manifest+json")


def icon_of(name: str, pixels: int, may_be_cut: bool) -> dict[str, str]:
    return {
        "src": static(f"fanfare/{name}"),
        "sizes": f"{pixels}x{pixels}",
        "type": "image/png",
        "purpose": "maskable" if may_be_cut else "any",
    }
