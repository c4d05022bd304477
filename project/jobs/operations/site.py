"""The admin as a place of Fanfare's: its name, and one section a room instead of one an app."""

from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest

# section → its lists, as app_label.model, and what is found in each
SECTIONS = {
    "Publishing": {
        "publishing.post": "What people wrote, with its deliveries",
        "publishing.delivery": "One post on its way to one channel, with its attempts",
    },
    "Channels": {
        "social.channel": "Where posts go",
        "social.connection": "People's accounts at the networks",
        "social.home": "Servers that accounts live on, where a network has many",
        "social.circuitbreaker": "Accounts and networks that nothing is sent to for now",
    },
    "Reading back": {
        "importing.timeline": "What is read back of each account",
        "importing.importrun": "Each reading, and what it brought",
        "importing.importeditem": "Posts, likes and friends that were read",
    },
    "Jobs": {
        "jobs.queuedjob": "Queued, scheduled and running",
        "jobs.finishedjob": "What ran, when, where and how long",
        "jobs.failuregroup": "Failures of one cause together: retry or discard them",
        "jobs.failurenote": "Every failure by itself",
        "jobs.deadletter": "What cannot be run: release or discard it",
        "django_q.schedule": "What runs by itself, and when next",
        "jobs.heartbeat": "Processes that run jobs: quiet, stop or kill them",
        "jobs.pausedqueue": "Queues that nothing is taken from",
        "jobs.auditlogentry": "Who did what to jobs and workers",
    },
    "People": {
        "auth.user": "Who may sign in",
        "account.emailaddress": "Their addresses, and which are verified",
        "auth.group": "Rights that several share",
        "accounts.outgoingmail": "Mail that was sent, or is on its way",
    },
}

# What a list is to operators, where its rows are called something else: one, and several
LIST_NAMES = {
    "jobs.failuregroup": ("cause of failures", "failed jobs by cause"),
    "jobs.heartbeat": ("worker", "workers"),
    "django_q.schedule": ("schedule", "schedules"),
}


class OperatorsSite(AdminSite):
    """The admin. A list that no section names, of a network perhaps, stays in one of its app."""

    site_header = site_title = "Fanfare"
    index_title = "Admin"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        rest = {app["app_label"]: app for app in super().get_app_list(request)}
        lists = {
            model["model"]._meta.label_lower: model
            for app in rest.values()
            for model in app["models"]
        }
        sections = []
        for name, hints in SECTIONS.items():
            here = [lists[label] | {"hint": hints[label]} for label in hints if label in lists]
            of_it = [rest.pop(label) for label in labels_of(hints) if label in rest]
            if here and app_label in (None, *labels_of(hints)):
                sections.append(of_it[0] | {"name": name, "models": here})
        return sections + [rest[label] for label in rest if app_label in (None, label)]


class OperatorsConfig(AdminConfig):
    default_site = "project.jobs.operations.site.OperatorsSite"

    def ready(self) -> None:
        super().ready()
        for name, hints in SECTIONS.items():  # what the way back up a page calls them
            for label in labels_of(hints):
                apps.get_app_config(label).verbose_name = name
        for model, (one, several) in LIST_NAMES.items():
            options = apps.get_model(model)._meta
            options.verbose_name, options.verbose_name_plural = one, several


def labels_of(lists: dict[str, str]) -> dict[str, None]:
    """The apps of these lists, each once and in their order."""
    return dict.fromkeys(name.split(".")[0] for name in lists)
