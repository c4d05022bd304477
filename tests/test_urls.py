"""Who gets what at every address: one table. An address that is not in it fails the test."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from publishing.models import Delivery, Post
from social.models import Channel, Connection
from tests.addresses import address, admin_ids, fill_the_admin, patterns, things_of

pytestmark = pytest.mark.django_db
ROLES = ("anonymous", "another", "owner", "staff")

# What GET and POST answer to anonymous, another person, the owner and staff. 302 is to the sign-in
# page for anonymous; a person's things are 404 for everybody else, staff not excepted.
OPEN = ("200 200 200 200", "405 405 405 405")
PAGE = ("302 200 200 200", "302 405 405 405")
FORM = ("302 200 200 200", "302 200 200 200")
OWN_PAGE = ("302 404 200 404", "302 405 405 405")
OWN_FORM = ("302 404 200 404", "302 404 200 404")
OWN_VERB = ("302 405 405 405", "302 404 302 404")
ASKS_FIRST = ("302 405 405 405", "302 404 200 404")  # where something would be lost
GUEST = ("200 302 302 302", "200 302 302 302")  # of no use to who is signed in
START = ("200 200 200 200", "302 302 302 302")  # off to the network; what comes back is checked
ASKS_PASSWORD = ("302 302 302 302", "302 302 302 302")
# No cookie opens them; who may what with a token: tests/api.
API_READ = ("401 401 401 401", "405 405 405 405")
API_VERB = ("405 405 405 405", "401 401 401 401")
API_BOTH = ("401 401 401 401", "401 401 401 401")
REFUSED = ("401 401 401 401", "401 401 401 401")
ADMIN = ("302 302 302 200", "302 302 302 200")
ADMIN_READ = ("302 302 302 200", "302 302 302 403")
ADMIN_NO = ("302 302 302 403", "302 302 302 403")
ADMIN_GET = ("302 302 302 200", "302 302 302 405")
FRESH = ("302 302 302 302", "302 302 302 302")  # whose password is older is asked for it first
FRESH_PAGE = ("302 302 302 302", "302 405 405 405")
FRESH_VERB = ("302 405 405 405", "302 302 302 302")
STAFF_PAGE = ("302 403 403 200", "302 403 403 405")
STAFF_VERB = ("302 403 403 405", "302 403 403 302")
ADMIN_ELSEWHERE = ("302 302 302 302", "302 302 302 302")

TABLE = {
    "": GUEST,
    "demo/": ("405 405 405 405", "404 404 404 404"),  # DEBUG only
    "manifest.webmanifest": OPEN,
    "healthz": ("200 200 200 200", "200 200 200 200"),
    "metrics": ("403 403 403 403", "405 405 405 405"),  # for its token
    "jobs/": STAFF_PAGE,
    "jobs/queues/<slug:queue>/pauses/": STAFF_VERB,
    "jobs/queues/<slug:queue>/resumptions/": STAFF_VERB,
    "jobs/networks/<slug:network>/pauses/": STAFF_VERB,
    "jobs/networks/<slug:network>/openings/": (STAFF_VERB[0], "302 403 403 400"),
    "jobs/workers/<int:worker>/commands/": STAFF_VERB,
    "posts/": ("302 200 200 200", "302 400 400 400"),
    "posts/new/": (PAGE[0], "302 302 302 302"),  # what is shared begins a draft
    "posts/lengths/": ("302 405 405 405", "302 200 200 200"),
    "posts/pictures/": ("302 405 405 405", "302 200 200 200"),
    "posts/tables/": ("302 200 200 200", "302 400 400 400"),
    "posts/table.csv": PAGE,
    "posts/acts/": ("302 405 405 405", "302 302 302 302"),
    "posts/acts/<uuid:act_id>/": OWN_PAGE,
    "posts/acts/<uuid:act_id>/runs/": OWN_VERB,
    "posts/acts/<uuid:act_id>/returns/": OWN_VERB,
    "posts/<uuid:public_id>/": OWN_PAGE,
    "posts/<uuid:public_id>/tags/": OWN_VERB,
    "pictures/<uuid:media_id>/": OWN_PAGE,
    "posts/<uuid:public_id>/edit/": OWN_FORM,
    "posts/<uuid:public_id>/cancellations/": OWN_VERB,
    "posts/<uuid:public_id>/returns/": ("302 405 405 405", "302 404 404 404"),  # of no cancel
    "status/<uuid:job_id>": OWN_PAGE,
    "deliveries/<uuid:job_id>/cancellations/": OWN_VERB,
    "deliveries/<uuid:job_id>/retries/": OWN_VERB,
    "deliveries/<uuid:job_id>/resends/": OWN_VERB,
    "deliveries/<uuid:job_id>/confirmations/": OWN_VERB,
    "deliveries/<uuid:job_id>/drops/": OWN_VERB,
    "posts/<uuid:public_id>/drafts/": OWN_VERB,
    "posts/<uuid:public_id>/times/": (OWN_PAGE[0], OWN_VERB[1]),
    "drafts/<uuid:draft_id>/times/": (OWN_PAGE[0], OWN_VERB[1]),
    "calendar/": ("302 302 302 302", PAGE[1]),
    "calendar/agenda/": PAGE,
    "^calendar/(?P<name>[0-9]{4}-[0-9]{2})/$": PAGE,
    "^calendar/(?P<name>[0-9]{4}-W[0-9]{2})/$": PAGE,
    "calendar/feed/": FORM,
    "calendar/feed/revocations/": ("302 405 405 405", "302 302 302 302"),
    # For who has the token, signed in or not: tests/publishing/calendar.
    r"^calendar/(?P<token>[-\w]{20,64})[.]ics$": ("404 404 404 404", "405 405 405 405"),
    "queue/": PAGE,
    "queue/times/": FORM,
    "queue/posts/<uuid:public_id>/first/": OWN_VERB,
    "queue/posts/<uuid:public_id>/places/": OWN_VERB,
    "queue/orders/": ("302 405 405 405", "302 302 302 302"),
    "queue/shuffles/": ("302 200 200 200", "302 302 302 302"),
    "queue/gaps/": ("302 200 200 200", "302 302 302 302"),
    "queue/returns/": ("302 405 405 405", "302 302 302 302"),
    "drafts/": PAGE,
    # A page may save under any id: another person's is another row.
    "drafts/<uuid:draft_id>/": ("302 404 200 404", "302 200 409 200"),
    "drafts/<uuid:draft_id>/discards/": OWN_VERB,
    "drafts/<uuid:draft_id>/restorations/": OWN_VERB,
    "drafts/<uuid:draft_id>/versions/": OWN_PAGE,
    "drafts/<uuid:draft_id>/versions/<int:number>/restorations/": OWN_VERB,
    "snippets/": ("302 200 200 200", "302 400 400 400"),
    "snippets/<uuid:snippet_id>/": (OWN_FORM[0], "302 404 400 404"),
    "snippets/<uuid:snippet_id>/deletions/": OWN_VERB,
    "tags/": ("302 200 200 200", "302 400 400 400"),
    "tags/<uuid:tag_id>/": (OWN_FORM[0], "302 404 400 404"),
    "tags/<uuid:tag_id>/deletions/": OWN_VERB,
    "tags/<uuid:tag_id>/returns/": OWN_VERB,
    "snippets/<uuid:snippet_id>/returns/": ("302 405 405 405", "302 302 302 302"),
    "channel-groups/": ("302 200 200 200", "302 400 400 400"),
    "channel-groups/<uuid:group_id>/": (OWN_FORM[0], "302 404 400 404"),
    "channel-groups/<uuid:group_id>/deletions/": OWN_VERB,
    # It has no comment.
    "deliveries/<uuid:job_id>/comment/retries/": ("302 405 405 405", "302 404 404 404"),
    "deliveries/<uuid:job_id>/comment/drops/": ("302 405 405 405", "302 404 404 404"),
    "deliveries/<uuid:job_id>/comment/permissions/": OWN_VERB,
    "notices/": PAGE,
    "notices/dismissals/": ("302 405 405 405", "302 302 302 302"),
    "notices/held/acts/": ("302 405 405 405", "302 302 302 302"),
    "notices/<int:notice_id>/dismissals/": OWN_VERB,
    "notices/<int:notice_id>/acts/": OWN_VERB,
    "numbers/": PAGE,
    "imports/": PAGE,
    "imports/items/": PAGE,
    "imports/timelines/": ("302 405 405 405", "302 404 404 404"),
    "imports/<uuid:timeline_id>/runs/": OWN_VERB,
    # The one there is of X, which asks for everything at once.
    "imports/<uuid:timeline_id>/permissions/": ("302 405 405 405", "302 404 404 404"),
    "imports/<uuid:timeline_id>/pauses/": OWN_VERB,
    "imports/<uuid:timeline_id>/resumptions/": OWN_VERB,
    "suggestions/": PAGE,
    "suggestions/another/": ("302 302 302 302", "302 405 405 405"),
    "suggestions/<uuid:suggestion_id>/uses/": OWN_VERB,
    "suggestions/<uuid:suggestion_id>/dismissals/": OWN_VERB,
    "channels/": PAGE,
    "channels/connect/<slug:network>/": ("302 404 404 404", "302 404 404 404"),  # X has its own
    "channels/connect/<slug:network>/callback/<str:home>/": (
        "302 404 404 404",
        "302 405 405 405",
    ),
    # Servers read it, where they can reach us: not by http.
    "channels/connect/<slug:network>/client.json": ("404 404 404 404", "405 405 405 405"),
    "channels/connections/<uuid:connection_id>/": OWN_PAGE,
    "channels/connections/<uuid:connection_id>/choices/": OWN_VERB,
    "channels/connections/<uuid:connection_id>/looks/": OWN_VERB,
    "channels/connections/<uuid:connection_id>/disconnections/": ASKS_FIRST,
    "channels/<uuid:channel_id>/pauses/": OWN_VERB,
    "channels/<uuid:channel_id>/resumptions/": OWN_VERB,
    "channels/<uuid:channel_id>/returns/": OWN_VERB,
    "channels/<uuid:channel_id>/disconnections/": ASKS_FIRST,
    "settings/": FORM,
    "settings/time-zone/": ("302 405 405 405", "302 400 400 400"),
    "settings/calendar/": ("302 405 405 405", "302 302 302 302"),
    "settings/keys/": ("302 405 405 405", "302 302 302 302"),
    "settings/notices/": ("302 405 405 405", "302 302 302 302"),
    "settings/tokens/": ASKS_PASSWORD,
    "settings/tokens/<uuid:token_id>/revocations/": OWN_VERB,
    "api/openapi.json": OPEN,
    "api/docs/": OPEN,
    "api/problems/": OPEN,
    "api/<path:rest>": ("404 404 404 404", "404 404 404 404"),
    "mcp": API_VERB,
    "api/v1/me": API_READ,
    "api/v1/channels": API_READ,
    "api/v1/notices": API_READ,
    "api/v1/posts": API_BOTH,
    "api/v1/posts/<uuid:public_id>": API_READ,
    "api/v1/posts/<uuid:public_id>/copies": API_VERB,
    "api/v1/deliveries/<uuid:job_id>": API_READ,
    "api/v1/deliveries/<uuid:job_id>/retries": API_VERB,
    "api/v1/deliveries/<uuid:job_id>/cancellations": API_VERB,
    "api/v1/deliveries/<uuid:job_id>/resends": API_VERB,
    "api/v1/deliveries/<uuid:job_id>/confirmations": API_VERB,
    "api/v1/deliveries/<uuid:job_id>/drops": API_VERB,
    "api/v1/drafts": API_BOTH,
    "api/v1/drafts/<uuid:draft_id>": API_READ,
    "api/v1/drafts/<uuid:draft_id>/publications": API_VERB,
    "api/v1/media": API_VERB,
    "api/v1/notices/<int:notice_id>/dismissals": API_VERB,
    "api/v1/notices/<int:notice_id>/acts": API_VERB,
    "api/v1/suggestions": API_READ,
    "api/v1/suggestions/<uuid:suggestion_id>/dismissals": API_VERB,
    "api/v1/posting-times": API_READ,
    "api/v1/posting-times/changes": API_VERB,
    "api/v1/free-times": API_READ,
    "api/v1/calendar": API_READ,
    "api/v1/posts/<uuid:public_id>/moves": API_VERB,
    "api/v1/drafts/<uuid:draft_id>/moves": API_VERB,
    "api/v1/webhooks": API_BOTH,
    "api/v1/webhooks/<uuid:webhook_id>": API_READ,
    "api/v1/webhooks/<uuid:webhook_id>/events": API_READ,
    "api/v1/webhooks/<uuid:webhook_id>/events/<uuid:event_id>/replays": API_VERB,
    **{
        f"api/v1/webhooks/<uuid:webhook_id>/{act}": API_VERB
        for act in ("replays", "tests", "secrets")
    },
    "settings/export/": ("302 405 405 405", "302 200 200 200"),
    "settings/delete/": FORM,
    "settings/feeds/": ("302 200 200 200", "302 400 400 400"),
    "settings/feeds/<uuid:feed_id>/deletions/": OWN_VERB,
    "settings/webhooks/": FRESH,  # nobody else's: tests/project/webhooks
    "settings/webhooks/<uuid:webhook_id>/": FRESH_PAGE,
    **{
        f"settings/webhooks/<uuid:webhook_id>/{act}/": FRESH_VERB
        for act in ("tests", "secrets", "switch", "deletions", "replays")
    },
    "settings/webhooks/<uuid:webhook_id>/events/<uuid:event_id>/replays/": FRESH_VERB,
    "accounts/login/": GUEST,
    "accounts/logout/": ("302 200 200 200", "302 302 302 302"),
    "accounts/inactive/": OPEN,
    "accounts/signup/": GUEST,
    "accounts/reauthenticate/": FORM,
    "accounts/sessions/": FRESH,
    "accounts/second-step/": PAGE,
    "accounts/second-step/authenticate/": ASKS_PASSWORD,  # for who has begun to sign in
    "accounts/second-step/reauthenticate/": ASKS_PASSWORD,  # for who has an app
    "accounts/second-step/totp/activate/": FRESH,
    "accounts/second-step/totp/deactivate/": ("302 404 404 404", "302 404 404 404"),
    "accounts/second-step/recovery-codes/": ("302 404 404 404", "302 405 405 405"),
    "accounts/second-step/recovery-codes/generate/": FRESH,
    "accounts/second-step/recovery-codes/download/": ("302 404 404 404", "302 404 404 404"),
    "accounts/second-step/webauthn/": PAGE,
    "accounts/second-step/webauthn/add/": FRESH,
    "accounts/second-step/webauthn/reauthenticate/": ASKS_PASSWORD,
    "accounts/second-step/webauthn/login/": ("302 302 302 302", "302 302 302 302"),
    "accounts/second-step/webauthn/keys/<int:pk>/remove/": FRESH,
    "accounts/second-step/webauthn/keys/<int:pk>/edit/": FRESH,
    "accounts/email/": ("302 200 200 200", "302 302 302 302"),
    "accounts/confirm-email/": OPEN,
    "accounts/password/change/": FORM,
    "accounts/password/set/": ("302 302 302 302", "302 302 302 302"),
    "accounts/password/reset/": ("200 200 200 200", "200 200 200 200"),
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": ("200 200 200 200", "404 404 404 404"),
    "accounts/password/reset/key/done/": OPEN,
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (
        "200 200 200 200",
        "200 200 200 200",
    ),
    "accounts/password/reset/done/": OPEN,
    "accounts/3rdparty/login/cancelled/": OPEN,
    "accounts/3rdparty/login/error/": ("401 401 401 401", "405 405 405 405"),
    "accounts/3rdparty/": ("302 302 302 302", "302 302 302 302"),
    "accounts/twitter_oauth2/login/": START,
    "accounts/twitter_oauth2/login/callback/": REFUSED,
    "accounts/facebook/login/": START,
    "accounts/facebook/login/callback/": REFUSED,
    "admin/": ADMIN,
    "admin/login/": ("302 403 403 302", "302 403 403 200"),
    "admin/logout/": ("302 302 302 405", "302 302 302 200"),
    "admin/password_change/": ADMIN,
    "admin/password_change/done/": ADMIN_GET,
    "admin/autocomplete/": ("302 302 302 403", "302 302 302 405"),
    "admin/jsi18n/": ADMIN_GET,
    "admin/r/<path:content_type_id>/<path:object_id>/": (
        "302 302 302 404",
        "302 302 302 404",
    ),
    "admin/(?P<url>.*)$": ("302 302 302 404", "302 302 302 404"),
    "admin/auth/user/<id>/password/": ADMIN,
}
# What staff may do to the rows of a model: look at them, change them, add and discard them, or all.
LOOK, CHANGE, ADD, EDIT = "look", "change", "add", "edit"
MODELS = {
    "accounts/outgoingmail": LOOK,
    "django_q/schedule": EDIT,
    "api/apitoken": LOOK,
    "jobs/queuedjob": CHANGE,
    "jobs/finishedjob": LOOK,
    "jobs/failurenote": LOOK,
    "jobs/failuregroup": LOOK,
    "jobs/deadletter": LOOK,
    "jobs/heartbeat": LOOK,
    "jobs/pausedqueue": ADD,
    "jobs/auditlogentry": LOOK,
    "social/connection": LOOK,
    "social/channel": LOOK,
    "social/circuitbreaker": LOOK,
    "social/home": LOOK,
    "importing/timeline": LOOK,
    "importing/importrun": LOOK,
    "importing/importeditem": LOOK,
    "publishing/post": LOOK,
    "publishing/delivery": LOOK,
    "publishing/draft": LOOK,
    "publishing/postingtime": LOOK,
    "publishing/tag": LOOK,
    "webhooks/webhook": LOOK,
    "account/emailaddress": EDIT,
    "auth/group": EDIT,
    "auth/user": EDIT,
}
for model, may in MODELS.items():
    row = f"admin/{model}/<path:object_id>/"
    TABLE |= {
        f"admin/{model}/": ADMIN,
        f"admin/{model}/add/": ADMIN if may in (ADD, EDIT) else ADMIN_NO,
        f"{row}history/": ADMIN,
        f"{row}delete/": ADMIN if may in (ADD, EDIT) else ADMIN_NO,
        f"{row}change/": ADMIN if may in (CHANGE, EDIT) else ADMIN_READ,
        row: ADMIN_ELSEWHERE,
    }
for model in ("ormq", "success", "failure"):  # for bookmarks
    TABLE[f"admin/django_q/{model}/"] = ADMIN_ELSEWHERE
    TABLE[f"admin/django_q/{model}/<path:object_id>/change/"] = ADMIN_ELSEWHERE


def declared(pattern: str) -> tuple[str, str] | None:
    if pattern.startswith("admin/^(?P<app_label>"):
        return ADMIN
    return TABLE.get(pattern)


@pytest.fixture
def ask(alice, bob) -> Callable[..., Any]:
    """Ask as one of the roles; nothing that the answer changed stays."""
    root = get_user_model().objects.create_superuser("root", "root@example.org", "x")
    clients = {role: Client() for role in ROLES}
    for role, user in (("another", bob), ("owner", alice), ("staff", root)):
        clients[role].force_login(user)
    cookies = {role: client.cookies.copy() for role, client in clients.items()}

    def answer(role: str, method: str, where: str, after: Callable[[], None] = list) -> Any:
        client = clients[role]
        with transaction.atomic():
            response = getattr(client, method)(where)
            after()
            transaction.set_rollback(True)
        client.cookies = cookies[role].copy()
        return response

    return answer


@pytest.fixture
def everything(alice, bob) -> list[tuple[str, str]]:
    """(pattern, address) for all of the URLconf, with Alice's things behind the ids."""
    things, ids = things_of(alice), {}
    fill_the_admin(alice)
    ids = admin_ids()
    things_of(bob)
    cache.clear()
    return [(pattern, address(pattern, things, ids)) for pattern in patterns()]


