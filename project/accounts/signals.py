"""Receivers of what happens to people, by whatever way."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from .signing_up import remember_founding


@receiver(post_save, sender=get_user_model())
def person_saved(instance: Any, created: bool, **_: Any) -> None:
    if created:
        remember_founding(instance)


@receiver(post_delete, sender=get_user_model())
def person_deleted(instance: Any, **_: Any) -> None:
    remember_founding(instance)
