"""The newest backups of an organization, from a bounded number of pages."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from fleet.pagination.layout import is_descending
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest backups of an organization, as far as they were read.

    Attributes:
        rows: the rows, in no particular order.
        pages: how many pages were read for them.
        is_all: whether the list has no more.
        unread: why the list could not be read; empty if it was.
    """

    rows: tuple[Backup, ...] = ()
    pages: int = 0
    is_all: bool = False
    unread: str = ""


async def read_newest(
    pages: Callable[[], AsyncGenerator[Page, None]], page_of: Callable[[int], Awaitable[Page]], most: int
) -> Newest:
    """Read the newest backups; of a list in no order, those on its first pages.

    If a page cannot be read, the result says why, and holds what was read before.

    Args:
        pages: the list, page by page.
        page_of: one page of it.
        most: pages to read at most.
    """
    rows: dict[int, Backup] = {}
    read = 0
    try:
        async with aclosing(_newest_pages(pages, page_of)) as newest:
            async for page in newest:
                read += 1
                rows |= {row.id: row for row in read_backups(page.rows)}
                if read >= most:
                    return Newest(tuple(rows.values()), read, is_all=read == (page.last or 0))
    except ApiError as error:
        return Newest(tuple(rows.values()), read, unread=str(error))
    return Newest(tuple(rows.values()), read, is_all=True)


async def _newest_pages(
    pages: Callable[[], AsyncGenerator[Page, None]], page_of: Callable[[int], Awaitable[Page]]
) -> AsyncGenerator[Page, None]:
    """The pages in the list's order; if its oldest entries come first, the first page and then from the last down."""
    async with aclosing(pages()) as listed:
        async for page in listed:
            yield page
            ids = [row.id for row in read_backups(page.rows)]
            if page.number == 1 and page.last and not is_descending(ids) and is_descending(ids[::-1]):
                break
        else:
            return
    for number in range(page.last, 1, -1):
        yield await page_of(number)
