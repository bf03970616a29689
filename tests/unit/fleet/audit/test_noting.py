"""What the ledger keeps of an audit's findings."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.audit.finding import Audit, Finding, Status
from fleet.audit.noting import note_findings, seen_by_audit
from fleet.ledger.days.reading import day_reader
from fleet.report.selection import Selection
from tests.unit.fleet.builders import plan, target

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
UNWANTED = Finding(5, 15, "web-0001", Status.UNCOVERED, Status.UNCOVERED, "nothing wants it", application_id=4247)
WANTED = Finding(
    5,
    15,
    "web-0001",
    Status.FINE,
    Status.FINE,
    "3 h old",
    application_id=4246,
    application="shop",
    target=target(),
    newest_good_at=NOW,
    size_mb=5.0,
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def statuses(url: str) -> dict[int | None, str | None]:
    async with day_reader(url) as reader:
        return {state.application_id: state.status for state in await reader.targets()}


def test_a_finding_is_kept_with_what_is_expected_of_it() -> None:
    (fine,) = seen_by_audit("agency", [WANTED])
    assert (fine.fleet, fine.standing, fine.reason, fine.max_age) == ("agency", "fine", "", 26 * 3600)
    assert (fine.type, fine.automatic, fine.good_at, fine.good_mb) == ("application", False, NOW, 5.0)
    (daily,) = seen_by_audit("agency", [replace(WANTED, target=target(plan(schedule="Every Week")))])
    assert (daily.automatic, daily.max_age) == (True, (7 * 24 + 2) * 3600)
    (unwanted,) = seen_by_audit("agency", [UNWANTED])
    assert (unwanted.type, unwanted.max_age, unwanted.reason) == ("", None, "nothing wants it")


def test_of_a_thing_that_is_backed_up_to_two_storages_the_gravest_finding_counts() -> None:
    stale = replace(WANTED, status=Status.STALE, found=Status.STALE, reason="2 d old")
    for order in ([WANTED, stale], [stale, WANTED]):
        assert [seen.standing for seen in seen_by_audit("agency", order)] == ["stale"]


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({}, {4247: "uncovered"}),
        ({"selection": Selection(scope="part")}, {4246: "fine", 4247: "uncovered"}),
        ({"unread": ["organization 6 could not be read"]}, {4246: "fine", 4247: "uncovered"}),
    ],
)
async def test_only_a_whole_audit_shows_what_is_gone(
    tmp_path: Path, changes: dict[str, object], left: dict[int, str]
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    whole = Audit([WANTED], selection=Selection(scope="all"))
    await note_findings(url, "agency", NOW, whole, pytest.fail)
    second = replace(whole, findings=[UNWANTED], **changes)  # type: ignore[arg-type] # as `Audit` has them
    await note_findings(url, "agency", NOW.replace(hour=13), second, pytest.fail)
    assert await statuses(url) == left


async def test_a_ledger_that_cannot_be_used_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told: list[str] = []
    await note_findings(f"sqlite:///{tmp_path / 'file' / 'l.sqlite'}", "agency", NOW, Audit([WANTED]), told.append)
    assert len(told) == 1
    assert told[0].startswith("the status page will not show this audit: the ledger ")
    await note_findings("mysql://x", "agency", NOW, Audit(), pytest.fail)
