"""What an account has: every organization with its servers, what they hold, and where backups can be kept."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from fleet.observed import Listed
from fleet.serveravatar import wire
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.listing import Send, list_all
from fleet.serveravatar.models import Organization, StorageProvider
from fleet.whole_lists import Holdings, list_holdings, list_servers


class DiscoveryError(ValueError):
    """An account of which no fleet file can be made; the text says why."""


@dataclass(frozen=True, slots=True)
class OrganizationContents:
    """One organization and all that it has.

    Attributes:
        id: of the organization.
        name: of the organization; empty when unknown.
        listed: its servers, and all applications and databases of those that could be read.
        providers: its storage providers, by id.
    """

    id: int
    name: str
    listed: Listed
    providers: Mapping[int, StorageProvider]


async def read_contents(send: Send, only: int | None) -> list[OrganizationContents]:
    """Read everything that an account has.

    Args:
        send: sends a request and returns the JSON of its answer.
        only: the organization that is asked for; None for all.

    Returns:
        Each organization by id.

    Raises:
        DiscoveryError: the account has no such organization.
        ApiUnusableError: a list that everything else hangs on could not be read whole.
    """
    try:
        found = await list_all(send, wire.list_organizations, Organization)
    except ApiError as error:
        raise ApiUnusableError(f"the organizations could not be listed: {error}") from None
    if only is not None and only not in found:
        known = ", ".join(str(number) for number in sorted(found)) or "none"
        raise DiscoveryError(f"--organization {only}: is not in this account; it has {known}")
    names = {number: row.name or "" for number, row in sorted(found.items()) if only in (None, number)}
    listed = await list_servers(send, dict.fromkeys(names))
    if refused := next((number for number in names if listed[number].refusal), None):
        raise ApiUnusableError(f"the servers of organization {refused} could not be listed: {listed[refused].refusal}")
    wanted = {number: frozenset(listed[number].servers) for number in names}
    whole = await list_holdings(
        send, listed, {number: Holdings(servers, servers, frozenset({"name"})) for number, servers in wanted.items()}
    )
    providers = await asyncio.gather(*(_providers(send, number) for number in names))
    return [
        OrganizationContents(number, name, whole[number], of)
        for (number, name), of in zip(names.items(), providers, strict=True)
    ]


async def _providers(send: Send, organization: int) -> dict[int, StorageProvider]:
    try:
        return await list_all(send, partial(wire.list_providers, organization), StorageProvider)
    except ApiError as error:
        problem = f"the storage providers of organization {organization} could not be listed: {error}"
        raise ApiUnusableError(problem) from None
