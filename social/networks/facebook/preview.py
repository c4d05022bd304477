"""How a post looks on Facebook.

Links and hashtags are coloured and stay as they were written. Where a long post is folded nobody
says: about 480 characters, as seen on its pages in 2026.
"""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from ..previews import Fold, Preview, plain_marks, preview_of

FOLD = Fold(480, _("See more"), is_known=False)


def preview(text: str, fits: Callable[[str], bool]) -> Preview:
    return preview_of(text, fits, plain_marks, FOLD)
