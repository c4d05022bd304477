"""What workers do for accounts: they send mail."""

from .models import OutgoingMail


def send_mail(mail_id: int) -> None:
    for mail in OutgoingMail.objects.filter(pk=mail_id):
        mail.send()


def sweep_mail() -> None:
    OutgoingMail.objects.sweep()
