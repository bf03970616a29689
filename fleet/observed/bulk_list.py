"""Reads what the servers of an organization own: over the organization or server by server, whichever is fewer pages.

The decision uses only what is known without another request (docs/decisions/0010-fewest-requests.md).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Generic, TypeVar

from fleet.serveravatar import wire
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import RequestOfPage, Send, list_all, list_until, pages
from fleet.serveravatar.models import Application, Database
from fleet.serveravatar.wire import Request, read_rows

Owned = TypeVar("Owned", Application, Database)
Wanted = AbstractSet[int] | None
"""The ids wanted on one server; None: everything it owns."""
PAGE_SIZE: Final = 10
"""Entries on a page of applications or databases (the vendor's reading calls)."""
WORTH_A_LOOK: Final = 3
"""Pages from which it pays to request one page just to learn the length of the organization's list."""


def least_pages(wanted: Iterable[AbstractSet[object]]) -> int:
    """The least number of pages of the servers' own lists, from what is wanted or known of each."""
    return sum(max(1, -(-len(each) // PAGE_SIZE)) for each in wanted)


def reads_on(pages_left: int, per_server: int) -> bool:
    """Decide, after a page of the organization's list, whether to continue there or server by server.

    Args:
        pages_left: remaining pages of the organization's list.
        per_server: least number of pages of the servers' own lists on which something is still wanted.
    """
    return pages_left <= per_server


OrUnknown = Callable[[int, Awaitable[dict[int, Owned]]], Awaitable[dict[int, Owned] | None]]
"""Reads the list of a server, or notes that it cannot be read and returns None."""


@dataclass(frozen=True)
class Lists(Generic[Owned]):
    """Where the applications or databases of one organization are listed.

    Attributes:
        model: of a row.
        of_organization: requests the pages of the organization's list.
        of_server: requests the pages of a server's list, by the server's id.
        or_unknown: reads the list of a server, or notes that it cannot be read.
        needed: fields that every row of the organization's list must have.
    """

    model: type[Owned]
    of_organization: RequestOfPage
    of_server: Callable[[int, int], Request]
    or_unknown: OrUnknown[Owned]
    needed: AbstractSet[str] = frozenset({"server_id"})


def application_lists(
    organization: int, or_unknown: OrUnknown[Application], needed: AbstractSet[str] = frozenset()
) -> Lists[Application]:
    """The lists of applications of an organization.

    Args:
        organization: its id.
        or_unknown: reads the list of a server, or notes that it cannot be read.
        needed: fields a row must have, apart from its server.
    """
    of_organization = partial(wire.list_organization_applications, organization)
    of_server = partial(wire.list_applications, organization)
    return Lists(Application, of_organization, of_server, or_unknown, needed | {"server_id"})


def database_lists(organization: int, or_unknown: OrUnknown[Database]) -> Lists[Database]:
    """The lists of databases of an organization."""
    of_organization = partial(wire.list_databases, organization)
    return Lists(Database, of_organization, partial(wire.list_server_databases, organization), or_unknown)


async def read_owned(
    send: Send, lists: Lists[Owned], wanted: Mapping[int, Wanted], listed: int = 0
) -> dict[int, dict[int, Owned]]:
    """Read what is wanted on some servers.

    Args:
        send: sends a request and returns the JSON of its response.
        lists: where to read.
        wanted: ids by server, or None for everything a server owns.
        listed: how many rows the organization's list has at least.

    Returns:
        What was read, by server and id; a wanted server that is missing could not be read. If everything was
        wanted, all rows that the list claims to have were read.

    Raises:
        ApiUnusableError: the API cannot be used at all.
    """
    found: dict[int, dict[int, Owned]] = {}
    per_server = least_pages(ids or frozenset[int]() for ids in wanted.values())
    is_worth_it = per_server >= max(WORTH_A_LOOK, -(-listed // PAGE_SIZE))
    if is_worth_it and await _over_the_organization(send, lists, wanted, found):
        return found | {server: found.get(server, {}) for server in wanted}
    missing = _missing(wanted, found)

    async def of(server: int) -> dict[int, Owned] | None:
        ids, request_of = wanted[server], partial(lists.of_server, server)
        if ids is None:
            rows = await lists.or_unknown(server, list_all(send, request_of, lists.model))
        else:
            rows = await lists.or_unknown(server, list_until(send, request_of, lists.model, ids))
        return rows and {row.id: replace(row, server_id=server) for row in rows.values()}

    own = await asyncio.gather(*(of(server) for server in missing))
    for server, rows in zip(missing, own, strict=True):
        found.pop(server, None)
        if rows is not None:
            found[server] = rows
    return found


def _missing(wanted: Mapping[int, Wanted], found: Mapping[int, Mapping[int, object]]) -> list[int]:
    return [server for server, ids in wanted.items() if ids is None or not ids <= found.get(server, {}).keys()]


def _left(server: int, wanted: Mapping[int, Wanted], found: Mapping[int, Mapping[int, object]]) -> AbstractSet[int]:
    """The least content of a server's own list: what is wanted there, or everything seen so far."""
    ids = wanted[server]
    return found.get(server, {}).keys() if ids is None else ids


async def _over_the_organization(
    send: Send,
    lists: Lists[Owned],
    wanted: Mapping[int, Wanted],
    found: dict[int, dict[int, Owned]],
) -> bool:
    """Read the organization's list into `found`, as long as its rows are complete and it is fewer pages.

    Returns:
        Whether everything wanted is settled: it was found, or the list ended and no row of it is missing.
    """
    shown = total = 0
    try:
        async with aclosing(pages(send, lists.of_organization)) as listed:
            async for page in listed:
                rows = read_rows(lists.model, page.rows)
                if any(getattr(row, field) is None for row in rows for field in lists.needed):
                    return False
                for row in rows:
                    found.setdefault(row.server_id or 0, {})[row.id] = row
                missing = _missing(wanted, found)
                shown, total = shown + len(page.rows) - len(rows), max(total, page.total or 0)
                if not missing or not page.more:
                    break
                left = (page.last or page.number + 1) - page.number
                if not reads_on(left, least_pages(_left(server, wanted, found) for server in missing)):
                    return False
    except ApiError:
        return False  # The servers' own lists remain, and report what is wrong if they cannot be read either.
    is_whole = shown + sum(map(len, found.values())) >= total
    return is_whole or None not in wanted.values()
