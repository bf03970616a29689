"""How much room a backup needs, and what a full disk stops."""

from dataclasses import replace

import pytest

from fleet.inventory.request import BackupRequest
from fleet.observed.disk_space import disk_is_in_doubt, disk_notes, free_mb
from fleet.observed.observed import Observed
from fleet.observed.preconditions import problem_of
from fleet.serveravatar.models import Disk
from tests.unit.fleet.builders import instant, plan, target
from tests.unit.fleet.observed.healthy import NOW, RULES, WELL, problem, server

LATER = {"start_backup_from_now": False, "start_backup": "2027-11-24 01:00"}
NEXT_HOUR = {"start_backup_from_now": False, "start_backup": "2026-11-24 13:00"}
IN_TWO_HOURS = {"start_backup_from_now": False, "start_backup": "2026-11-24 13:01"}


@pytest.mark.parametrize(
    ("request_", "stops"),
    [
        (instant(), True),
        (plan(start_backup_from_now=True), True),
        (plan(**NEXT_HOUR), True),
        (plan(**IN_TWO_HOURS), False),
        (plan(**LATER), False),
        (plan(start_backup_from_now=None), False),
    ],
)
def test_a_full_disk_stops_only_what_starts_now(request_: BackupRequest, stops: bool) -> None:
    full = {15: Disk(total=20.0, usage=19.0, usage_in_percentage=95.0)}
    assert problem(request_, disks=full) == ("disk 95 % full: 1,024 MB free, 2,100 MB needed" if stops else None)
    assert problem(request_, servers={15: server(disk_usage=99)}) == ("disk 99 % full" if stops else None)
    assert problem(request_, servers={15: server(agent="0")}) == "server not connected: its agent does not respond"


@pytest.mark.parametrize(
    ("requests", "notes"),
    [
        ([plan(**LATER)], ["web-0001: disk 99 % full; make room before its plan starts (2027-11-24 01:00 UTC)"]),
        ([plan(start_backup_from_now=None)], ["web-0001: disk 99 % full; make room before its plan starts"]),
        (
            [plan(**LATER), instant(), plan(**IN_TWO_HOURS)],
            ["web-0001: disk 99 % full; make room before the first of its 2 plans starts (2026-11-24 13:01 UTC)"],
        ),
        ([instant(), plan(**NEXT_HOUR)], []),
        ([plan(application_id=1, **LATER)], []),
    ],
)
def test_what_starts_later_is_told_of_a_disk_that_is_full_now(requests: list[BackupRequest], notes: list[str]) -> None:
    observed = Observed({5: replace(WELL, servers={15: server(disk_usage=99)})})
    targets = [target(request, server_name=None) for request in requests]
    checked = [(each, problem_of(each, observed, RULES, NOW)) for each in targets]
    assert disk_notes(checked, observed, RULES, NOW) == notes
    assert disk_notes(checked, Observed({5: WELL}), RULES, NOW) == []


def test_the_exact_figures_of_a_disk_win_over_the_lists_percentage() -> None:
    nearly_full = {15: server(disk_usage=99)}
    assert problem(servers=nearly_full, disks={15: Disk(total=2000.0, usage=1980.0)}) is None


@pytest.mark.parametrize(("free_gb", "well"), [(2100 / 1024, True), (2099 / 1024, False)])
def test_a_backup_needs_its_size_with_headroom_and_a_reserve(free_gb: float, well: bool) -> None:
    disk = Disk(total=20.0, usage=20.0 - free_gb)
    assert RULES.needed_mb(1500) == 2100
    assert (problem(disks={15: disk}) is None) is well


@pytest.mark.parametrize(
    ("request_", "size"),
    [
        (instant(), 1500.0),
        (instant(database_id=None), 1000.0),
        (instant(type="filesystem"), 1000.0),
        (instant(type="database"), 500.0),
        (instant(application_id=1), 500.0),
        (instant(database_id=1), 1000.0),
    ],
)
def test_only_the_parts_that_were_asked_for_need_room(request_: BackupRequest, size: float) -> None:
    assert Observed({5: WELL}).size_mb(target(request_)) == size


@pytest.mark.parametrize(
    ("disk", "free"),
    [(Disk(total=20.0, usage=5.0), 15 * 1024), (Disk(total=20.0), None), (Disk(usage=5.0), None), (Disk(), None)],
)
def test_what_is_free(disk: Disk, free: float | None) -> None:
    assert free_mb(disk) == free


@pytest.mark.parametrize(
    ("percent", "largest_mb", "in_doubt"),
    [
        (None, 0.0, True),
        (28.0, 1500.0, False),
        (28.0, 5890.0, False),
        (28.0, 5900.0, True),
        (95.0, 100.0, False),
        (95.0, 200.0, True),
        (100.0, 0.0, True),
    ],
)
def test_a_disk_is_in_doubt_where_the_percentage_leaves_the_smallest_disk_too_little(
    percent: float | None, largest_mb: float, in_doubt: bool
) -> None:
    assert disk_is_in_doubt(percent, largest_mb, RULES) is in_doubt
