"""The ways between the admin's pages: from a row to what belongs to it, from a job to its row."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from social.words import Words

# row → (the words of the link, the list that it leads to, what it is filtered by)
RELATED: dict[str, list[tuple[Words, str, dict[str, str]]]] = {
    "publishing.delivery": [
        (_("Jobs in line"), "jobs_queuedjob", {"argument": "{0.job_id}"}),
        (_("Finished jobs"), "jobs_finishedjob", {"argument": "{0.job_id}"}),
        (_("Read back"), "importing_importeditem", {"delivery__id__exact": "{0.pk}"}),
    ],
    "social.channel": [
        (_("Deliveries"), "publishing_delivery", {"channel__id__exact": "{0.pk}"}),
        (_("Timelines"), "importing_timeline", {"channel__id__exact": "{0.pk}"}),
        (_("Circuit breakers"), "social_circuitbreaker", {"scope": "{0.account}"}),
    ],
    "social.connection": [
        (_("Timelines"), "importing_timeline", {"connection__id__exact": "{0.pk}"}),
        (_("Jobs in line"), "jobs_queuedjob", {"argument": "{0.pk}"}),
        (_("Finished jobs"), "jobs_finishedjob", {"argument": "{0.pk}"}),
    ],
    "importing.timeline": [
        (_("Runs"), "importing_importrun", {"timeline__id__exact": "{0.pk}"}),
        (_("Items"), "importing_importeditem", {"timeline__id__exact": "{0.pk}"}),
    ],
    "importing.importrun": [
        (
            _("Finished jobs"),
            "jobs_finishedjob",
            {"func": "importing.tasks.run_import", "argument": "{0.pk}"},
        ),
    ],
    "auth.user": [
        (_("Posts"), "publishing_post", {"user__id__exact": "{0.pk}"}),
        (_("Connections"), "social_connection", {"user__id__exact": "{0.pk}"}),
        (_("Timelines"), "importing_timeline", {"user__id__exact": "{0.pk}"}),
        (_("Jobs in line"), "jobs_queuedjob", {"owner": "user:{0.pk}"}),
        (_("Finished jobs"), "jobs_finishedjob", {"owner": "user:{0.pk}"}),
        (_("Mail"), "accounts_outgoingmail", {"to": "{0.email}"}),
    ],
    "jobs.finishedjob": [(_("Why it failed"), "jobs_failurenote", {"task_id": "{0.pk}"})],
    "jobs.failurenote": [(_("When it ran"), "jobs_finishedjob", {"id": "{0.pk}"})],
}
# job → the page of the row whose id is its argument
SUBJECTS = {
    "publishing.tasks.send_delivery": "publishing_delivery",
    "publishing.tasks.verify_delivery": "publishing_delivery",
    "publishing.tasks.look_up_delivery": "publishing_delivery",
    "publishing.tasks.go_on": "social_circuitbreaker",
    "publishing.tasks.note_post": "publishing_post",
    "publishing.tasks.note_connection": "social_connection",
    "publishing.tasks.mail_notices": "auth_user",
    "social.tasks.refresh_connection": "social_connection",
    "social.tasks.renew_connection": "social_connection",
    "social.tasks.check_connection": "social_connection",
    "social.tasks.revoke_connection": "social_connection",
    "social.tasks.connect_demo": "auth_user",
    "importing.tasks.run_import": "importing_importrun",
    "importing.tasks.calculate_statistics": "auth_user",
    "project.accounts.tasks.send_mail": "accounts_outgoingmail",
}


def related_pages(row: Any) -> list[tuple[Words, str]]:
    """(words, address) of the lists of what belongs to this row."""
    pages = []
    for words, page, filters in RELATED.get(row._meta.label_lower, []):
        query = urlencode({name: value.format(row) for name, value in filters.items()})
        pages.append((words, f"{reverse(f'admin:{page}_changelist')}?{query}"))
    return pages


def subject_address(func: str, argument: str) -> str:
    """Where the row is shown that a job is about; empty where it is about none."""
    page = SUBJECTS.get(func) if argument else None
    return reverse(f"admin:{page}_change", args=[argument]) if page else ""
