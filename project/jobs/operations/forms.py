import json
import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_q.models import Schedule

from social.people import AnyUser

from ..models import PausedQueue, QueuedJob
from ..models.queued_jobs import HIGHEST_PRIORITY, LOWEST_PRIORITY
from ..queue.job import registered
from ..queue.timetable import TIMETABLE_PREFIX

TEXT_ID = re.compile(r"[\w.:-]{1,200}", re.ASCII)
# django-q2 can only read cron lines with a library that is not among ours.
SCHEDULE_TYPES = [kind for kind in Schedule.TYPE if kind[0] != Schedule.CRON]


def registered_choices() -> list[tuple[str, str]]:
    return [("", "---------"), *((name, name) for name in sorted(registered()))]


class ScheduleForm(forms.ModelForm):
    func = forms.ChoiceField(label=_("Job"), choices=registered_choices)
    args = forms.CharField(
        label=_("Id"),
        required=False,
        help_text=_('As JSON: a whole number, or a text in "quotes".'),
    )
    schedule_type = forms.ChoiceField(label=_("How often"), choices=SCHEDULE_TYPES)

    class Meta:
        model = Schedule
        fields = ("name", "func", "args", "schedule_type", "minutes", "repeats", "next_run")

    def clean_name(self) -> str | None:
        name = self.cleaned_data["name"]
        if name and name.startswith(TIMETABLE_PREFIX):
            sentence = gettext("Names that begin with “{prefix}” belong to the timetable.")
            raise ValidationError(sentence.format(prefix=TIMETABLE_PREFIX))
        return name

    def clean_args(self) -> str | None:
        text = self.cleaned_data["args"]
        if not text:
            return None
        try:
            value: Any = json.loads(text)
        except ValueError as error:
            raise ValidationError(_("This is not JSON.")) from error
        if type(value) is not int and not (isinstance(value, str) and TEXT_ID.fullmatch(value)):
            raise ValidationError(_("One id: a whole number, or a short text in quotes."))
        return json.dumps(value)


class DueWidget(AdminSplitDateTime):
    """Its two fields have names of their own, for who cannot see that they are beside the label."""

    def __init__(self) -> None:
        super().__init__()
        for widget, label in zip(self.widgets, (_("Due: date"), _("Due: time")), strict=True):
            widget.attrs["aria-label"] = label


class QueuedJobForm(forms.ModelForm):
    """Hidden fields say what the page showed: only what its person changed is changed."""

    lock = forms.SplitDateTimeField(
        label=_("Due"), widget=DueWidget(), show_hidden_initial=True, required=True
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=LOWEST_PRIORITY,
        max_value=HIGHEST_PRIORITY,
        show_hidden_initial=True,
        help_text=format_lazy(
            _("From {lowest} to {highest}; higher comes first."),
            lowest=LOWEST_PRIORITY,
            highest=HIGHEST_PRIORITY,
        ),
    )

    class Meta:
        model = QueuedJob
        fields = ("lock", "priority")

    def act(self, by: AnyUser | None) -> bool:
        """Whether all of it happened."""
        job, changed = self.instance, self.cleaned_data
        happened = "lock" not in self.changed_data or job.move(changed["lock"], by)
        if happened and "priority" in self.changed_data:
            happened = job.prioritise(changed["priority"], by)
        return happened


class PausedQueueForm(forms.ModelForm):
    queue = forms.ChoiceField(choices=lambda: [(queue, queue) for queue in settings.JOB_SLOTS])

    class Meta:
        model = PausedQueue
        fields = ("queue",)
