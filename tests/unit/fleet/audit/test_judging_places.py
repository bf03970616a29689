"""The audit of what is not where, or not when, it is said to be: places, parts that others ask for, and stamps."""

from datetime import timedelta
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit.auditing import audit
from fleet.audit.finding import Status
from fleet.audit.memory import NoDialects
from fleet.audit.report import AuditReport, build
from fleet.dialect.dialect import Dialect
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.observed.estate import Estate
from fleet.report.progress import Silence
from fleet.serveravatar.models import Application, Server
from tests.unit.fleet.audit.audits import (
    FAILED,
    FILES,
    MOST,
    NOTHING,
    NOW,
    PENDING,
    Notebook,
    Rows,
    audited,
    fake,
    inventory,
    row,
)
from tests.unit.fleet.builders import instant, server_row, target

NAMED_FILES: dict[str, Any] = {"database_extension": None, "database_size": 0}
NO_DATABASE = "backup 2, 3 h old: it holds no database"
BEFORE_IT = "the newest good one, 1, is 27 h old"
OLD_27 = "27 h old; the limit is 26 h"
AHEAD = "dated 2026-11-25 14:00 UTC, in the future"
FAILED_3 = "backup 3, 2 h old: the backup ended as 'Failed'"
FAILED_UNDATED = "backup 3, of unknown age: the backup ended as 'Failed'; the newest good one, 2, is 3 h old"
IN_PROGRESS = "its status is 'In Progress'; the newest good one, 2, is 3 h old"
UNDATED = "backup 2 is 3 h old; the newest good one, 3, is of unknown age"
PENDING_FILES: dict[str, Any] = FILES | PENDING
PENDING_NAMED: dict[str, Any] = NAMED_FILES | PENDING
NO_FILES: dict[str, Any] = {"application_extension": None, "application_size": 0}


@pytest.mark.parametrize(
    ("rows", "wanted", "status", "reason"),
    [
        # A part that is missing.
        ([row(2, **FILES)], target(), Status.UNPROVEN, f"{NO_DATABASE}; there is no good one"),
        ([row(2, **FILES), row(1, 25)], target(), Status.FINE, "25 h old"),
        ([row(2, **FILES), row(1, 27)], target(), Status.UNPROVEN, f"{NO_DATABASE}; {BEFORE_IT}"),
        ([row(2, 0.2, **PENDING_FILES), row(1, 27)], target(), Status.STALE, f"the newest good one, 1, is {OLD_27}"),
        (
            [row(2, **NAMED_FILES), row(1, 25)],
            target(),
            Status.UNPROVEN,
            f"{NO_DATABASE}; {BEFORE_IT.replace('7', '5')}",
        ),
        ([row(2, 0.2, **PENDING_NAMED), row(1, 25)], target(), Status.FINE, "25 h old"),
        ([row(2, 27), row(1, **FILES)], target(), Status.STALE, f"the newest good one, 2, is {OLD_27}"),
        (
            [row(2, **NO_FILES)],
            target(),
            Status.UNPROVEN,
            "backup 2, 3 h old: it holds no application; there is no good one",
        ),
        ([row(2, cloud_storage_provider_id=11, **FILES)], target(), Status.NEVER, NOTHING),
        # Stamps that are absent, or in the future.
        ([row(3, -26), row(2, 3)], target(), Status.FINE, f"backup 2 is 3 h old; the newest good one, 3, is {AHEAD}"),
        ([row(3, -26)], target(), Status.STALE, f"the newest good one, 3, is {AHEAD}: its age is unknown; {MOST}"),
        (
            [row(3, -26), row(2, 27)],
            target(),
            Status.STALE,
            f"the newest good one, 3, is {AHEAD}: its age is unknown; the one before, 2, is {OLD_27}",
        ),
        (
            [row(3, 2, **FAILED), row(2, -26)],
            target(),
            Status.UNPROVEN,
            f"{FAILED_3}; the newest good one, 2, is {AHEAD}",
        ),
        ([row(3, **FAILED, created_at=None), row(2)], target(), Status.UNPROVEN, FAILED_UNDATED),
        ([row(3, -26, **PENDING), row(2)], target(), Status.UNPROVEN, f"backup 3, {AHEAD}: {IN_PROGRESS}"),
        ([row(3, created_at=None), row(2)], target(), Status.FINE, UNDATED),
        ([row(3, -0.05)], target(), Status.FINE, "0 min old"),
    ],
)
def test_parts_and_stamps(rows: Rows, wanted: Target, status: Status, reason: str) -> None:
    (found, *_) = [it for it in audited(fake(rows), inventory(wanted)).targets if it.place]
    assert (found.status, found.reason) == (status, reason)


