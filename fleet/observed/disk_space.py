"""The precondition that a backup has room on its server's disk while it is packed.

Pure: decided from the target and what was observed; the unknown is never a problem.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.observed.observed import Observed
from fleet.serveravatar.models import Disk

MB_PER_GB: Final = 1024
_FULL_PERCENT: Final = 99.0
"""A disk counts as full from here on if only its percentage is known."""
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


def disk_problem(target: Target, observed: Observed, rules: DiskRules, now: datetime) -> str | None:
    """Decide whether the disk has room for a target that has no other problem.

    A full disk stops only what starts soon: it may have room by the time a plan starts (`disk_notes`).

    Returns:
        The precondition not met, in one line; None if it is met.
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


def _disk_problem(target: Target, observed: Observed, rules: DiskRules) -> str | None:
    organization = observed.organizations[target.organization]
    disk = organization.disks.get(target.server_id)
    needed = rules.needed_mb(observed.size_mb(target))
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
