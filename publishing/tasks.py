"""What workers do for this room: each job takes one id and calls one function with its row. Their
names stand in queued rows: one that is renamed goes on under its old name as well."""

from . import pruning
from .bulk import acting as bulk
from .cards.card import read_wanted
from .comments import sending as comments
from .deliveries import card_upload, follow, stuck
from .deliveries.claims import claim
from .deliveries.send import Sender
from .deliveries.sweep import sweep as sweep_deliveries
from .deliveries.verify import Verifier, claim_verification
from .models import BulkAct, Comment, Delivery, Media, Notice
from .notices import mailing
from .notices.sync import sync_connections, sync_credits, sync_notices, sync_posts
from .planning import pruning as drafts


def send_delivery(job_id: str) -> None:
    delivery = claim(job_id)
    if delivery is not None:
        Sender(delivery).send()


def verify_delivery(job_id: str) -> None:
    delivery = claim_verification(job_id)
    if delivery is not None:
        Verifier(delivery).verify()


def send_comment(comment_id: int) -> None:
    comment = comments.claim(comment_id)
    if comment is not None:
        comments.Commenter(comment).run()


look_up_delivery = verify_delivery  # as releases before 0.2 have queued it


def check_ahead() -> None:
    follow.check_ahead_later()
    card_upload.read_ahead_later()


def go_on(breaker_id: int) -> None:
    follow.follow_opened(breaker_id)
    sync_credits()


def sweep() -> None:
    if Delivery.objects.are_under_way():
        sweep_deliveries()
        stuck.watch()
        stuck.watch_later()
    bulk.sweep()
    comments.sweep(Comment.objects.unfinished())


def watch() -> None:
    stuck.watch()


def note_post(post_id: int) -> None:
    sync_posts([post_id])


def note_connection(connection_id: str) -> None:
    sync_connections([connection_id])


def note_credits() -> None:
    sync_credits()


def sweep_notices() -> None:
    sync_notices()
    Notice.objects.mail_later()
    Notice.objects.prune()


def mail_notices(user_id: int) -> None:
    mailing.mail_notices(user_id)


def act_on_posts(public_id: str) -> None:
    act = BulkAct.objects.filter(public_id=public_id).first()
    if act is not None:
        bulk.act_on_posts(act)


def make_thumbnail(public_id: str) -> None:
    media = Media.objects.filter(public_id=public_id).first()
    if media is not None:
        media.make_thumbnail()


def read_card(user_id: int) -> None:
    read_wanted(user_id)


def read_card_ahead(job_id: str) -> None:
    card_upload.read_ahead(job_id)


def prune_media() -> None:
    Media.objects.prune()


def prune_drafts() -> None:
    drafts.prune_drafts()


def prune_old() -> None:
    pruning.prune_old()
