"""The words for what can be imported, and for how far an import run is."""

POST, LIKE, FRIEND, HOME = "post", "like", "friend", "home"
TIMELINE_KINDS = (POST, LIKE, FRIEND, HOME)
CHANNEL_KINDS = (POST,)  # the others belong to a person, so to their connection
KIND_LABELS = {
    POST: "Your own posts",
    LIKE: "What you liked",
    FRIEND: "Whom you follow, and friends",
    HOME: "Your home timeline",
}

RUN_QUEUED = "queued"
RUN_RUNNING = "running"
RUN_FINISHED = "finished"
RUN_WAITING = "waiting"  # ended early, with a reason; the next run goes on from there
RUN_FAILED = "failed"

RUN_STATES = (RUN_QUEUED, RUN_RUNNING, RUN_FINISHED, RUN_WAITING, RUN_FAILED)
OPEN_RUN_STATES = (RUN_QUEUED, RUN_RUNNING)
