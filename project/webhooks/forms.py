"""Whom a person wants told, and what is wrong with the address, in words."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .calling import check_address
from .models import ADDRESS_CHARACTERS, WEBHOOKS_PER_USER, Webhook


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=ADDRESS_CHARACTERS,
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/fanfare"}),
        help_text=_("What became of each post is sent there, signed, a moment after it happened."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        check_address(url)
        return url

    def clean(self) -> dict[str, Any]:
        super().clean()
        if Webhook.objects.of(self.user).count() >= WEBHOOKS_PER_USER:
            raise ValidationError(gettext("That is as many webhooks as fit. Delete one first."))
        return self.cleaned_data

    def keep(self) -> Webhook | None:
        """Make it, if it is in order; what is not, the form says."""
        if not self.is_valid():
            return None
        webhook = Webhook(user=self.user, url=self.cleaned_data["url"])
        webhook.draw_secret()
        try:
            with transaction.atomic():
                webhook.save()
        except IntegrityError:
            self.add_error("url", gettext("You have a webhook to that address."))
            return None
        return webhook
