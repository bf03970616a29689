"""Finds what no backup of the fleet file holds: the sites that a nightly job misses, green for weeks. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date

from fleet.audit.finding import Finding, Status, muted_by
from fleet.inventory.expectation import MutedThing
from fleet.inventory.target import Target
from fleet.observed.estate import Estate

_Thing = tuple[int | None, int | None]
"""The id of an application or that of a database."""


def find_uncovered(
    organization: int, estate: Estate, wanted: Iterable[Target], muted: Iterable[MutedThing], today: date
) -> list[Finding]:
    """Find what nothing wants.

    Every target that names an application wants it; a database is wanted only by targets whose backups hold it: naming
    it in a backup of files saves nothing of it.

    Args:
        organization: the id of the organization.
        estate: what it has.
        wanted: all targets of the fleet file, even those that are not audited.
        muted: what is deliberately left without a backup.
        today: the date in UTC.

    Returns:
        Applications, then databases, each by id.
    """
    requests = [target.request for target in wanted if target.organization == organization]
    applications = {request.application_id for request in requests}
    databases = {request.database_id for request in requests if request.wants_database}
    only_named = {request.database_id for request in requests} - databases
    mutes = {_thing(each): each for each in muted if each.organization == organization}
    findings = [
        *_applications(organization, estate, applications),
        *_databases(organization, estate, databases, only_named),
    ]
    return [muted_by(finding, mutes.get((finding.application_id, finding.database_id)), today) for finding in findings]


def notes_on_mutes(
    organization: int, estate: Estate, wanted: Iterable[Target], muted: Iterable[MutedThing]
) -> Iterator[str]:
    """Report entries of `muted` that mute nothing: the thing is gone, or has targets, which are muted on their own."""
    applications = {
        target.request.application_id: target.place for target in wanted if target.organization == organization
    }
    for each in muted:
        if each.organization != organization:
            continue
        if each.application_id in applications:
            place = applications[each.application_id]
            yield f"muted: application {each.application_id} is wanted by {place}; mute it there (`expect: muted`)"
        elif each.application_id is not None and each.application_id not in estate.applications:
            yield f"muted: the panel lists no application {each.application_id}"
        elif each.database_id is not None and each.database_id not in estate.databases:
            yield f"muted: the panel lists no database {each.database_id}"


def _thing(each: MutedThing) -> _Thing:
    return each.application_id, each.database_id


def _applications(organization: int, estate: Estate, wanted: set[int]) -> Iterator[Finding]:
    for number, application in sorted(estate.applications.items()):
        if number not in wanted:
            site = f" ({application.primary_domain})" if application.primary_domain else ""
            yield Finding(
                organization=organization,
                server_id=application.server_id,
                server=estate.server_name(application.server_id),
                application_id=number,
                application=application.name or f"application {number}",
                domain=application.primary_domain or "",
                status=Status.UNCOVERED,
                found=Status.UNCOVERED,
                reason=f"nothing in the fleet file wants application {number}{site}",
            )


def _databases(
    organization: int, estate: Estate, held: set[int | None], only_named: set[int | None]
) -> Iterator[Finding]:
    for number, database in sorted(estate.databases.items()):
        if number not in held:
            hint = "; only backups of files name it" if number in only_named else ""
            yield Finding(
                organization=organization,
                server_id=database.server_id,
                server=estate.server_name(database.server_id),
                database_id=number,
                database=database.name or f"database {number}",
                status=Status.UNCOVERED,
                found=Status.UNCOVERED,
                reason=f"no backup in the fleet file holds database {number}{hint}",
            )
