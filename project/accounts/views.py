"""The settings of a person."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from publishing.planning.times_views import in_words_of, sentences_of
from publishing.planning.week import PostingWeek, change_of, is_nothing, key_of_change, save_zone
from social.people import signed_in

from .deleting import delete_account, is_last_superuser
from .exporting import export_of
from .forms import (
    CalendarForm,
    DeleteAccountForm,
    LetterKeysForm,
    NoticeMailForm,
    TimeZoneForm,
)
from .models import Profile


@login_required
@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    form = TimeZoneForm(request.POST or None, profile=Profile.objects.of(signed_in(request)))
    if form.is_valid():
        return choose_time_zone(request, form)
    profile = Profile.objects.of(signed_in(request))
    context = {
        "form": form,
        "mail": NoticeMailForm(profile=profile),
        "keys": LetterKeysForm(profile=profile),
        "calendar": CalendarForm(profile=profile),
    }
    return render(request, "accounts/settings.html", context)


def choose_time_zone(request: HttpRequest, form: TimeZoneForm) -> HttpResponse:
    """What stands at a posting time goes to the same clock in the new zone: shown first."""
    user, zone = signed_in(request), form.cleaned_data["time_zone"]
    change = change_of(user, PostingWeek.of(user), zone)
    shown = request.POST.get("shown", "" if not is_nothing(change) else key_of_change(change))
    saved = save_zone(user, zone, shown, form.profile.choose_time_zone)
    if saved is None:
        context = in_words_of(change) | {"zone": zone}
        return render(request, "accounts/zone_moves.html", context)
    messages.success(request, gettext("Your time zone is set."))
    for sentence in sentences_of(saved, is_done=True):
        messages.info(request, sentence)
    return redirect("settings")


@login_required
@require_POST
def choose_notice_mail(request: HttpRequest) -> HttpResponse:
    form = NoticeMailForm(request.POST, profile=Profile.objects.of(signed_in(request)))
    if form.is_valid():
        form.save()
        messages.success(request, gettext("Noted, also for what was not mailed yet."))
    else:
        messages.error(request, gettext("Choose one of the three."))
    return redirect("settings")


@login_required
@require_POST
def choose_letter_keys(request: HttpRequest) -> HttpResponse:
    form = LetterKeysForm(request.POST, profile=Profile.objects.of(signed_in(request)))
    if form.is_valid():
        form.save()
        messages.success(request, gettext("Noted."))
    return redirect("settings")


@login_required
@require_POST
def choose_first_weekday(request: HttpRequest) -> HttpResponse:
    form = CalendarForm(request.POST, profile=Profile.objects.of(signed_in(request)))
    if form.is_valid():
        form.save()
        messages.success(request, gettext("Noted."))
    else:
        messages.error(request, gettext("Choose one of the three."))
    return redirect("settings")


@login_required
@require_POST
def guess_time_zone(request: HttpRequest) -> HttpResponse:
    """Take the time zone that the browser is in (fanfare.js sends it)."""
    try:
        Profile.objects.of(signed_in(request)).guess_time_zone(request.POST.get("time_zone", ""))
    except ValidationError:
        return HttpResponseBadRequest("not a time zone")
    return HttpResponse(status=204)


@login_required
@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    name = f"fanfare-{request.user.get_username()}-{timezone.now():%Y-%m-%d}.json"
    response = StreamingHttpResponse(export_of(signed_in(request)), content_type="application/json")
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return response


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    form = DeleteAccountForm(request.POST or None, user=signed_in(request))
    if form.is_valid():
        delete_account(signed_in(request))
        logout(request)
        return render(request, "accounts/deleted.html")
    context = {"form": form, "is_last_superuser": is_last_superuser(signed_in(request))}
    return render(request, "accounts/delete.html", context)