def rows() -> list:
    models = (Post, Delivery, Channel, Connection, get_user_model())
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_every_address_is_declared_and_nothing_else_is():
    found = set(patterns())
    assert not [pattern for pattern in found if declared(pattern) is None]
    assert not TABLE.keys() - found


@pytest.mark.parametrize(
    "where",
    [
        "facebook/login/token/",
        "3rdparty/signup/",
        "social/signup/",
        "social/connections/",
        "login/code/",
        "login/code/confirm/",
        "twitter_oauth2/login/token/",
    ],
)
def test_what_allauth_offers_and_nobody_needs_is_not_there(where):
    """Facebook's left `id|secret` of the app in the cache, whatever token was sent."""
    client = Client()
    for answer in (client.get(f"/accounts/{where}"), client.post(f"/accounts/{where}")):
        assert answer.status_code == 404


def test_everybody_gets_what_the_table_says(everything, ask):
    wrong = []
    for pattern, where in everything:
        said = declared(pattern) or ("", "")
        for method, statuses in zip(("get", "post"), said, strict=True):
            got = " ".join(str(ask(role, method, where).status_code) for role in ROLES)
            if got != statuses:
                wrong.append(f"{method} {pattern}: {got}, declared {statuses}")
    assert not wrong


def test_nobody_else_changes_anything(everything, ask):
    """Neither by a GET nor by a POST, nor by a HEAD, PUT, PATCH or DELETE that a view forgot."""
    before, changed = rows(), []

    def look() -> None:
        if rows() != before:
            changed.append(where)

    for _, where in everything:
        if any(str(thing) in where for thing in ids_of(before)):
            for role in ("anonymous", "another"):
                for method in ("get", "post", "head", "put", "patch", "delete"):
                    ask(role, method, where, look)
    assert not changed


