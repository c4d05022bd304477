"""What the Graph refuses: tokens, permissions, proofs, limits."""

import json

import pytest

from tests.social.sandbox.clients import BAKERY, FB_ALICE, FB_CLIENT, LIBRARY

from .test_graph import refused, subcode


def test_user_token_cannot_publish(sandbox):
    error = refused(sandbox.graph().put_object, BAKERY, "feed", message="x")
    assert error.code == 200 and "as the page itself" in error.message
    error = refused(sandbox.graph().put_object, "me", "feed", message="x")
    assert error.code == 200


def test_page_without_create_content_cannot_publish(sandbox):
    error = refused(sandbox.page(LIBRARY).put_object, LIBRARY, "feed", message="x")
    assert (error.code, subcode(error)) == (1, 2853006)
    assert sandbox.made("facebook") == []


def test_unticked_scope_cannot_publish(sandbox):
    page = sandbox.page(scopes=["pages_show_list", "pages_read_engagement"])
    assert refused(page.put_object, BAKERY, "feed", message="x").code == 200


def test_permissions_and_removing_the_app(sandbox):
    graph, page = sandbox.graph(), sandbox.page()
    assert "pages_manage_posts" in graph.get_permissions("me")
    assert graph.request("v25.0/me/permissions", method="DELETE") == {"success": True}
    for call in (lambda: graph.get_object("me"), lambda: page.get_object(BAKERY)):
        error = refused(call)
        assert (error.code, subcode(error)) == (190, 458)


def test_app_secret_proof(sandbox):
    token = sandbox.fb_token()["access_token"]
    assert refused(sandbox.graph(token, app_secret="wrong").get_object, "me").code == 100
    silent = sandbox.graph(token, app_secret=None)
    assert silent.get_object("me")["id"] == FB_ALICE
    sandbox.state("require_proof")
    assert refused(silent.get_object, "me").code == 100
    assert sandbox.graph(token).get_object("me")["id"] == FB_ALICE


def test_errors_look_like_the_real_ones(sandbox):
    graph = sandbox.graph("nonsense")
    error = refused(graph.get_object, "me")
    body = error.result["error"]
    assert (error.code, body["type"]) == (190, "OAuthException") and body["fbtrace_id"]
    challenge = graph.last.headers["WWW-Authenticate"]
    assert challenge.startswith('OAuth "Facebook Platform" "invalid_token"')
    nobody = sandbox.graph("x")
    nobody.access_token = None
    assert refused(nobody.get_object, "me").code == 2500
    assert refused(sandbox.graph().get_object, "123456").code == 100
    assert refused(sandbox.graph().get_object, "me", fields="id,shoe_size").code == 100


def test_two_different_tokens_in_one_request_are_refused(sandbox):
    tokens = sandbox.fb_token()
    url = f"https://graph.facebook.com/v25.0/{BAKERY}/feed"
    body = {"message": "leak", "access_token": tokens["pages"][0]["access_token"]}
    query = {"access_token": tokens["access_token"]}
    response = sandbox.session().post(url, params=query, data=body)
    assert response.status_code == 400 and response.json()["error"]["code"] == 100
    assert sandbox.made("facebook") == []


def test_token_in_the_header(sandbox):
    token = sandbox.fb_token()["access_token"]
    url = "https://graph.facebook.com/v25.0/me"
    response = sandbox.session().get(url, headers={"Authorization": f"Bearer {token}"})
    assert response.json()["id"] == FB_ALICE


def test_usage_headers_and_limits(sandbox):
    sandbox.state("bucket", endpoint="facebook.app", limit=10)
    graph = sandbox.graph()
    for _ in range(10):
        graph.get_object("me")
    assert json.loads(graph.last.headers["X-App-Usage"])["call_count"] == 100
    assert refused(graph.get_object, "me").code == 4
    sandbox.state("bucket", endpoint="facebook.page", limit=2)
    page = sandbox.page()
    page.get_object(BAKERY)
    page.get_object(BAKERY)
    usage = json.loads(page.last.headers["X-Business-Use-Case-Usage"])[BAKERY][0]
    assert usage["type"] == "pages" and usage["estimated_time_to_regain_access"] > 0
    assert refused(page.get_object, BAKERY).code == 80001


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"do": "password_change", "user": "alice"}, 460),
        ({"do": "checkpoint", "user": "alice"}, 459),
        ({"do": "remove_role", "user": "alice", "page": BAKERY}, 492),
        ({"do": "revoke", "user": "alice", "network": "facebook"}, 458),
        ({"do": "expire_access", "user": "alice"}, 463),
    ],
    ids=lambda value: str(value),
)
def test_state_faults(sandbox, change, code):
    page = sandbox.page()
    sandbox.post("/state", **change)
    error = refused(page.put_object, BAKERY, "feed", message="x")
    assert (error.code, subcode(error)) == (190, code)


def test_dropped_scope(sandbox):
    page = sandbox.page()
    sandbox.state("drop_scope", user="alice", scope="pages_manage_posts")
    assert refused(page.put_object, BAKERY, "feed", message="x").code == 200


def test_app_token_is_not_a_person(sandbox):
    graph = sandbox.graph("|".join(FB_CLIENT))
    assert refused(graph.get_object, "me").code == 2500
