"""Where the backup list ends before a run sends anything: what is newer was made since."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from fleet.pagination.layout import IN_ORDER, Layout, is_descending, layout_of
from fleet.proof.sought import Mark, mark_of
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page

MOST_MARKED: Final = 50
"""Most pages that are read to find the exact end of a list in no order."""


async def read_mark(
    pages: AsyncIterator[Page],
    page_of: Callable[[int], Awaitable[Page]],
    *,
    may_be_ordered: bool,
    one_page_suffices: bool,
) -> tuple[Mark, Layout | None]:
    """Read where the list ends: newest first, off one page; oldest first, off its last; otherwise off all of it.

    Args:
        pages: the list, page by page.
        page_of: one page of it.
        may_be_ordered: whether the order of one page may stand for the whole list.
        one_page_suffices: whether the mark may be inexact, since names tell what is newer.

    Returns:
        The mark, and the layout of the list; None if the first page does not show it.

    Raises:
        ApiError: the list could not be read.
    """
    rows: list[Backup] = []
    layout: Layout | None = None
    async for page in pages:
        layout = layout_of(page) if page.number == 1 else layout
        rows += read_backups(page.rows)
        ids = [row.id for row in rows]
        shows_order = may_be_ordered and len(ids) >= IN_ORDER
        if not page.more or (shows_order and is_descending(ids)):
            return mark_of(rows, exact=True), layout
        if shows_order and page.last and is_descending(ids[::-1]):
            rows += read_backups((await page_of(page.last)).rows)
            if is_descending([row.id for row in rows][::-1]):
                return mark_of(rows, exact=True), layout
        if one_page_suffices or page.number >= MOST_MARKED:
            return mark_of(rows, exact=False), layout
    return mark_of(rows, exact=True), layout
