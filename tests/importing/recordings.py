"""What the networks' lists have said, field for field, names and numbers changed: older and newer
versions, partial answers, and such as no description of them allows.

(kind, answer, {id: text}) of one page; (kind, {mark: answer}, ids) of several.
"""

PROBLEM = "https://api.twitter.com/2/problems/"
GONE = {"value": "77", "detail": "Could not find user with author_id: [77].",
        "title": "Not Found Error", "resource_type": "user", "parameter": "author_id",
        "resource_id": "77", "type": PROBLEM + "resource-not-found"}  # fmt: skip
SUSPENDED = GONE | {"title": "Forbidden", "detail": "User has been suspended: [77]."}
PRIVATE = {"resource_id": "5", "parameter": "referenced_tweets.id", "resource_type": "tweet",
           "section": "includes", "title": "Authorization Error", "value": "5",
           "detail": "Sorry, you are not authorized to see the Tweet with referenced_tweets.id.",
           "type": PROBLEM + "not-authorized-for-resource"}  # fmt: skip


def posts(*ids, next=None):
    meta = {"result_count": len(ids)} | ({"next_token": next} if next else {})
    return {"data": [{"id": str(id), "text": f"Post {id}"} for id in ids], "meta": meta}


def empty(**meta):
    return {"meta": {"result_count": 0} | meta}


