"""Pages of a list that may be long: nobody counts it, only whether there is one more."""

from typing import Any

from django.core.paginator import Page, Paginator

FARTHEST = 1_000_000


class UncountedPage(Page):
    """One page, which knows whether it is the last."""

    def __init__(self, rows: list[Any], number: int, paginator: "UncountedPaginator") -> None:
        self.is_last = len(rows) <= paginator.per_page
        super().__init__(rows[: paginator.per_page], number, paginator)

    def has_next(self) -> bool:
        return not self.is_last

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1


class UncountedPaginator(Paginator):
    """Pages of `per_page` rows, without a count."""

    num_pages: Any = None  # nobody knows

    def get_page(self, number: Any) -> UncountedPage:
        """That page; the first one for what is none."""
        try:
            number = min(max(1, int(number)), FARTHEST)
        except (TypeError, ValueError):
            number = 1
        start = (number - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        return UncountedPage(rows, number, self) if rows or number == 1 else self.get_page(1)