@pytest.mark.parametrize(
    ("application", "database", "servers", "reason"),
    [
        ({"server_id": 15}, {"server_id": 15}, [15], ""),
        ({"server_id": None}, {"server_id": None}, [15], ""),
        ({"server_id": 16}, {"server_id": 15}, [15, 16], "application 4246 is on web-0016 now, not on web-0015"),
        (None, {"server_id": 15}, [15], "the panel lists no application 4246"),
        ({}, {"server_id": 16}, [15, 16], "database 4223 is on web-0016 now, not on web-0015"),
        ({}, None, [15], "the panel lists no database 4223"),
        ({}, {}, [16], "server 15 is not in organization 5"),
    ],
)
def test_what_is_not_where_it_was_is_a_finding_even_where_its_backup_is_fresh(
    application: dict[str, Any] | None, database: dict[str, Any] | None, servers: list[int], reason: str
) -> None:
    api = fake([row(2)])
    api.lists["/organizations/5/servers"] = [server_row(number) for number in servers]
    api.lists["/organizations/5/applications"] = [] if application is None else [{"id": 4246, **application}]
    api.lists["/organizations/5/databases"] = [] if database is None else [{"id": 4223, **database}]
    report = audited(api, inventory(target()))
    (found,) = [it for it in report.targets if it.place]
    if not reason:
        assert (report.exit_code, found.status) == (0, Status.FINE)
    else:
        assert (report.exit_code, found.status) == (7, Status.GONE)
        assert found.reason == f"{reason}; its newest good backup is 3 h old"


class Known(NoDialects):
    """What is known of the API's dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    async def recall(self, organization: int) -> Learner:  # noqa: ARG002 - as `Dialects`
        return Learner(self._dialect)


def test_a_known_error_of_the_panels_clock_is_taken_out_of_ages() -> None:
    api, hours = fake([row(3, -2.5), row(2, 5)]), timedelta(hours=5.5)

    async def run(skew: timedelta) -> AuditReport:
        known = Known(Dialect(offsets=[round(skew.total_seconds())] * 3))
        found = await audit(api.send, inventory(target()), Notebook(), NOW, Silence(), dialects=known)
        return build("shops", NOW, {}, found)

    fresh = anyio.run(run, hours)
    assert (fresh.targets[0].reason, fresh.notes) == ("3 h old", [])
    assert (fresh.targets[0].newest_good_id, fresh.targets[0].newest_good_at) == (3, NOW - timedelta(hours=3))
    unknown = anyio.run(run, timedelta())
    assert unknown.targets[0].reason.startswith("backup 2 is 5 h old; the newest good one, 3, is dated")
    assert (unknown.targets[0].newest_good_id, unknown.targets[0].newest_good_at) == (3, NOW - timedelta(hours=5))


def test_a_backup_of_files_that_another_target_asks_for_is_no_backup_without_its_database() -> None:
    files = target(instant(type="filesystem"), place="files")
    nightly = [row(2, **NAMED_FILES), row(1, 25)]
    report = audited(fake(nightly), inventory(target(place="whole"), files))
    assert {it.place: it.status for it in report.targets} == {"whole": Status.FINE, "files": Status.FINE}


OWN = {"application_id": 4246, "database_id": 4223, "cloud_storage_provider_id": 10}


@given(st.lists(st.tuples(st.sampled_from([{}, FAILED]), st.floats(-400, 400) | st.none()), min_size=1, max_size=6))
def test_no_stamp_hides_a_newer_backup_or_counts_as_fresh(rows: list[tuple[dict[str, Any], float | None]]) -> None:
    listed = [row(n, hours or 0, **(OWN | how)) for n, (how, hours) in enumerate(rows, start=1)]
    for each, (_, hours) in zip(listed, rows, strict=True):
        each["created_at"] = each["created_at"] if hours is not None else None
    (found,) = audited(fake(listed[::-1]), inventory(target())).targets
    newest_failed = rows[-1][0] is FAILED
    assert (found.status is Status.UNPROVEN) == newest_failed
    if found.status is Status.FINE:
        assert any(hours is not None and -0.1 <= hours <= 26 for how, hours in rows if how is not FAILED)


def test_what_is_missing_on_a_server_that_could_not_be_read_is_not_gone() -> None:
    estate = Estate({15: Server(15), 16: Server(16, "web-0016")}, {1: Application(1)})
    files = target(instant(type="filesystem"))
    assert estate.gone(files, set()) == "the panel lists no application 4246"
    assert estate.gone(files, {15}) == ""
    moved = Estate(estate.servers, {4246: Application(4246, server_id=16)})
    assert moved.gone(files, {15}) == "application 4246 is on web-0016 now, not on server 15"


def test_of_a_part_of_the_fleet_nobody_knows_where_else_an_application_is() -> None:
    estate = Estate({15: Server(15, "web-0015")}, is_part=True)
    assert estate.gone(target(), set()) == "application 4246 is not on web-0015"
