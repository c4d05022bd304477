"""What a person may write into the composer, and what is wrong with it, in words."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from social.models import Channel

from .models import Post
from .models.post import check_content, check_time, tidy
from .times import meant

CLOCK = "%Y-%m-%dT%H:%M"


class PostForm(forms.Form):
    """The composer. `user` decides which channels there are; `zone` is where their clock hangs."""

    text = forms.CharField(
        label="Your post",
        required=False,  # publishing says it better
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
    )
    channels = forms.ModelMultipleChoiceField(
        label="Where", queryset=Channel.objects.none(), required=False
    )
    when = forms.ChoiceField(
        label="When",
        choices=[("now", "Now"), ("later", "At a time")],
        initial="now",
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label="Time",
        required=False,
        input_formats=[CLOCK, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=CLOCK),
        error_messages={"invalid": "That is not a date and time."},
    )
    submit_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, user: Any, zone: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.zone, self.note = user, zone, ""
        self.fields["channels"].queryset = Channel.objects.of(user)
        self.fields["channels"].error_messages["invalid_choice"] = (
            "One of the channels is not yours any more. Choose again."
        )
        self.fields["submit_key"].initial = uuid.uuid4

    def clean_at(self) -> datetime | None:
        """The moment that the clock on the person's wall will show this."""
        at = self.cleaned_data["at"]
        if self.data.get("when") != "later":
            return None
        if at is None:
            raise forms.ValidationError("Choose a date and time.")
        clock = timezone.make_naive(at) if timezone.is_aware(at) else at
        try:
            moment = meant(clock, self.zone)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        self.note = moment.note
        check_time(moment.at)
        return moment.at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "channels" in cleaned and "text" in cleaned:
            check_content(tidy(cleaned["text"]), list(cleaned["channels"]))
        return cleaned

    def publish(self) -> Post:
        cleaned = self.cleaned_data
        return Post.objects.publish(
            self.user,
            cleaned["text"],
            cleaned["channels"],
            cleaned.get("at"),
            time_zone=self.zone,
            submit_key=cleaned.get("submit_key"),
        )


class EditForm(PostForm):
    """The same for a post that waits; where it goes is settled."""

    def __init__(self, post: Post, *args: Any, **kwargs: Any) -> None:
        super().__init__(post.user, *args, **kwargs)
        self.post = post
        del self.fields["channels"], self.fields["submit_key"]

    def clean(self) -> dict[str, Any]:
        cleaned = forms.Form.clean(self)
        if "text" in cleaned:
            channels = [delivery.channel for delivery in self.post.deliveries.all()]
            check_content(tidy(cleaned["text"]), channels)
        return cleaned

    def save(self) -> bool:
        cleaned = self.cleaned_data
        return self.post.edit(cleaned["text"], cleaned.get("at"), self.zone)
