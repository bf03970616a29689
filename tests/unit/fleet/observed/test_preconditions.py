"""What is in the way of a target, decided from what was observed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fleet.inventory.request import BackupRequest
from fleet.observed.observed import Observed, ObservedOrganization
from fleet.observed.preconditions import DiskRules, disk_is_in_doubt, disk_notes, free_mb, problem_of, size_mb
from fleet.serveravatar.models import Application, Database, Disk, Server, StorageProvider
from tests.unit.fleet.builders import instant, plan, target

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

RULES = DiskRules(headroom=1.2, reserve_mb=300.0, smallest_disk_gb=10.0)


def server(number: int = 15, agent: object = "1", disk_usage: object = 28) -> Server:
    row: dict[str, Any] = {
        "id": number,
        "name": "web-0001",
        "agent_status": agent,
        "latest_monitor_log": {"disk_usage": disk_usage},
    }
    return Server(**row)


WELL = ObservedOrganization(
    servers={15: server()},
    providers={10: StorageProvider(id=10, name="Wasabi", provider="wasabi")},
    applications={15: {4246: Application(id=4246, name="shop", size=1000.0)}},
    databases={4223: Database(id=4223, server_id=15, size=500.0)},
)


def problem(request: BackupRequest | None = None, server_id: int = 15, **changes: Any) -> str | None:
    wanted = target(request, server_id=server_id)
    return problem_of(wanted, Observed({5: replace(WELL, **changes)}), RULES, NOW)


def test_nothing_is_in_the_way_of_a_target_that_is_well() -> None:
    assert problem() is None


@pytest.mark.parametrize(
    ("request_", "changes", "reason"),
    [
        (None, {"refusal": "Organization not found!"}, "organization 5: Organization not found!"),
        (instant(type="database", database_id=None), {}, "a backup of type database needs a database_id"),
        (None, {"servers": {16: server(16)}}, "server 15 is not in organization 5"),
        (None, {"servers": {15: server(agent="0")}}, "server not connected: its agent does not respond"),
        (None, {"applications": {15: {}}}, "application 4246 is not on server 15"),
        (None, {"databases": {}}, "database 4223 is not on server 15"),
        (None, {"databases": {4223: Database(id=4223, server_id=16)}}, "database 4223 is not on server 15"),
        (None, {"providers": {}}, "storage provider 10 is not in organization 5"),
        (
            None,
            {"providers": {10: StorageProvider(id=10, provider="gdrive")}},
            "storage provider 10 is gdrive, but the fleet file says wasabi",
        ),
        (None, {"servers": {15: server(disk_usage=99)}}, "disk 99 % full"),
        (None, {"servers": {15: server(disk_usage="100")}}, "disk 100 % full"),
        (
            None,
            {"disks": {15: Disk(total=20.0, usage=19.0, usage_in_percentage=95.0)}},
            "disk 95 % full: 1,024 MB free, 2,100 MB needed",
        ),
        (None, {"disks": {15: Disk(total=20.0, usage=20.0)}}, "disk 100 % full: 0 MB free, 2,100 MB needed"),
    ],
)
def test_what_is_in_the_way_is_said(request_: BackupRequest | None, changes: dict[str, Any], reason: str) -> None:
    assert problem(request_, **changes) == reason


@pytest.mark.parametrize(
    ("request_", "changes"),
    [
        (None, {"servers": {15: server(agent=None)}}),
        (None, {"servers": {15: server(agent="unknown")}}),
        (None, {"servers": {15: Server(id=15)}}),
        (None, {"applications": {}}),
        (None, {"databases": None}),
        (None, {"databases": {4223: Database(id=4223)}}),
        (None, {"providers": None}),
        (None, {"providers": {10: StorageProvider(id=10)}}),
        (None, {"providers": {10: StorageProvider(id=10, provider="Wasabi")}}),
        (None, {"disks": {15: Disk()}}),
        (None, {"disks": {15: Disk(usage_in_percentage=98.0)}}),
        (None, {"servers": {15: server(disk_usage=98)}}),
        (None, {"applications": {15: {4246: Application(id=4246)}}}),
        (instant(database_id=None), {"databases": {}}),
    ],
)
def test_what_is_not_known_is_not_held_against_a_target(
    request_: BackupRequest | None, changes: dict[str, Any]
) -> None:
    assert problem(request_, **changes) is None


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
    assert size_mb(target(request_), Observed({5: WELL})) == size


def test_the_first_problem_is_the_one_that_explains_the_others() -> None:
    assert (
        problem(servers={}, applications={15: {}}, databases={}, providers={}) == "server 15 is not in organization 5"
    )


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


@pytest.mark.parametrize(
    ("request_", "server_name", "label"),
    [
        (instant(), "web-0001", "web-0001 · shop"),
        (instant(type="filesystem"), None, "web-0001 · shop (filesystem)"),
        (instant(application_id=1, type="database"), "mine", "mine · application 1 (database)"),
    ],
)
def test_a_target_is_labelled_for_people(request_: BackupRequest, server_name: str | None, label: str) -> None:
    assert Observed({5: WELL}).label(target(request_, server_name=server_name)) == label


def test_a_target_of_which_nothing_is_known_is_labelled_by_its_ids() -> None:
    assert Observed({}).label(target(server_name=None)) == "server 15 · application 4246"
