"""Reading what the servers of an organization own: over the organization or server by server, whichever is fewer pages.

Only what is known without another request decides (docs/decisions/0010-fewest-requests.md).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import RequestOfPage, Send, list_until, pages
from fleet.serveravatar.models import Application, Database
from fleet.serveravatar.wire import Request, read_rows

Owned = TypeVar("Owned", Application, Database)
PAGE_SIZE: Final = 10
"""Entries on a page of applications or databases (the vendor's reading calls)."""
WORTH_A_LOOK: Final = 3
"""From so many pages on, the page that tells how long the organization's list is can pay for itself."""


def least_pages(wanted: Iterable[AbstractSet[int]]) -> int:
    """How many pages the servers' own lists have at least, from what is wanted of each of them."""
    return sum(max(1, -(-len(each) // PAGE_SIZE)) for each in wanted)


def reads_on(pages_left: int, per_server: int) -> bool:
    """Decide, after a page of the organization's list, whether to read on there or server by server.

    Args:
        pages_left: pages that follow in the organization's list.
        per_server: pages that the lists of the servers have at least on which something is still wanted.
    """
    return pages_left <= per_server


@dataclass(frozen=True)
class Lists(Generic[Owned]):
    """Where the applications or the databases of one organization are listed.

    Attributes:
        model: of a row.
        of_organization: requests the pages of the organization's list.
        of_server: requests the pages of a server's list, by the server's id.
        or_unknown: reads the list of a server, or notes that it cannot be read and returns None.
    """

    model: type[Owned]
    of_organization: RequestOfPage
    of_server: Callable[[int, int], Request]
    or_unknown: Callable[[int, Awaitable[dict[int, Owned]]], Awaitable[dict[int, Owned] | None]]


async def read_owned(
    send: Send, lists: Lists[Owned], wanted: Mapping[int, AbstractSet[int]]
) -> dict[int, dict[int, Owned]]:
    """Read what is wanted of some servers.

    Args:
        send: sends a request and returns the JSON of its answer.
        lists: where to read.
        wanted: ids by server.

    Returns:
        What was read, by server and id; a wanted server that is missing could not be read.

    Raises:
        ApiUnusableError: no request of this run will fare better.
    """
    found: dict[int, dict[int, Owned]] = {}
    if least_pages(wanted.values()) >= WORTH_A_LOOK and await _over_the_organization(send, lists, wanted, found):
        return found | {server: found.get(server, {}) for server in wanted}
    missing = _missing(wanted, found)

    async def of(server: int) -> dict[int, Owned] | None:
        listing = list_until(send, partial(lists.of_server, server), lists.model, wanted[server])
        rows = await lists.or_unknown(server, listing)
        return rows and {row.id: row.model_copy(update={"server_id": server}) for row in rows.values()}

    own = await asyncio.gather(*(of(server) for server in missing))
    for server, rows in zip(missing, own, strict=True):
        found.pop(server, None)
        if rows is not None:
            found[server] = rows
    return found


def _missing(wanted: Mapping[int, AbstractSet[int]], found: Mapping[int, Mapping[int, object]]) -> list[int]:
    return [server for server, ids in wanted.items() if not ids <= found.get(server, {}).keys()]


async def _over_the_organization(
    send: Send,
    lists: Lists[Owned],
    wanted: Mapping[int, AbstractSet[int]],
    found: dict[int, dict[int, Owned]],
) -> bool:
    """Read the organization's list into `found`, as long as it names the servers and is fewer pages.

    Returns:
        Whether that settles what is wanted: it was found, or the list has come to its end.
    """
    try:
        async for page in pages(send, lists.of_organization):
            rows = read_rows(lists.model, page.rows)
            if any(row.server_id is None for row in rows):
                return False
            for row in rows:
                found.setdefault(row.server_id or 0, {})[row.id] = row
            missing = _missing(wanted, found)
            if not missing or not page.more:
                return True
            left = (page.last or page.number + 1) - page.number
            if not reads_on(left, least_pages(wanted[server] for server in missing)):
                return False
    except ApiError:
        return False  # The servers' own lists are left, and say what is wrong if they cannot be read either.
    return True
