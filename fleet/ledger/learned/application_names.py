"""Names recorded by earlier runs, for applications that the API does not show now, as on a server that is down."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError, by_statement
from fleet.ledger.database.schema import entries
from fleet.ledger.database.transaction import read
from fleet.observed.observed import Observed, ObservedOrganization
from fleet.serveravatar.models import Application

_Place = tuple[int, int, int]
"""Organization, server, application."""


async def named_before(url: str, observed: Observed, targets: Iterable[Target]) -> Observed:
    """Add the ledger's names of applications that were not seen; they prove nothing.

    Args:
        url: of the ledger; one that is missing or unreadable knows no names.
        observed: what the API shows.
        targets: those to name.
    """
    nameless = {_place(target) for target in targets if observed.application(target) is None}
    if not nameless:
        return observed
    try:
        known = await _names(url, {server for _, server, _ in nameless})
    except LedgerError:
        return observed
    found: defaultdict[int, defaultdict[int, dict[int, Application]]] = defaultdict(lambda: defaultdict(dict))
    for place in nameless & known.keys():
        organization, server, application = place
        found[organization][server][application] = Application(id=application, name=known[place])
    organizations = dict(observed.organizations)
    for number, servers in found.items():
        seen = organizations.get(number, ObservedOrganization())
        beside = {server: {**rows, **seen.beside.get(server, {})} for server, rows in servers.items()}
        organizations[number] = replace(seen, beside={**seen.beside, **beside})
    return replace(observed, organizations=organizations)


def _place(target: Target) -> _Place:
    return target.organization, target.server_id, target.request.application_id


async def _names(url: str, servers: Iterable[int]) -> dict[_Place, str]:
    """The latest name of each application on some servers."""
    place = entries.c.organization, entries.c.server_id, entries.c.application_id
    newest = sa.func.max(entries.c.updated_at)
    wanted = sorted(servers)

    async def work(connection: AsyncConnection) -> dict[_Place, str]:
        names: dict[_Place, str] = {}
        for some in by_statement(wanted):
            query = sa.select(*place, entries.c.application).where(entries.c.server_id.in_(some))
            query = query.group_by(*place, entries.c.application).order_by(newest)
            for organization, server, application, name in await connection.execute(query):
                if name != f"application {application}":
                    names[organization, server, application] = name
        return names

    return await read(url, work, {})
