"""Fields of forms: what a page carries of clocks, moments, tags and revisions."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from publishing.models import Tag
from publishing.planning.fields import as_id


class ClockField(forms.DateTimeField):
    """What a clock shows, naive: only the user's zone makes a moment of it. Django's own field
    would refuse the hour that comes twice. A time with an offset stays as it is."""

    def to_python(self, value: Any) -> datetime | None:
        value = str(value or "").strip()
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid") from error


class MomentField(forms.Field):
    """A moment as a page carries it; what is none is nothing."""

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(str(value or ""))
        except ValueError:
            return None
        return moment if timezone.is_aware(moment) else None


class TagsField(forms.ModelMultipleChoiceField):
    """Tags of one person, by their ids. One that was deleted meanwhile is left out: no post is
    refused for it."""

    def __init__(self, user: Any) -> None:
        self.user = user
        super().__init__(Tag.objects.of(user), to_field_name="public_id", required=False)

    def clean(self, value: Any) -> Any:
        ids = list(filter(None, map(as_id, value or ())))
        return list(Tag.objects.of(self.user).filter(public_id__in=ids)) if ids else []


class RevisionField(forms.Field):
    """Which revision of its draft a page has; 0 for one that was never saved."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> int:
        text = str(value or "")
        return int(text) if text.isdecimal() and len(text) < 10 else 0
