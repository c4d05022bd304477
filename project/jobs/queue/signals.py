"""What else wakes the workers."""

from django.db.models.signals import post_save
from django.dispatch import receiver
from django_q.models import Schedule

from .notifier import notify_workers


@receiver(post_save, sender=Schedule, dispatch_uid="notify_of_schedules")
def notify_of_schedules(**_: object) -> None:
    """It may be due before any worker would read the timetable again."""
    notify_workers()
