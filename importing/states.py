"""The words for what is imported, and for where the reading of it is."""

POST, LIKE, FRIEND, HOME = "post", "like", "friend", "home"
KINDS = (POST, LIKE, FRIEND, HOME)
OF_CHANNELS = (POST,)  # the others are a person's, so their connection's

QUEUED = "queued"
RUNNING = "running"
FINISHED = "finished"
WAITING = "waiting"  # ended before its end, with a reason; the next run goes on from there
FAILED = "failed"

STATES = (QUEUED, RUNNING, FINISHED, WAITING, FAILED)
OPEN = (QUEUED, RUNNING)
