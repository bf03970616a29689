"""The preconditions of a create; one that is not met is a problem with a reason a person can act on.

A new precondition is one more `_..._problem` in `problem_of`. Pure: decided from the target and what was observed; the
unknown is never a problem.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.observed.observed import Observed, ObservedOrganization
from fleet.serveravatar.models import Disk

MB_PER_GB: Final = 1024
_FULL_PERCENT: Final = 99.0
"""A disk counts as full from here on if only its percentage is known."""
_SHOWN: Final = 3
"""Problems named in a check's state; the report has them all."""
_SOON: Final = timedelta(hours=1)
"""A backup that starts within this time finds the disk as it is now."""


@dataclass(frozen=True, slots=True)
class DiskRules:
    """How much room a backup needs on the server's disk while it is packed.

    Attributes:
        headroom: factor on the size of the application and the database.
        reserve_mb: MB that must stay free on top.
        smallest_disk_gb: GB; assumed size of a disk if the list shows only a percentage.
    """

    headroom: float = 1.2
    reserve_mb: float = 500.0
    smallest_disk_gb: float = 10.0

    def needed_mb(self, size_mb: float) -> float:
        """MB that must be free for a backup of `size_mb` MB."""
        return size_mb * self.headroom + self.reserve_mb


def problem_of(target: Target, observed: Observed, rules: DiskRules, now: datetime) -> str | None:
    """Decide whether a target can be backed up.

    Returns:
        The precondition not met, in one line; None if all are met.
    """
    return target_problem(target, observed) or disk_problem(target, observed, rules, now)


def target_problem(target: Target, observed: Observed) -> str | None:
    """Decide whether a target can be backed up, apart from its server's disk; None if so, else what is in the way."""
    organization = observed.organizations[target.organization]
    if organization.refusal:
        return f"organization {target.organization}: {organization.refusal}"
    return (
        _request_problem(target)
        or _server_problem(target, organization)
        or _application_problem(target, organization)
        or _database_problem(target, organization)
        or _provider_problem(target, organization)
    )


def disk_problem(target: Target, observed: Observed, rules: DiskRules, now: datetime) -> str | None:
    """Decide whether the disk has room for a target that has no other problem.

    A full disk stops only what starts now: nobody knows how full it is when a plan starts next year (`disk_notes`).

    Returns:
        What is in the way, in one line; None when nothing is.
    """
    return _disk_problem(target, observed, rules) if _starts_soon(target.request, now) else None


def disk_notes(
    checked: Iterable[tuple[Target, str | None]], observed: Observed, rules: DiskRules, now: datetime
) -> list[str]:
    """List the disks that are now too full for plans that start later, one line per server.

    Args:
        checked: targets, each with its problem, if any.
        observed: what the API shows.
        rules: how much room is needed.
        now: the time.
    """
    full: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for target, problem in checked:
        if problem is None and not _starts_soon(target.request, now):
            words = _disk_problem(target, observed, rules)
            if words:
                full[observed.server_name(target)].append((target.request.start_backup or "", words))
    return [f"{server}: {plans[0][1]}; {_make_room(min(plans)[0], len(plans))}" for server, plans in full.items()]


def _make_room(first: str, plans: int) -> str:
    when = f" ({first} UTC)" if first else ""
    return f"make room before {'its plan starts' if plans == 1 else f'the first of its {plans} plans starts'}{when}"


def _starts_soon(request: BackupRequest, now: datetime) -> bool:
    return request.starts_now or request.starts_before(now + _SOON)


def _request_problem(target: Target) -> str | None:
    if target.problem:
        return target.problem
    if target.request.type == "database" and target.request.database_id is None:
        return "a backup of type database needs a database_id"
    return None


def missing(target: Target, observed: Observed) -> str | None:
    """Say that the target's server or application does not exist; None if it does, or if that is unknown."""
    organization = observed.organizations[target.organization]
    if organization.refusal:
        return None
    return _server_missing(target, organization) or _application_problem(target, organization)


def _server_missing(target: Target, organization: ObservedOrganization) -> str | None:
    if target.server_id in organization.servers:
        return None
    return f"server {target.server_id} is not in organization {target.organization}"


