"""Names of channels in a sentence: the first of them, and how many more."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

NAMES_SHOWN = 3


def first_names(names: Sequence[str]) -> SafeString:
    shown = ((name,) for name in names[:NAMES_SHOWN])
    first = format_html_join(", ", "<bdi>{}</bdi>", shown)
    more = len(names) - NAMES_SHOWN
    if more <= 0:
        return first
    sentence = ngettext("{names} and {count} more", "{names} and {count} more", more)
    return format_html(sentence, names=first, count=more)
