"""Whether a row of the list can be what was requested."""

from datetime import timedelta
from typing import Any

import pytest

from fleet.inventory.request import BackupRequest
from fleet.proof.matching import CHANGE_OF_CLOCKS, CLOCK_TOLERANCE, Grounds, matches, mismatch
from fleet.proof.recognition import Recognition
from tests.unit.fleet.builders import backup, instant, plan, target
from tests.unit.fleet.proof.recognised import KEY, SENT, is_recognised, of, row, settled


@pytest.mark.parametrize(
    ("row", "request_", "where"),
    [
        ({}, instant(), ""),
        ({"cloud_storage_provider_id": 11}, instant(), "storage provider 11, not 10"),
        ({"application_id": 4247}, instant(), "application 4247, not 4246"),
        ({"database_id": 4224}, instant(), "database 4224, not 4223"),
        ({"database_id": 4224}, instant(type="filesystem"), ""),
        ({"database_id": 4224}, instant(database_id=None), ""),
        ({"database_id": 4224}, instant(type="database"), "database 4224, not 4223"),
        ({"application_id": 4247}, instant(type="database"), ""),
        ({"application_id": 4247}, instant(type="filesystem"), "application 4247, not 4246"),
    ],
)
def test_a_backup_is_held_to_what_its_row_shows(row: dict[str, Any], request_: BackupRequest, where: str) -> None:
    assert mismatch(backup(301, **row), request_).endswith(where)
    assert bool(mismatch(backup(301, **row), request_)) is bool(where)


@pytest.mark.parametrize(
    ("wanted", "changes", "is_it"),
    [
        (instant(), {}, True),
        (instant(), dict.fromkeys(("organization_id", "server_id", "cloud_storage_provider_id", "database_id")), True),
        (instant(), {"organization_id": 6}, False),
        (instant(), {"server_id": 16}, False),
        (instant(), {"application_id": 4247}, False),
        (instant(), {"application_id": None}, False),
        (instant(), {"database_id": 4224}, False),
        (instant(), {"cloud_storage_provider_id": 11}, False),
        (instant(), {"deleted_at": "2026-11-28 04:00:00"}, False),
        # Parts, by extension or by size; a row that tells none may hold any.
        (instant(), {"database_size": None}, False),
        (instant(), {"database_size": None, "application_size": None}, True),
        (instant(), {"database_size": None, "database_extension": ".sql.gz"}, True),
        # Of one that goes on, a part may only have no size yet.
        (instant(), {"database_size": None, "status": "Uploading"}, True),
        (instant(), {"database_size": None, "status": None}, True),
        (instant(), {"database_size": None, "status": "Uploading", "application_extension": ".tar.gz"}, False),
        (instant(type="filesystem"), {"status": "Uploading"}, False),
        (instant(type="filesystem"), {}, False),
        (instant(type="filesystem"), {"database_size": None}, True),
        (instant(type="filesystem"), {"database_size": None, "database_id": 9}, True),
        (instant(database_id=None), {"database_size": None, "database_id": 9}, True),
        (instant(type="database"), {"application_size": None}, True),
        (instant(type="database"), {"application_size": None, "application_id": None}, True),
        (instant(type="database"), {"application_size": None, "application_id": None, "database_id": 9}, False),
        (instant(type="database"), {"application_size": None, "application_id": None, "database_id": None}, False),
        (instant(type="database"), {"application_size": None, "application_id": 4247}, False),
        (instant(type="database"), {}, False),
        (plan(), {}, True),
        (plan(), {"application_id": 4247}, False),
    ],
)
def test_a_row_is_like_what_was_asked_for_in_everything_that_it_shows(
    wanted: Any, changes: dict[str, Any], is_it: bool
) -> None:
    each = of(wanted=target(wanted))
    assert matches(row(101, **changes), each) is is_it
    assert is_recognised(row(101, **changes), target(wanted)) is is_it


@pytest.mark.parametrize(
    ("grounds", "dated", "is_before"),
    [
        (Grounds(offset=None), "2020-01-01 00:00:00", False),  # Nobody knows the zone: ids alone decide.
        (Grounds(offset=timedelta()), None, False),
        (Grounds(offset=timedelta()), "2026-11-28 03:00:00", False),
        (Grounds(offset=timedelta()), "2026-11-28 01:58:01", False),
        (Grounds(offset=timedelta()), "2026-11-28 01:57:59", True),
        (Grounds(offset=timedelta(hours=5.5)), "2026-11-28 07:28:01", False),
        (Grounds(offset=timedelta(hours=5.5)), "2026-11-28 07:27:59", True),
        (Grounds(offset=timedelta(hours=-8)), "2026-11-27 19:00:00", False),
        (Grounds(offset=timedelta(), tolerance=CLOCK_TOLERANCE), "2026-11-28 02:58:00", False),
        (Grounds(offset=timedelta(), tolerance=CLOCK_TOLERANCE), "2026-11-28 02:57:59", True),
        (Grounds(offset=timedelta(), tolerance=CLOCK_TOLERANCE), "2027-01-01 00:00:00", False),
    ],
)
def test_a_row_that_is_certainly_older_than_what_was_sent_is_not_it(
    grounds: Grounds, dated: str | None, is_before: bool
) -> None:
    backup = row(101, created_at=dated)
    assert grounds.is_dated_before(backup, SENT.timestamp()) is is_before
    assert not grounds.is_dated_before(backup, None)
    recognition = settled(Recognition([of()], grounds), [backup])
    assert bool(recognition.found) is not is_before
    # Of what was sent more than once an earlier attempt may have made it.
    assert settled(Recognition([of(attempts=2)], grounds), [backup]).found
    # A name is the stronger evidence.
    assert settled(Recognition([of()], grounds), [row(101, f"fb-{KEY}", created_at=dated)]).found


def test_until_told_otherwise_clocks_may_have_changed_since_the_zone_was_learned() -> None:
    assert Grounds().tolerance == CLOCK_TOLERANCE + CHANGE_OF_CLOCKS
