"""Who may ask as whom, and what was answered once."""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from social.exporting import ExportPart
from social.people import AnyUser
from social.words import Words

MARK = "fan_"  # by it a scanner, and our own redacting, know one
TOKEN_SECRET_BYTES = 32  # so much chance needs no slow hash
PREFIX_CHARACTERS = 8  # of the secret, so that its person knows which one it is
LONGEST_KEY = 255
NOTED_EVERY = timedelta(minutes=1)
READ, WRITE, PUBLISH = "read", "write", "publish"
TOKEN_SCOPES: dict[str, Words] = {
    READ: _("Read posts, drafts, channels, the calendar, notices and whom webhooks tell"),
    WRITE: _("Write drafts, add pictures and dismiss notices: nothing goes out by that"),
    PUBLISH: _(
        "Publish, change, move and cancel posts, answer what we ask, change posting times and "
        "webhooks"
    ),
}


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens by whose they are."""

    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def standing(self) -> Self:
        """Neither revoked nor over."""
        still = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(still, revoked_at=None, user__is_active=True)

    def give(
        self,
        user: User,
        name: str,
        scopes: Iterable[str],
        channels: Iterable[uuid.UUID] = (),
        expires_at: datetime | None = None,
    ) -> tuple["ApiToken", str]:
        """A new token and its secret, which is stored nowhere."""
        secret = MARK + secrets.token_urlsafe(TOKEN_SECRET_BYTES)
        token = self.create(
            user=user,
            name=name,
            digest=digest_of(secret),
            prefix=secret[: len(MARK) + PREFIX_CHARACTERS],
            scopes=[scope for scope in TOKEN_SCOPES if scope in set(scopes)],
            channel_ids=[str(pk) for pk in channels],
            expires_at=expires_at,
        )
        return token, secret

    def named_by(self, secret: str) -> "ApiToken | None":
        """The one whose secret this is, by a look-up of its hash: no comparison tells by its time
        how much of a guess was right."""
        known = self.standing().select_related("user__profile")
        return known.filter(digest=digest_of(secret)).first()


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(models.Model):
    """Lets a program act as its person, as far as its scopes go."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=20)
    scopes = models.JSONField(default=list)
    channel_ids = models.JSONField(default=list)  # it publishes there only; empty: anywhere
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_address = models.CharField(max_length=45, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()
    export = ExportPart(
        "api_tokens",
        "public_id name prefix scopes channel_ids created_at expires_at last_used_at "
        "last_address revoked_at",
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_standing(self) -> bool:
        """Neither revoked nor over."""
        is_over = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not is_over

    @property
    def scope_words(self) -> list[Words]:
        return [TOKEN_SCOPES[scope] for scope in self.scopes if scope in TOKEN_SCOPES]

    def may_publish_to(self, channel_id: Any) -> bool:
        return not self.channel_ids or str(channel_id) in self.channel_ids

    def note_use(self, address: str) -> None:
        """When and from where it was used last, at most once a minute."""
        now = timezone.now()
        if self.last_used_at and self.last_used_at > now - NOTED_EVERY:
            return
        long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        rows = ApiToken.objects.filter(long_ago, pk=self.pk)
        rows.update(last_used_at=now, last_address=address[:45])

    def revoke(self) -> bool:
        """From this moment on it opens nothing. Whether it was not revoked before."""
        rows = ApiToken.objects.filter(pk=self.pk, revoked_at=None)
        return bool(rows.update(revoked_at=timezone.now()))


class ApiCall(models.Model):
    """What a request with an Idempotency-Key was answered, written in the transaction of what it
    did. It stays as long as its token, so that however late a repeat comes, it does nothing."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="calls")
    key = models.CharField(max_length=LONGEST_KEY)
    fingerprint = models.CharField(max_length=64)  # of what was asked
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)  # JSON, to the letter: a repeat gets the same bytes
    headers = models.JSONField(default=dict)
    post = models.ForeignKey(
        "publishing.Post", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    export = ExportPart(
        "api_calls", "token__public_id key status post__public_id created_at", owner="token__user"
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = "API call"
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], name="api_call_once_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} by {self.token_id}"
