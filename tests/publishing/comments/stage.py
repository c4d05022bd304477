"""Comments as they come about: a post on a Page, and what is to stand below it."""

from typing import Any

from publishing.comments.sending import sweep
from publishing.models import Comment, Delivery
from social.connections.connect import accept_grant
from social.connections.refresh import refresh
from social.models import Connection
from social.networks.shapes import Grant
from tests.publishing.factories import let_time_pass, page_channel, publish

COMMENT = "More of it: https://bread.example/rye #rye"
SCOPES = ["pages_show_list", "pages_read_engagement", "pages_manage_posts"]
ALLOWED = [*SCOPES, "pages_manage_engagement"]


def commenting_page(user: Any, sandbox: Any, scopes: list[str] = ALLOWED) -> Any:
    """A Page whose comments its person has allowed us to write."""
    told = sandbox.token("facebook", "100000000000001", pages=["alicesbakery"], scopes=list(scopes))
    return page_channel(user, told=told)


def come_back_allowed(page: Any, sandbox: Any) -> None:
    """As somebody who was sent to the network, and allowed it there."""
    told = sandbox.token(
        "facebook", "100000000000001", pages=["alicesbakery"], scopes=list(ALLOWED)
    )
    connection = Connection.objects.get(pk=page.connection_id)
    accept_grant(connection, connection.person, Grant(told["access_token"]))
    refresh(connection)


def publish_with_comment(page: Any, text: str = "Fresh rye.", comment: str = COMMENT) -> Delivery:
    return publish(page, text, extras={"facebook": {"comment": comment}})


def comments_at(sandbox: Any, page: Any) -> list[str]:
    """What stands below the posts that were made there."""
    posts = sandbox.truth("facebook", account=page.remote_id)
    return [comment["text"] for post in posts for comment in post["comments"]]


def until_settled(run_jobs: Any) -> Comment:
    """A quarter of an hour and more goes by, with its sweeps."""
    for _ in range(12):
        let_time_pass(minutes=5)
        sweep(Comment.objects.unfinished())
        run_jobs()
    return Comment.objects.get()
