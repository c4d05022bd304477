"""Receivers of what happens to people, by whatever way."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from social.sealing import UnreadableToken, resealing

from .second_steps import reseal_secrets
from .signing_up import remember_founding


@receiver(post_save, sender=get_user_model())
def person_saved(instance: Any, created: bool, **_: Any) -> None:
    if created:
        remember_founding(instance)


@receiver(post_delete, sender=get_user_model())
def person_deleted(instance: Any, **_: Any) -> None:
    remember_founding(instance)


@receiver(resealing)
def token_keys_rotated(**_: Any) -> tuple[int, list[str]]:
    """Secrets of second steps stand in a table of allauth's."""
    done, unreadable = 0, []
    for pk in Authenticator.objects.values_list("pk", flat=True):
        try:
            with transaction.atomic():
                done += reseal_secrets(Authenticator.objects.select_for_update().get(pk=pk))
        except UnreadableToken:
            unreadable.append(f"no key opens the secret of second step {pk}")
    return done, unreadable
