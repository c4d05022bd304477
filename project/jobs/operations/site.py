"""The admin as a place of Fanfare's: its name, and one section a room instead of one an app."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .names import translate_names

# section → its lists, as app_label.model, and what is found in each
SECTIONS = [
    (
        _("Publishing"),
        {
            "publishing.post": _("What people wrote, with its deliveries"),
            "publishing.delivery": _("One post on its way to one channel, with its attempts"),
            "publishing.draft": _("What people are writing, without its words"),
            "publishing.tag": _("Words with a colour, by which people sort posts"),
            "publishing.postingtime": _("When people like to post"),
        },
    ),
    (
        _("Channels"),
        {
            "social.channel": _("Where posts go"),
            "social.connection": _("People's accounts at the networks"),
            "social.home": _("Servers that accounts live on, where a network has many"),
            "social.circuitbreaker": _("Accounts and networks that nothing is sent to for now"),
        },
    ),
    (
        _("Reading back"),
        {
            "importing.timeline": _("What is read back of each account"),
            "importing.importrun": _("Each reading, and what it brought"),
            "importing.importeditem": _("Posts, likes and friends that were read"),
        },
    ),
    (
        _("Jobs"),
        {
            "jobs.queuedjob": _("Queued, scheduled and running"),
            "jobs.finishedjob": _("What ran, when, where and how long"),
            "jobs.failuregroup": _("Failures of one cause together: retry or discard them"),
            "jobs.failurenote": _("Every failure by itself"),
            "jobs.deadletter": _("What cannot be run: release or discard it"),
            "django_q.schedule": _("What runs by itself, and when next"),
            "jobs.heartbeat": _("Processes that run jobs: quiet, stop or kill them"),
            "jobs.pausedqueue": _("Queues that nothing is taken from"),
            "jobs.auditlogentry": _("Who did what to jobs and workers"),
        },
    ),
    (
        _("People"),
        {
            "auth.user": _("Who may sign in"),
            "account.emailaddress": _("Their addresses, and which are verified"),
            "auth.group": _("Rights that several share"),
            "accounts.outgoingmail": _("Mail that was sent, or is on its way"),
            "api.apitoken": _("By which programs act as people, and how far"),
            "webhooks.webhook": _("Other programs that are told what became of posts"),
        },
    ),
]

# What a list is to operators, where its rows are called something else: one, and several
LIST_NAMES = {
    "jobs.failuregroup": (_("cause of failures"), _("failed jobs by cause")),
    "jobs.heartbeat": (_("worker"), _("workers")),
    "django_q.schedule": (_("schedule"), _("schedules")),
}


class OperatorsSite(AdminSite):
    """The admin. A list that no section names, of a network perhaps, stays in one of its app."""

    site_header = site_title = "Fanfare"
    index_title = _("Admin")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        rest = {app["app_label"]: app for app in super().get_app_list(request)}
        lists = {
            model["model"]._meta.label_lower: model
            for app in rest.values()
            for model in app["models"]
        }
        sections = []
        for name, hints in SECTIONS:
            here = [lists[label] | {"hint": hints[label]} for label in hints if label in lists]
            of_it = [rest.pop(label) for label in labels_of(hints) if label in rest]
            if here and app_label in (None, *labels_of(hints)):
                sections.append(of_it[0] | {"name": name, "models": here})
        return sections + [rest[label] for label in rest if app_label in (None, label)]


class OperatorsConfig(AdminConfig):
    default_site = "project.jobs.operations.site.OperatorsSite"

    def ready(self) -> None:
        super().ready()
        for name, hints in SECTIONS:  # what the way back up a page calls them
            for label in labels_of(hints):
                apps.get_app_config(label).verbose_name = name
        translate_names()
        for model, (one, several) in LIST_NAMES.items():
            options = apps.get_model(model)._meta
            options.verbose_name, options.verbose_name_plural = one, several


def labels_of(lists: Iterable[str]) -> dict[str, None]:
    """The apps of these lists, each once and in their order."""
    return dict.fromkeys(name.split(".")[0] for name in lists)