# ── X, one page ───────────────────────────────────────────────────────────────────────────────
OF_2020 = {
    "id": "1212092628029698048", "author_id": "2244994945", "lang": "en",
    "text": "We believe in bread. https://t.co/VeXXaVqrOT https://t.co/photo12345",
    "created_at": "2019-12-31T19:26:16.000Z", "source": "Twitter Web App", "format": "detailed",
    "stats": {"retweet_count": 8}, "conversation_id": "1212092628029698048",
    "public_metrics": {"retweet_count": 8, "reply_count": 2, "like_count": 40, "quote_count": 1},
    "entities": {
        "urls": [
            {"start": 21, "end": 44, "url": "https://t.co/VeXXaVqrOT", "images": [], "status": 200,
             "expanded_url": "https://bread.example.org/a?b=1&c=2", "title": "Bread",
             "display_url": "bread.example.org/a", "unwound_url": "https://bread.example.org/a"},
            {"start": 45, "end": 68, "url": "https://t.co/photo12345",
             "expanded_url": "https://twitter.com/a/status/1212092628029698048/photo/1",
             "display_url": "pic.twitter.com/photo12345"}],
        "annotations": [{"start": 14, "end": 18, "probability": 0.7, "type": "Product",
                         "normalized_text": "bread"}]},
    "context_annotations": [{"domain": {"id": "45", "name": "Brand"}, "entity": {"id": "1"}}],
    "attachments": {"media_keys": ["3_1212092626247110657"], "poll_ids": ["12"]},
    "geo": {"place_id": "01a9a39529b27f36"}, "possibly_sensitive": False,
}  # fmt: skip
INCLUDES_OF_2020 = {
    "tweets": [{"id": "5", "text": "Not theirs"}], "places": [{"id": "01a9a39529b27f36"}],
    "media": [{"media_key": "3_1212092626247110657", "type": "photo", "url": "https://pbs/x.jpg"}],
    "polls": [{"id": "12", "options": [{"position": 1, "label": "Rye", "votes": 3}]}],
    "users": [{"id": "2244994945", "name": "Bakers", "username": "bakers"}, {"id": None}],
}  # fmt: skip
LONG = "All of it, to the end. " * 1200  # of 27,600 characters
OF_2024 = {
    "id": "1790000000000000002", "author_id": "7", "edit_controls": {"edits_remaining": 4},
    "edit_history_tweet_ids": ["1790000000000000001", "1790000000000000002"],
    "text": "All of it, to the … https://t.co/more", "display_text_range": [0, 274],
    "note_tweet": {"text": LONG + "&amp; more https://t.co/x",
                   "entities": {"urls": [{"url": "https://t.co/x"}],
                                "cashtags": [{"tag": "RYE"}], "hashtags": [{"tag": "rye"}]}},
    "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 1, "quote_count": 0,
                       "bookmark_count": 3, "impression_count": 5_000_000_000},
    "withheld": {"copyright": False, "country_codes": ["TR"]}, "reply_settings": "everyone",
}  # fmt: skip
OF_2026 = {
    "id": "1991000000000000003", "text": "Renamed.", "username": "alice", "article": {"title": "A"},
    "edit_history_post_ids": ["1991000000000000003"], "community_id": "1", "scopes": {},
    "public_metrics": {"repost_count": 2, "like_count": 1, "post_count": 0}, "card_uri": "card://1",
    "suggested_source_links": [], "created_at": "2025-11-19T05:00:00.123456Z",
}  # fmt: skip
NULLS = dict.fromkeys(OF_2020 | OF_2024 | OF_2026) | {"id": "1991000000000000004"}
EMPTY = {
    name: type(value)() if isinstance(value, str | list | dict) else value
    for name, value in OF_2020.items()
} | {"id": "1991000000000000005"}
QUOTE = {"id": "1600000000000000006", "text": "Look https://t.co/q", "author_id": "7",
         "referenced_tweets": [{"type": "quoted", "id": "5"}, {"type": "replied_to", "id": "6"}],
         "entities": {"urls": [{"url": "https://t.co/q", "start": 5, "end": 19,
                                "expanded_url": "https://twitter.com/b/status/5"}],
                      "mentions": [{"start": 0, "end": 4, "username": None}], "cashtags": None},
}  # fmt: skip
ENDLESS_WORD = "é" * 60_000
ODD = "Half \ud83d of an emoji, a \x00 NUL and \u202e more"
DATES = (
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "Wed Oct 10 20:19:24 +0000 2018", "", True,
    1539202764, 15392027640000, "2018-10-10T20:19:24.000+14:00", "2018-10-10",
)  # fmt: skip
DATED = [{"id": str(n), "text": f"Post {n}", "created_at": at} for n, at in enumerate(DATES, 1)]
USERS = [
    {"id": "11", "name": "Bob", "username": "bob", "description": "Planes &amp; trains",
     "created_at": "2009-01-01T00:00:00.000Z", "verified": True, "protected": True,
     "withheld": {"country_codes": ["XX"]}, "entities": None, "pinned_tweet_id": 5},
    {"id": "12", "name": "", "username": "carol", "verified_type": "blue"},
    {"id": 13, "name": "x" * 300, "username": None},
]  # fmt: skip
X = {
    "bare, as in early access": ("post", {"data": [{"id": "9", "text": "Rye."}]}, {"9": "Rye."}),
    "2020, in full": (
        "post",
        {"data": [OF_2020], "includes": INCLUDES_OF_2020, "meta": {"result_count": 1}},
        {OF_2020["id"]: "We believe in bread. https://bread.example.org/a?b=1&c=2"},
    ),
    "2024, long and edited": (
        "post",
        {"data": [OF_2024], "meta": {"result_count": 1, "newest_id": OF_2024["id"]}},
        {OF_2024["id"]: LONG + "& more https://t.co/x"},
    ),
    "2026, by new names": ("post", {"data": [OF_2026], "meta": {}}, {OF_2026["id"]: "Renamed."}),
    "null wherever it can be": (
        "post",
        {"data": [NULLS, None], "includes": None, "errors": None, "meta": None},
        {NULLS["id"]: ""},
    ),
    "empty wherever it can be": ("like", {"data": [EMPTY], "includes": {}}, {EMPTY["id"]: ""}),
    "numbers for ids": (
        "like",
        {"data": [{"id": 1790000000000000002, "text": "Liked", "author_id": 7}],
         "includes": {"users": [{"id": 7, "name": "Bob", "username": "bob"}]}},
        {"1790000000000000002": "Liked"},
    ),
    "errors beside data": (
        "home",
        {"data": [QUOTE, {"id": "4", "text": "Of one who is suspended", "author_id": "77"}],
         "errors": [GONE, SUSPENDED, PRIVATE, None, "odd"], "meta": {"result_count": 2}},
        {QUOTE["id"]: "Look https://twitter.com/b/status/5", "4": "Of one who is suspended"},
    ),
    "what one follows reposts": (
        "home",
        {"data": [{"id": "8", "text": "RT @bob: Rye", "author_id": "7",
                   "referenced_tweets": [{"type": "retweeted", "id": "5"}]}],
         "includes": {"tweets": [{"id": "5", "text": "Rye", "author_id": "11"}]}},
        {"8": "RT @bob: Rye"},
    ),
    "nothing, and said so": ("post", empty(), {}),
    "nothing, an empty list": ("post", {"data": [], "meta": {"result_count": 0}}, {}),
    "nothing, null": ("like", {"data": None, "meta": {"result_count": 0}, "errors": []}, {}),
    "nothing that may be seen": ("like", {"errors": [PRIVATE], "meta": {"result_count": 0}}, {}),
    "what PostgreSQL refuses": (
        "post",
        {"data": [{"id": "9", "text": ODD, "author_id": "\x00", "entities": {
            "hashtags": [{"tag": "\x00\ud800"}], "mentions": [{"username": "\x00"}]}}]},
        {"9": "Half ? of an emoji, a  NUL and \u202e more"},
    ),
    "counts beyond what a column holds": (
        "post",
        {"data": [{"id": "9", "text": "Loud", "public_metrics": {
            "like_count": 2**31 - 1, "retweet_count": 2**31 - 1, "impression_count": 2**70}}]},
        {"9": "Loud"},
    ),
    "longer than any post": ("post", {"data": [{"id": "9", "text": ENDLESS_WORD}]},
                             {"9": ENDLESS_WORD}),
    "dates of all sorts": ("post", {"data": DATED}, {row["id"]: row["text"] for row in DATED}),
    "twice on one page": ("post", {"data": [*posts(9, 9, 8)["data"], {"id": 8, "text": "x"}]},
                          {"9": "Post 9", "8": "Post 8"}),
    "a former version beside the newer": (
        "like",
        {"data": [{"id": "9", "text": "New", "edit_history_tweet_ids": ["3", "9"]},
                  {"id": "3", "text": "Old", "edit_history_tweet_ids": ["3", "9"]}]},
        {"9": "New"},
    ),
    "ids of no sort": (
        "post",
        {"data": [{"id": "\x00", "text": "NUL"}, {"id": "", "text": "none"}, {"text": "no id"},
                  {"id": "9", "text": "One", "edit_history_tweet_ids": ["²", "9" * 5000, "9"]}]},
        {"9": "One"},
    ),
    "people": ("friend", {"data": USERS, "meta": {"result_count": 3}},
               {"11": "Bob", "12": "carol", "13": "x" * 300}),
}  # fmt: skip

