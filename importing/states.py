"""The words for what can be imported, and for how far an import run is."""

from django.utils.translation import gettext_lazy as _

POST, LIKE, FRIEND, HOME = "post", "like", "friend", "home"
TIMELINE_KINDS = (POST, LIKE, FRIEND, HOME)
CHANNEL_KINDS = (POST,)  # the others belong to a person, so to their connection
KIND_LABELS = {
    POST: _("Your own posts"),
    LIKE: _("What you liked"),
    FRIEND: _("Whom you follow, and friends"),
    HOME: _("Your home timeline"),
}
KIND_WORDS = {  # of one item
    POST: _("post"),
    LIKE: _("like"),
    FRIEND: _("friend"),
    HOME: _("home"),
}

RUN_QUEUED = "queued"
RUN_RUNNING = "running"
RUN_FINISHED = "finished"
RUN_WAITING = "waiting"  # ended early, with a reason; the next run goes on from there
RUN_FAILED = "failed"

RUN_STATES = (RUN_QUEUED, RUN_RUNNING, RUN_FINISHED, RUN_WAITING, RUN_FAILED)
OPEN_RUN_STATES = (RUN_QUEUED, RUN_RUNNING)
