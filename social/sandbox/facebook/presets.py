"""Facebook's part of the catalogue of faults."""

from ..core.presets import HTML, OUTAGE, TOKEN, Preset, circle_preset, token_presets, wire_presets
from .refusals import CODES, COMMENT_CODES, DOUBTFUL, LIMITING, TOKEN_REFUSALS, graph

CREATE = {
    "network": "facebook",
    "method": "POST",
    "path_regex": r"^(/v[\d.]+)?/\d+/(feed|photos)$",
}
COMMENT = {
    "network": "facebook",
    "method": "POST",
    "path_regex": r"^(/v[\d.]+)?/\d+_\d+/comments$",
}
LISTS = {
    "network": "facebook",
    "method": "GET",
    "path_regex": r"/(accounts|published_posts|feed|posts|likes|friends)$",
}
TOKENS = TOKEN | {"network": "facebook"}


def own_presets() -> list[Preset]:
    unknown = graph(1, "An unknown error has occurred.", 99, 500)
    service = graph(2, "Service temporarily unavailable", None, 500)
    html = {"status": 503, "body": OUTAGE, "headers": HTML}
    strange = graph(3001, "(#3001) Something that no list of codes has")
    noerror, empty = {"status": 500, "json": {"foo": "bar"}}, {"status": 502, "body": ""}
    before = [
        ("fb.1.before", "code 1, the post was not made", unknown),
        ("fb.2.before", "code 2, the post was not made", service),
        ("fb.html", "an HTML outage page", html),
        ("fb.500.noerror", "a 500 without an error object", noerror),
        ("fb.502.empty", "a 502 without a body", empty),
    ]
    coded = CODES | DOUBTFUL
    before += [(name, says, action) for name, (says, action) in coded.items()]
    after = [
        ("fb.1.after", "code 1, but the post was made", unknown),
        ("fb.2.after", "code 2, but the post was made", service),
        ("fb.3001.after", "a code that nobody knows, but the post was made", strange),
        ("fb.html.after", "an HTML outage page, but made", html),
        ("fb.500.noerror.after", "a 500 without an error object, but made", noerror),
        ("fb.502.empty.after", "a 502 without a body, but made", empty),
        ("fb.506.after", "asked twice on its way: made, then refused", CODES["fb.506"][1]),
        (
            "fb.no_content_type",
            "made, and answered without content type",
            {"no_content_type": True},
        ),
    ]
    limiting = [(name, *coded[name]) for name in (*LIMITING, "fb.10", "fb.200", *DOUBTFUL)]
    after += [(f"{name}.after", f"{says}, but the post was made", a) for name, says, a in limiting]
    found = [Preset(name, says, CREATE, action) for name, says, action in before]
    return found + [Preset(name, says, CREATE, action, "after") for name, says, action in after]


def comment_presets() -> list[Preset]:
    """Of what writes a comment below a post."""
    unknown = graph(1, "An unknown error has occurred.", 99, 500)
    rows = [("1", "code 1", unknown), *((name, *coded) for name, coded in COMMENT_CODES.items())]
    before = [Preset(f"comment.fb.{n}", says, COMMENT, action) for n, says, action in rows]
    after = [
        Preset(f"comment.fb.{name}.after", f"{says}, but it was made", COMMENT, action, "after")
        for name, says, action in rows
    ]
    return [*before, *after, *wire_presets("comment.fb", COMMENT)]


PRESETS = [
    *comment_presets(),
    *own_presets(),
    *wire_presets("fb", CREATE),
    circle_preset("fb", LISTS),
    *token_presets("fb", TOKENS, TOKEN_REFUSALS),
]
