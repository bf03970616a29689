"""What is in the way of a target, decided from what was observed."""

from typing import Any

import pytest

from fleet.inventory.request import BackupRequest
from fleet.serveravatar.models import Application, Database, Disk, Server, StorageProvider
from tests.unit.fleet.builders import instant
from tests.unit.fleet.observed.healthy import problem, server


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


def test_the_first_problem_is_the_one_that_explains_the_others() -> None:
    assert (
        problem(servers={}, applications={15: {}}, databases={}, providers={}) == "server 15 is not in organization 5"
    )
