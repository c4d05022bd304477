"""What a person asks to be done to all posts of a list."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.models import Tag

from .bulk_act import ACTS, MOVE, TAG, UNTAG

MOST_DAYS = 365


class BulkActForm(forms.Form):
    """The act, and what it needs."""

    act = forms.ChoiceField(label=_("What to do"), choices=ACTS)
    tag = forms.ModelChoiceField(
        Tag.objects.none(), to_field_name="public_id", required=False, label=_("Tag")
    )
    days = forms.IntegerField(
        label=_("Days"), min_value=-MOST_DAYS, max_value=MOST_DAYS, required=False
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tag = self.fields["tag"]
        assert isinstance(tag, forms.ModelChoiceField)
        tag.queryset = Tag.objects.of(user)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("act") in (TAG, UNTAG) and not cleaned.get("tag") and not self.errors:
            raise ValidationError(gettext("Choose a tag."))
        if cleaned.get("act") == MOVE and not cleaned.get("days") and not self.errors:
            raise ValidationError(gettext("Say by how many days."))
        return cleaned

    @property
    def sentence(self) -> str:
        """What is wrong with it, in one."""
        return " ".join(str(error[0]) for error in self.errors.values())
