"""What workers do for this room: each job takes one id and calls one method of its row."""

from . import pruning
from .deliveries import stuck
from .models import Delivery, Media, Notice
from .notices import mailing
from .notices.sync import follow_connections, follow_credits, follow_everything, follow_posts


def send_delivery(job_id: str) -> None:
    delivery = Delivery.objects.claim(job_id)
    if delivery is not None:
        delivery.send()


def look_up_delivery(job_id: str) -> None:
    delivery = Delivery.objects.take_look(job_id)
    if delivery is not None:
        delivery.look()


def check_ahead() -> None:
    Delivery.objects.check_ahead_later()


def go_on(closure_id: int) -> None:
    Delivery.objects.go_on_after(closure_id)
    follow_credits()


def sweep() -> None:
    if Delivery.objects.are_under_way():
        Delivery.objects.sweep()
        stuck.watch()
        stuck.watch_later()


def watch() -> None:
    stuck.watch()


def note_post(post_id: int) -> None:
    follow_posts([post_id])


def note_connection(connection_id: str) -> None:
    follow_connections([connection_id])


def note_credits() -> None:
    follow_credits()


def sweep_notices() -> None:
    follow_everything()
    Notice.objects.mail_later()
    Notice.objects.prune()


def mail_notices(user_id: int) -> None:
    mailing.mail_notices(user_id)


def make_thumbnail(public_id: str) -> None:
    media = Media.objects.filter(public_id=public_id).first()
    if media is not None:
        media.make_thumbnail()


def prune_media() -> None:
    Media.objects.prune()


def prune_old() -> None:
    pruning.prune_old()
