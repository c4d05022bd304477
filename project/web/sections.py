"""Which entry of the side bar and of the bottom bar a page belongs to."""

from typing import NamedTuple

from django.http import HttpRequest

# By the name of a view, or by its namespace.
SECTION_OF_VIEW = {
    "posts:compose": "new",
    "posts": "posts",
    "drafts": "drafts",
    "calendar:feed": "settings",
    "calendar": "calendar",
    "queue": "queue",
    "importing:suggestions": "ideas",
    "importing:numbers": "analytics",
    "importing": "imports",
    "channels": "channels",
    "notices": "notices",
    "settings": "settings",
    "webhooks": "settings",
    "api_tokens": "settings",
}
# Whose entry leads to this very page.
ENTRIES = {
    "posts:compose",
    "posts:list",
    "drafts:list",
    "calendar:agenda",
    "calendar:week",
    "calendar:month",
    "queue:queue",
    "importing:suggestions",
    "importing:numbers",
    "importing:imports",
    "channels:list",
    "notices:list",
    "settings",
}
IN_BOTTOM_BAR = ("new", "drafts", "posts", "calendar")  # the rest is behind "More"


class CurrentSection(NamedTuple):
    """`name` is one of SECTION_OF_VIEW, or empty; `aria` what `aria-current` says of its entry."""

    name: str
    aria: str

    @property
    def is_behind_more(self) -> bool:
        return bool(self.name) and self.name not in IN_BOTTOM_BAR


def current_section(request: HttpRequest) -> CurrentSection:
    """The section of the page that answers `request`."""
    match = request.resolver_match
    if match is None:
        return CurrentSection("", "")
    view = match.view_name
    if view == "posts:list" and request.method == "POST":  # the composer came back
        view = "posts:compose"
    name = SECTION_OF_VIEW.get(view) or SECTION_OF_VIEW.get(match.namespace, "")
    return CurrentSection(name, "page" if view in ENTRIES else "true")