def ids_of(found: list) -> list[str]:
    posts, deliveries, channels, connections, _ = found
    return [
        *(row["public_id"] for row in posts),
        *(row["job_id"] for row in deliveries),
        *(row["id"] for row in channels + connections),
    ]


def test_what_changes_something_needs_the_pages_own_token(everything, alice):
    """Another site's form, in Alice's own browser."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    unprotected = [
        pattern
        for pattern, where in everything
        if client.post(where).status_code != 403
        and not pattern.startswith(("api/", "mcp"))  # no browser sends their token by itself
        and not {"405", "301"} & set(str(declared(pattern)[1]).split()[2:3])
    ]
    # An app on a phone shares without one: that begins a draft, and of no other site
    # (tests/publishing/planning/test_sharing.py).
    assert unprotected == ["posts/new/"]


@pytest.mark.parametrize("where", ["/posts/", "/channels/", "/settings/", "/accounts/email/"])
def test_who_is_sent_to_sign_in_comes_back(where):
    assert Client().get(where).headers["Location"] == f"/accounts/login/?next={where}"


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com", "/\\example.com"])
def test_nobody_is_sent_elsewhere_after_signing_in(alice, target):
    form = {"login": "alice", "password": "correct horse battery staple", "next": target}
    answer = Client().post("/accounts/login/", form)
    assert answer.headers["Location"] == "/"
