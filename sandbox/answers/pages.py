"""Pages as Laravel writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.dialects.dialect import Totals


@dataclass(frozen=True)
class PageOf:
    """The requested part of a list: page `number` (from 1), with `size` rows."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """The number of rows before this page."""
        return (self.number - 1) * self.size


def read_page(given: str | None, size: int) -> PageOf:
    """Read `?page=`; as in Laravel, anything but a whole number above 0 is page 1."""
    number = int(given) if given and given.isascii() and given.isdigit() else 1
    return PageOf(number=min(max(1, number), 10**9), size=size)


# What Laravel's `simplePaginate` leaves out.
_COUNTED = frozenset({"last_page", "last_page_url", "total"})
_FEWEST = ("data", "next_page_url")


def laravel_page(
    rows: Sequence[dict[str, Any]], total: int, page: PageOf, url: str, totals: Totals = "yes"
) -> dict[str, Any]:
    """One page as Laravel's LengthAwarePaginator writes it, or with fewer fields.

    Args:
        rows: the rows of this page.
        total: rows on all pages.
        page: which page it is.
        url: address of the list without its query.
        totals: which fields it has besides its rows.
    """
    last = max(1, -(-total // page.size))
    whole = {
        "current_page": page.number,
        "data": list(rows),
        "first_page_url": f"{url}?page=1",
        "from": page.offset + 1 if rows else None,
        "last_page": last,
        "last_page_url": f"{url}?page={last}",
        "next_page_url": f"{url}?page={page.number + 1}" if page.number < last else None,
        "path": url,
        "per_page": page.size,
        "prev_page_url": f"{url}?page={page.number - 1}" if page.number > 1 else None,
        "to": page.offset + len(rows) if rows else None,
        "total": total,
    }
    if totals == "no":
        return {name: whole[name] for name in _FEWEST}
    return {name: value for name, value in whole.items() if totals == "yes" or name not in _COUNTED}