def _server_problem(target: Target, organization: ObservedOrganization) -> str | None:
    if not_there := _server_missing(target, organization):
        return not_there
    if organization.servers[target.server_id].agent_status is False:
        return "server not connected: its agent does not respond"
    return None


def _application_problem(target: Target, organization: ObservedOrganization) -> str | None:
    known = organization.applications.get(target.server_id)
    if known is None or target.request.application_id in known:
        return None
    return f"application {target.request.application_id} is not on server {target.server_id}"


def _database_problem(target: Target, organization: ObservedOrganization) -> str | None:
    wanted = target.request.database_id
    if wanted is None or organization.databases is None:
        return None
    found = organization.databases.get(wanted)
    if found is None or found.server_id not in (None, target.server_id):
        return f"database {wanted} is not on server {target.server_id}"
    return None


def _provider_problem(target: Target, organization: ObservedOrganization) -> str | None:
    wanted = target.request
    if organization.providers is None:
        return None
    found = organization.providers.get(wanted.cloud_storage_provider_id)
    if found is None:
        return f"storage provider {wanted.cloud_storage_provider_id} is not in organization {target.organization}"
    if found.provider and found.provider.casefold() != wanted.provider:
        return f"storage provider {found.id} is {found.provider}, but the fleet file says {wanted.provider}"
    return None


def _disk_problem(target: Target, observed: Observed, rules: DiskRules) -> str | None:
    organization = observed.organizations[target.organization]
    disk = organization.disks.get(target.server_id)
    needed = rules.needed_mb(size_mb(target, observed))
    free = free_mb(disk) if disk else None
    if disk and free is not None:
        if free >= needed:
            return None
        return f"disk {_percent(disk)} full: {free:,.0f} MB free, {needed:,.0f} MB needed"
    percent = organization.servers[target.server_id].disk_percent
    if percent is not None and percent >= _FULL_PERCENT:
        return f"disk {int(percent)} % full"
    return None


def _percent(disk: Disk) -> str:
    percent = disk.usage_in_percentage
    if percent is None and disk.total and disk.usage is not None:
        percent = 100 * disk.usage / disk.total
    return f"{int(percent)} %" if percent is not None else "nearly"


def size_mb(target: Target, observed: Observed) -> float:
    """MB that the target's parts take on the server before packing, as far as the lists show; 0 if unknown."""
    organization, request = observed.organizations[target.organization], target.request
    application = observed.application(target) if request.wants_application else None
    wants_database = request.wants_database and organization.databases is not None
    database = (organization.databases or {}).get(request.database_id or 0) if wants_database else None
    return (application.size or 0.0 if application else 0.0) + (database.size or 0.0 if database else 0.0)


def free_mb(disk: Disk) -> float | None:
    """Free MB on a disk; None if the API does not show it."""
    if disk.total is None or disk.usage is None:
        return None
    return (disk.total - disk.usage) * MB_PER_GB


def disk_is_in_doubt(percent: float | None, largest_mb: float, rules: DiskRules) -> bool:
    """Decide whether the list's percentage is too vague, so that the server's `usage` must be read.

    Args:
        percent: how full the disk is, from the list; None if not shown.
        largest_mb: MB of the largest target on the server.
        rules: how much room is needed.
    """
    if percent is None:
        return True
    certainly_free = rules.smallest_disk_gb * MB_PER_GB * (100 - percent) / 100
    return certainly_free < rules.needed_mb(largest_mb)


def check_words(targets: Sequence[Target], problems: Sequence[str | None], observed: Observed) -> str:
    """Say what a check has found: how many targets can be backed up, and what is in the way of the others.

    Args:
        targets: that were checked.
        problems: of each what is in its way, None where nothing is.
        observed: what servers are called.
    """
    found = Counter(
        f"{observed.server_name(target)}: {problem}"
        for target, problem in zip(targets, problems, strict=True)
        if problem
    )
    ready = f"{len(targets) - found.total()} of {len(targets)} can be backed up"
    shown = [f"{words} ({count} targets)" if count > 1 else words for words, count in found.most_common(_SHOWN)]
    more = [f"and {len(found) - _SHOWN} more problems"] if len(found) > _SHOWN else []
    return "; ".join([ready, *shown, *more])
