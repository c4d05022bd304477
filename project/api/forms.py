"""What a person chooses for a token."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from social.models import Channel

from .models import READ, TOKEN_SCOPES, ApiToken

NEVER_EXPIRES = "never"


class TokenForm(forms.Form):
    """A token to be."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What uses it, so that you know later which one to revoke."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=list(TOKEN_SCOPES.items()),
        initial=[READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what it may do.")},
    )
    channels = forms.ModelMultipleChoiceField(
        label=_("It publishes to these channels only"),
        queryset=Channel.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: to all of yours. Reading is not limited by this."),
    )
    days = forms.ChoiceField(
        label=_("It ends"),
        choices=[
            ("90", _("in 90 days")),
            ("365", _("in a year")),
            (NEVER_EXPIRES, _("when you revoke it")),
        ],
        initial="90",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        channels = self.fields["channels"]
        assert isinstance(channels, forms.ModelMultipleChoiceField)
        channels.queryset = Channel.objects.of(user)
        if not channels.queryset.exists():
            del self.fields["channels"]

    def give(self) -> tuple[ApiToken, str]:
        """The token and its secret."""
        cleaned = self.cleaned_data
        is_for_ever = cleaned["days"] == NEVER_EXPIRES
        ends = None if is_for_ever else timezone.now() + timedelta(days=int(cleaned["days"]))
        return ApiToken.objects.give(
            self.user,
            cleaned["name"],
            cleaned["scopes"],
            [channel.pk for channel in cleaned.get("channels", ())],
            ends,
        )
