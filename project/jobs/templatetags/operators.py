"""What the admin's templates show beside Django's own."""

from django import template
from django.utils.translation import gettext_lazy as _

from project.jobs.models.heartbeat import WorkerTask
from project.jobs.operations.related import related_pages, subject_address
from project.jobs.operations.tabs import SAME_TAB, TABS, JobTab, counts_by_state, job_tabs
from social.words import Words

register = template.Library()
ROW_WORDS = {  # action → its words at a single row
    "cancel": _("Cancel"),
    "kill": _("Kill"),
    "quiet": _("Quiet"),
    "release": _("Release"),
    "retry": _("Retry"),
    "run_now": _("Run now"),
    "send_now": _("Send now"),
    "stop": _("Stop"),
}
register.filter("related_pages", related_pages)


@register.filter
def task_address(task: WorkerTask) -> str:
    """Where the row is shown that a worker is busy with; empty where there is none."""
    return subject_address(task.job, task.argument)


@register.simple_tag(takes_context=True)
def tabs_of_list(context: template.Context) -> list[JobTab]:
    """A tab a state, above the lists of jobs; none above others."""
    model_name = context["cl"].opts.model_name
    if model_name not in {*SAME_TAB, *(model for _, _, model, _ in TABS)}:
        return []
    return job_tabs(counts_by_state(), model_name, context["request"].GET)


@register.simple_tag(takes_context=True)
def row_actions(context: template.Context) -> list[tuple[str, Words]]:
    """(name, words) of what can be done to the row of a page, as to the rows of its list: there
    with what it means, here in short."""
    actions = context["adminform"].model_admin.get_actions(context["request"])
    return [
        (name, ROW_WORDS.get(name, words))
        for _, name, words in actions.values()
        if name != "delete_selected"
    ]