# ── X, page after page ────────────────────────────────────────────────────────────────────────
PAGES_OF_X = {
    "three": ("post", {"": posts(9, 8, next="b"), "b": posts(7, 6, next="c"), "c": posts(5)},
              set("98765")),
    "an empty one between, and at the end": (
        "post",
        {"": posts(9, next="b"), "b": empty(next_token="c"), "c": posts(8, next="d"), "d": empty()},
        set("98"),
    ),
    "the same post on two": (
        "like", {"": posts(9, 8, next="b"), "b": posts(8, 7, next="c"), "c": posts(7)}, set("987")
    ),
    "only reposts on the first": (
        "post",
        {"": {"data": [{"id": "9", "text": "RT", "referenced_tweets": [{"type": "retweeted"}]}],
              "meta": {"next_token": "b"}}, "b": posts(8)},
        {"8"},
    ),
    "errors alone on one": (
        "like", {"": {"errors": [GONE], "meta": {"next_token": "b", "result_count": 2}},
                 "b": posts(8)}, {"8"}
    ),
    "a mark that is a number": (
        "like", {"": {**posts(9), "meta": {"next_token": 7140}}, "7140": posts(8)}, set("98")
    ),
}  # fmt: skip

# ── Facebook ──────────────────────────────────────────────────────────────────────────────────
POST = {
    "id": "61_9", "message": "Seed swap #Garden", "created_time": "2026-11-21T23:50:33+0000",
    "permalink_url": "https://www.facebook.com/61/posts/9", "is_hidden": False,
    "from": {"name": "Bakery", "id": "61"}, "updated_time": "2026-11-22T23:50:33+0000",
    "reactions": {"data": [], "summary": {"total_count": 12, "viewer_reaction": "NONE"}},
    "comments": {"data": [], "summary": {"order": "ranked", "total_count": 3}},
}  # fmt: skip
NEXT = "https://graph.facebook.com/v25.0/61/published_posts?limit=100"
BARE = [
    {"id": "61_8", "story": "Bakery updated their cover photo."},
    {"id": "61_7", "created_time": "2011-01-01T00:00:00+0000", "likes": {"data": [{"id": "1"}]},
     "type": "status", "actions": [], "privacy": {"value": ""}, "status_type": "wall_post"},
    {"id": "61_6", "message": None, "attachments": {"data": [
        {"media_type": "link", "title": "Rye", "url": "https://rye.example.org/"}]}},
    POST | {"id": "61_5", "from": None, "shares": None, "reactions": {}, "comments": None},
]  # fmt: skip
OLD_DAYS = ("0001-01-01T00:00:00+0000", "9999-12-31T23:59:59+0000", "1905-05-05T12:00:00+0000", 0)
FACEBOOK = {
    "a post": ("post", {"data": [POST]}, {"61_9": "Seed swap #Garden"}),
    "posts that lack this and that": (
        "post",
        {"data": BARE, "paging": {"cursors": {"before": "a", "after": "b"}}},
        {"61_8": "", "61_7": "", "61_6": "", "61_5": "Seed swap #Garden"},
    ),
    "none": ("post", {"data": []}, {}),
    "none, with a way back": ("post", {"data": [], "paging": {"previous": NEXT}}, {}),
    "what PostgreSQL refuses": (
        "post", {"data": [POST | {"message": ODD, "story": "\x00", "from": {"name": "\ud800"}}]},
        {"61_9": "Half ? of an emoji, a  NUL and \u202e more"},
    ),
    "dates of all sorts": (
        "post",
        {"data": [{"id": f"61_{n}", "message": "x", "created_time": at}
                  for n, at in enumerate(OLD_DAYS)]},
        {f"61_{n}": "x" for n in range(len(OLD_DAYS))},
    ),
    "Pages that are liked": (
        "like",
        {"data": [{"id": "5", "name": "Rye", "category": "Bakery", "about": "\x00",
                   "category_list": [{"id": "1", "name": "Bakery"}]},
                  {"id": 6, "created_time": "2011-01-01T00:00:00+0000"}]},
        {"5": "Rye", "6": ""},
    ),
    "friends who do not use the app": ("friend", {"data": [], "summary": {"total_count": 99}}, {}),
    "friends": ("friend", {"data": [{"id": "1", "name": "Bob"}]}, {"1": "Bob"}),
}  # fmt: skip


def of_page(*numbers, **paging):
    rows = [{"id": f"61_{n}", "message": f"Post {n}"} for n in numbers]
    return {"data": rows} | ({"paging": paging} if paging else {})


PAGES_OF_FACEBOOK = {
    "by cursors": (
        "post",
        {"": of_page(9, 8, cursors={"after": "b"}, next=NEXT + "&after=b"),
         "b": of_page(7, cursors={"after": "c"})}, {"61_9", "61_8", "61_7"},
    ),
    "an empty one between": (
        "post",
        {"": of_page(9, cursors={"after": "b"}, next=NEXT), "b": of_page(
            cursors={"after": "c"}, next=NEXT), "c": of_page(7)}, {"61_9", "61_7"},
    ),
    "no cursors, only the address of the next": (
        "post", {"": of_page(9, next=NEXT + "&after=b"), "b": of_page(8)}, {"61_9", "61_8"}
    ),
}  # fmt: skip
