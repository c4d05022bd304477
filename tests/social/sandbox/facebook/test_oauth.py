"""The OAuth flow of Facebook, as a browser and a client library walk it."""

import facebook
import pytest

from tests.social.sandbox.clients import BAKERY, FB_ALICE, FB_CLIENT, GARDEN, LIBRARY

from ..test_oauth import fb_authorize, fb_exchange, returned


def test_facebook_page_is_shown_and_clicked(sandbox):
    page = fb_authorize(sandbox)
    assert page.status_code == 200 and "Sandbox" in page.text and "City Garden Club" in page.text
    data = {"sandbox_user": FB_ALICE, "do": "allow", "page": [BAKERY]}
    data["scope"] = ["pages_show_list", "pages_read_engagement"]
    response = fb_authorize(sandbox, "post", data)
    assert response.headers["Location"].endswith("#_=_")
    body = fb_exchange(sandbox, returned(response)["code"]).json()
    assert body["token_type"] == "bearer" and body["expires_in"] <= 7200
    graph = sandbox.graph(body["access_token"])
    assert graph.get_object("me", fields="id,name") == {"id": FB_ALICE, "name": "Alice Example"}
    rights = graph.get_connections("me", "permissions")["data"]
    assert {"permission": "pages_manage_posts", "status": "declined"} in rights
    pages = {p["id"]: p for p in graph.get_connections("me", "accounts")["data"]}
    assert set(pages) == {BAKERY, GARDEN, LIBRARY}
    assert "access_token" in pages[BAKERY] and "access_token" not in pages[GARDEN]


def test_facebook_cancel(sandbox):
    answer = returned(fb_authorize(sandbox, "post", {"do": "cancel"}))
    assert answer == {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
        "state": "s1",
    }


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "2"}, {"redirect_uri": "http://evil/"}, {"scope": "everything"}],
    ids=str,
)
def test_facebook_refuses_a_wrong_request(sandbox, wrong):
    response = fb_authorize(sandbox, sandbox_user="alice", sandbox_auto=1, **wrong)
    assert response.status_code == 400 and "Location" not in response.headers


def test_facebook_code_reuse_and_wrong_secret(sandbox):
    code = returned(fb_authorize(sandbox, sandbox_user=FB_ALICE, sandbox_auto=1))["code"]
    assert "secret" in fb_exchange(sandbox, code, client_secret="no").json()["error"]["message"]
    assert fb_exchange(sandbox, code).status_code == 200
    again = fb_exchange(sandbox, code)
    assert again.status_code == 400
    assert (again.json()["error"]["code"], again.json()["error"]["error_subcode"]) == (100, 36009)


def test_facebook_code_with_a_challenge_needs_a_verifier(sandbox):
    response = fb_authorize(sandbox, sandbox_user=FB_ALICE, sandbox_auto=1, code_challenge="x")
    assert fb_exchange(sandbox, returned(response)["code"]).status_code == 400


def test_facebook_pages_and_scopes_without_clicking(sandbox):
    more = {"sandbox_pages": GARDEN, "sandbox_scopes": "pages_show_list"}
    response = fb_authorize(sandbox, sandbox_user="alice", sandbox_auto=1, **more)
    token = fb_exchange(sandbox, returned(response)["code"]).json()["access_token"]
    pages = sandbox.graph(token).get_connections("me", "accounts")["data"]
    assert [p["id"] for p in pages if "access_token" in p] == [GARDEN]


def test_facebook_long_lived_and_debug(sandbox):
    short = sandbox.fb_token(long=False)["access_token"]
    graph = sandbox.graph(short)
    long = graph.extend_access_token(*FB_CLIENT)
    assert long["expires_in"] > 59 * 86400
    data = graph.debug_access_token(long["access_token"], *FB_CLIENT)["data"]
    assert data["is_valid"] and data["type"] == "USER" and data["user_id"] == FB_ALICE
    assert data["data_access_expires_at"] > 0 and "pages_manage_posts" in data["scopes"]
    page = sandbox.graph(long["access_token"]).get_object(BAKERY, fields="access_token")
    data = graph.debug_access_token(page["access_token"], *FB_CLIENT)["data"]
    assert (data["type"], data["expires_at"]) == ("PAGE", 0)
    nonsense = graph.debug_access_token("nonsense", *FB_CLIENT)["data"]
    assert nonsense["is_valid"] is False
    app = sandbox.graph().get_app_access_token(*FB_CLIENT)
    assert app == "|".join(FB_CLIENT)


def test_facebook_page_token_of_a_short_lived_token_expires_with_it(sandbox):
    page = sandbox.page(long=False)
    sandbox.post("/clock", advance_s=5401)
    with pytest.raises(facebook.GraphAPIError) as caught:
        page.get_object(BAKERY)
    assert (caught.value.code, caught.value.result["error"]["error_subcode"]) == (190, 463)
