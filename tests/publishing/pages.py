"""What a page says, as a browser reads it."""

import re


def page_of(response) -> str:
    return response.content.decode()


def ticked_in(page: str) -> list[str]:
    """The ids of the channels that are chosen in a composer."""
    return re.findall(r'name="channels" value="([^"]+)" checked', page)
