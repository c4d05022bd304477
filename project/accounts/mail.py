"""The e-mail backend of Django's settings: it stores a message and lets a worker send it."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from .models import OutgoingMail


class QueuedEmailBackend(BaseEmailBackend):
    """Writes each message down, a row for each address, and queues it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            with transaction.atomic():
                for address in message.recipients():
                    store(message, address).send_later()
        return len(email_messages)


def store(message: EmailMessage, address: str) -> OutgoingMail:
    alternatives = getattr(message, "alternatives", [])
    html = next((content for content, kind in alternatives if kind == "text/html"), "")
    return OutgoingMail.objects.create(
        to=address, subject=message.subject[:255], text=str(message.body), html=html
    )
