"""The task list of the operators: django-q2's rows, shown without reading one pickle.

The stock pages unpickle what they show, and run whatever function a person types: they make way
for those of operations/admin.
"""

import django_q.admin  # noqa: F401  registers the stock pages, so that they can be taken away
from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

for model in (OrmQ, Schedule, Success, Failure):
    admin.site.unregister(model)

from .operations.admin import (  # noqa: E402, F401
    audit_log,
    dead_letters,
    finished,
    queued,
    schedules,
    workers,
)
