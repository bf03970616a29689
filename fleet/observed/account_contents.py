"""What an account contains: every organization with its servers, their contents, and its storage providers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from fleet.observed.access import check_access, unlisted
from fleet.observed.observed import Listed
from fleet.observed.whole_lists import Holdings, forbidden_of, list_holdings, list_servers
from fleet.serveravatar import wire
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.listing import Send, list_all
from fleet.serveravatar.models import Organization, StorageProvider


class DiscoveryError(ValueError):
    """No fleet file can be made for an account; the text says why."""


@dataclass(frozen=True, slots=True)
class OrganizationContents:
    """One organization and everything in it.

    Attributes:
        id: of the organization.
        name: of the organization; empty if unknown.
        listed: its servers, and all applications and databases of those that could be read.
        providers: its storage providers, by id.
        closed: why it could not be read; empty if it could.
    """

    id: int
    name: str
    listed: Listed
    providers: Mapping[int, StorageProvider]
    closed: str = ""


async def read_contents(send: Send, only: int | None) -> list[OrganizationContents]:
    """Read everything in an account.

    Args:
        send: sends a request and returns the JSON of its response.
        only: the organization asked for; None for all.

    Returns:
        The organizations, in the order of their ids.

    Raises:
        DiscoveryError: the account has no such organization.
        ApiUnusableError: a list that everything else depends on could not be read in full.
    """
    try:
        found = await list_all(send, wire.list_organizations, Organization)
    except ApiError as error:
        raise unlisted(error, "the organizations") from None
    if only is not None and only not in found:
        known = ", ".join(str(number) for number in sorted(found)) or "none"
        raise DiscoveryError(f"--organization {only}: not in this account; it has {known}")
    names = {number: row.name or "" for number, row in sorted(found.items()) if only in (None, number)}
    listed = await list_servers(send, dict.fromkeys(names))
    closed = forbidden_of(listed)
    check_access(closed, names)
    if refused := next((number for number in names.keys() - closed.keys() if listed[number].refusal), None):
        raise ApiUnusableError(f"the servers of organization {refused} could not be listed: {listed[refused].refusal}")
    wanted = {number: frozenset(listed[number].servers) for number in names if number not in closed}
    whole = await list_holdings(
        send, listed, {number: Holdings(servers, servers, frozenset({"name"})) for number, servers in wanted.items()}
    )
    contents = {
        number: OrganizationContents(number, names[number], Listed(), {}, why) for number, why in closed.items()
    }
    for number, of in zip(wanted, await asyncio.gather(*(_providers(send, number) for number in wanted)), strict=True):
        if isinstance(of, str):
            closed[number] = of
            contents[number] = OrganizationContents(number, names[number], Listed(), {}, of)
        else:
            contents[number] = OrganizationContents(number, names[number], whole[number], of)
    check_access(closed, names)
    return [contents[number] for number in names]


async def _providers(send: Send, organization: int) -> dict[int, StorageProvider] | str:
    """The storage providers, or the API's message if it forbids reading them."""
    what = f"the storage providers of organization {organization}"
    try:
        return await list_all(send, partial(wire.list_providers, organization), StorageProvider)
    except ApiError as error:
        if error.meaning is Meaning.FORBIDDEN:
            return error.message
        raise unlisted(error, what) from None
