"""Reading the API's lists page by page, no further than needed."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from typing import Any, Final, TypeVar

from fleet.serveravatar.errors import UnexpectedAnswerError
from fleet.serveravatar.models import Entry
from fleet.serveravatar.untrusted.list_length import MOST_PAGES, ListLength
from fleet.serveravatar.wire import Page, Request, read_page, read_rows

Send = Callable[[Request], Awaitable[Any]]
"""Sends a request and returns the JSON of the response."""
RequestOfPage = Callable[[int], Request]
"""The request for a page of a list, by its number from 1."""
Row = TypeVar("Row", bound=Entry)
MOST_REPEATED: Final = 3
"""Consecutive times that an API without a total repeats a page before the list counts as read."""


async def pages(send: Send, request_of: RequestOfPage) -> AsyncGenerator[Page, None]:
    """Read a list page by page; each page is requested when it is iterated to.

    An API that returns the same page whatever is requested has no more of them. But a page also repeats the rows of the
    one before when a whole page of new rows has been added in between.

    Raises:
        ApiError: a page could not be read.
        UnexpectedAnswerError: the list does not end where its first page reports.
    """
    length = ListLength()
    before: Page | None = None
    repeated = 0
    while before is None or before.more:
        request = request_of(before.number + 1 if before else 1)
        page = read_page(request, await send(request))
        if before is None or page.rows != before.rows or (page.total or 0) > (before.total or 0):
            repeated = 0
        else:
            repeated += 1
        if repeated >= (1 if page.total is not None else MOST_REPEATED):
            break
        if problem := length.exceeded(page):
            raise UnexpectedAnswerError(request.call, problem)
        yield page
        before = page


async def whole_pages(send: Send, request_of: RequestOfPage) -> AsyncGenerator[Page, None]:
    """Read a list page by page as `pages` does; iterating to the end yields all of it.

    Raises:
        ApiError: a page could not be read.
        UnexpectedAnswerError: the list ended before the last page that it reports.
    """
    page: Page | None = None
    async with aclosing(pages(send, request_of)) as listed:
        async for page in listed:
            if page.last is not None and page.last > MOST_PAGES:
                problem = f"the list reports {page.last:,} pages, more than {MOST_PAGES:,}"
                raise UnexpectedAnswerError(request_of(page.number).call, problem)
            yield page
    if page and page.last is not None and page.number < page.last:
        problem = f"the list ended on page {page.number} of {page.last}"
        raise UnexpectedAnswerError(request_of(page.number).call, problem)


async def list_until(
    send: Send, request_of: RequestOfPage, model: type[Row], wanted: AbstractSet[int]
) -> dict[int, Row]:
    """Read a list until all wanted entries are found, or to its end.

    Returns:
        All entries that were read, by id.
    """
    found: dict[int, Row] = {}
    async with aclosing(pages(send, request_of)) as listed:
        async for page in listed:
            found |= {row.id: row for row in read_rows(model, page.rows)}
            if wanted <= found.keys():
                break
    return found


async def list_all(send: Send, request_of: RequestOfPage, model: type[Row]) -> dict[int, Row]:
    """Read a list to its end, and verify that it is complete.

    A row that is deleted while the pages are read moves another row to a page that was read before. So a list that
    shows fewer rows than any of its pages reports is read once more.

    Returns:
        All entries, by id.

    Raises:
        UnexpectedAnswerError: it reports more entries, or pages, than it shows.
    """
    shown = total = 0
    for _ in range(2):
        found: dict[int, Row] = {}
        nameless = total = 0
        async for page in whole_pages(send, request_of):
            rows = read_rows(model, page.rows)
            found |= {row.id: row for row in rows}
            nameless += len(page.rows) - len(rows)
            total = max(total, page.total or 0)
        shown = len(found) + nameless
        if shown >= total:
            return found
    raise UnexpectedAnswerError(request_of(1).call, f"the list shows {shown} of the {total} entries that it reports")
