"""Forms of the account pages."""

from typing import Any, cast
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import FIRST_WEEKDAYS, NOTICE_MAIL, Profile, check_time_zone

ZONE_REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


def time_zone_choices(current: str) -> list[tuple[str, Any]]:
    """Zones by region, named by their city; the current one always among them."""
    names = sorted(available_timezones())
    choices: list[tuple[str, Any]] = [("UTC", "UTC")]
    if current != "UTC" and current.split("/")[0] not in ZONE_REGIONS:
        choices.append((current, current))
    for region in ZONE_REGIONS:
        cities = [name for name in names if name.startswith(f"{region}/")]
        choices.append((region, [(name, city(name)) for name in cities]))
    return choices


def city(name: str) -> str:
    return name.split("/", 1)[1].replace("_", " ").replace("/", ", ")


class SignUpForm(forms.Form):
    """What our sign-up asks beyond allauth's fields."""

    # Filled by the browser (fanfare.js); a wrong one is no reason to turn a person away.
    time_zone = forms.CharField(
        required=False,
        widget=forms.HiddenInput(attrs={"data-time-zone": "", "autocomplete": "off"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        try:
            Profile.objects.of(user).guess_time_zone(self.cleaned_data["time_zone"])
        except ValidationError:
            pass  # stays UTC until the browser says better


class TimeZoneForm(forms.Form):
    time_zone = forms.ChoiceField(
        label=_("Your time zone"),
        help_text=_("Times are shown in it, and “publish at” means it."),
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        kwargs["initial"] = {"time_zone": profile.time_zone}
        super().__init__(*args, **kwargs)
        self.profile = profile
        field = cast(forms.ChoiceField, self.fields["time_zone"])
        field.choices = time_zone_choices(profile.time_zone)

    def clean_time_zone(self) -> str:
        check_time_zone(self.cleaned_data["time_zone"])
        return self.cleaned_data["time_zone"]


class NoticeMailForm(forms.Form):
    notice_mail = forms.ChoiceField(
        label=_("Mail me what needs me"),
        choices=NOTICE_MAIL,
        widget=forms.RadioSelect,
        help_text=_("A post that failed or waits for your word, a connection that broke."),
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        kwargs["initial"] = {"notice_mail": profile.notice_mail}
        super().__init__(*args, **kwargs)
        self.profile = profile

    def save(self) -> None:
        self.profile.choose_notice_mail(self.cleaned_data["notice_mail"])


class LetterKeysForm(forms.Form):
    letter_keys = forms.BooleanField(
        label=_("Single letters are keys"),
        required=False,
        help_text=_("Outside of fields: n writes a new post, ? shows them all."),
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        kwargs["initial"] = {"letter_keys": profile.letter_keys}
        super().__init__(*args, **kwargs)
        self.profile = profile

    def save(self) -> None:
        self.profile.choose_letter_keys(self.cleaned_data["letter_keys"])


class CalendarForm(forms.Form):
    first_weekday = forms.TypedChoiceField(
        label=_("Weeks begin on"), choices=FIRST_WEEKDAYS, coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        kwargs["initial"] = {"first_weekday": profile.first_weekday}
        super().__init__(*args, **kwargs)
        self.profile = profile

    def save(self) -> None:
        self.profile.choose_first_weekday(self.cleaned_data["first_weekday"])


class DeleteAccountForm(forms.Form):
    """Asks for the password; of somebody who has none, for the user name."""

    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    username = forms.CharField(
        label=_("Your user name, to be sure"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        del self.fields["username" if user.has_usable_password() else "password"]

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        # Through allauth, so that guessing is throttled like signing in.
        if not get_adapter().reauthenticate(self.user, password):
            raise ValidationError(gettext("This is not your password."))
        return password

    def clean_username(self) -> str:
        if self.cleaned_data["username"] != self.user.get_username():
            raise ValidationError(gettext("This is not your user name."))
        return self.cleaned_data["username"]
