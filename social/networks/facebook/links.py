"""What links of posts on Facebook name. Knows no SDK.

A post has a number, which Graph writes behind its Page's (61_77), and names that begin with pfbid
and hide that number; a picture has one of its own. Seen in addresses of facebook.com, 2014 to 2026.
"""

import re
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext

NUMBER = r"\d{1,25}"
HIDDEN = r"pfbid\w{1,100}"
POST_ID_PATTERN = rf"(?:{HIDDEN}|{NUMBER})"
BARE = re.compile(rf"{NUMBER}_{NUMBER}|\d{{5,25}}|{HIDDEN}", re.ASCII)
IN_PATH = (
    re.compile(rf"(?<!\w)({NUMBER}_{NUMBER})(?!\w)", re.ASCII),
    re.compile(rf"/(?:posts|videos|permalink)/(?:[^/]+/)?({POST_ID_PATTERN})(?!\w)", re.ASCII),
    re.compile(rf"/(?:photos|reel)/(?:[^/]+/)?({NUMBER})(?!\w)", re.ASCII),
)
ALBUM = re.compile(rf"pcb\.({NUMBER})", re.ASCII)  # the pictures of one post, by its number
IN_QUERY = ("story_fbid", "fbid", "v")
SHARED = re.compile(r"/share/|//fb\.watch/")


def named_by(link: str) -> str:
    """61_77, a number or a pfbid. Raises ValueError with one sentence."""
    link = link.strip()
    if BARE.fullmatch(link):
        return link
    try:
        where = urlsplit(link)
    except ValueError:
        where = urlsplit("")
    asked = {name: values[0] for name, values in parse_qs(where.query).items()}
    if album := ALBUM.fullmatch(asked.get("set", "")):
        return album[1]
    for name in IN_QUERY:
        if re.fullmatch(POST_ID_PATTERN, asked.get(name, ""), re.ASCII):
            return asked[name]
    for pattern in IN_PATH:
        if found := pattern.search(where.path):
            return found[1]
    if SHARED.search(link):
        raise ValueError(
            gettext(
                "That is not the link of a Facebook post itself: open it, and copy the address "
                "that your browser shows then."
            )
        )
    raise ValueError(gettext("That is not the link of a Facebook post (…/posts/ and its id)."))
