"""Where `celery -A` finds the app: the task imports a model, so Django comes first."""

import django

django.setup()

from .celery import app  # noqa: E402, F401
