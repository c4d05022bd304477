"""Lists that lead back to where one has been."""


def test_lists_go_in_a_circle(sandbox):
    """As in facebook-php-business-sdk#333: `next` leads back to where one has been."""
    graph, client = sandbox.graph(), sandbox.tweepy()
    sandbox.arm("fb.lists.circle")
    sandbox.arm("x.lists.circle")
    marks, after = [], None
    for _ in range(6):
        said = {"limit": 1} | ({"after": after} if after else {})
        paging = graph.get_connections("me", "accounts", **said)["paging"]
        assert paging["next"]
        after = paging["cursors"]["after"]
        marks.append(after)
    assert len(set(marks)) < len(marks)
    client.create_tweet(text="hello", user_auth=False)
    me, mark, seen = client.get_me(user_auth=False).data.id, None, []
    for _ in range(3):
        page = client.get_users_tweets(me, max_results=100, pagination_token=mark)
        mark = page.meta["next_token"]
        seen.append([row.id for row in page.data])
    assert seen[0] == seen[1] == seen[2]
