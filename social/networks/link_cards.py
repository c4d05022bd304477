"""The card of a link, for networks whose posts show one: of which address, and how that is chosen.
What an address is, and whether it has a card, each network says itself."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext_lazy as _

from .shapes import Choices, Extra

LINK_EXTRA = "link"  # its name
NO_CARD = "none"  # a choice
MOST_ADDRESSES = 20  # to choose from


class LinkCards:
    """Which of the addresses in a post has its card; `find` finds those that could."""

    def __init__(self, find: Callable[[str], Iterable[str]]) -> None:
        self.find = find

    @property
    def extra(self) -> Extra:
        """What a person chooses it by."""
        return Extra(
            LINK_EXTRA,
            _("Link card"),
            (("", _("Of the first link")),),
            help=_("A post with pictures shows none."),
            choices_in=self.choices,
        )

    def addresses(self, text: str) -> tuple[str, ...]:
        """Those of which it could show a card, each once, in their order."""
        return tuple(dict.fromkeys(self.find(text)))[:MOST_ADDRESSES]

    def choices(self, text: str) -> Choices:
        """(value, word) of what a person may choose for a post of these words, besides the
        first."""
        addresses = ((address, address) for address in self.addresses(text))
        return ((NO_CARD, str(_("None"))), *addresses)

    def address(self, text: str, chosen: str) -> str:
        """The one that it is to show: the first, unless another one or none was `chosen`; empty
        where there is none. What the words do not have any more is not chosen."""
        addresses = self.addresses(text)
        if chosen == NO_CARD or not addresses:
            return ""
        return chosen if chosen in addresses else addresses[0]
