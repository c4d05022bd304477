"""Which feed a person wants to read, and what is wrong with its address, in words."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from social.networks.web_pages import is_readable

from .models import FEED_ADDRESS_CHARACTERS, FEEDS_PER_USER, Feed


class FeedForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=FEED_ADDRESS_CHARACTERS,
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/feed.xml"}),
        help_text=_("Of an RSS or Atom feed. What stands there by now begins no draft."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not is_readable(url):
            raise ValidationError(
                gettext("Give an address of the web that begins with https:// or http://."),
                code="address",
            )
        return url

    def clean(self) -> dict[str, Any]:
        super().clean()
        if Feed.objects.of(self.user).count() >= FEEDS_PER_USER:
            raise ValidationError(gettext("That is as many feeds as fit. Remove one first."))
        return self.cleaned_data

    def keep(self) -> Feed | None:
        """Begin to read it, if it is in order; what is not, the form says."""
        if not self.is_valid():
            return None
        try:
            with transaction.atomic():
                feed = Feed.objects.create(user=self.user, url=self.cleaned_data["url"])
        except IntegrityError:
            self.add_error("url", gettext("You read that feed already."))
            return None
        feed.read_later()
        return feed
