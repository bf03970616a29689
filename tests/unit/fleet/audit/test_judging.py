"""The audit: every status, mutes, what is read, and what cannot be read."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit.finding import Status
from fleet.inventory.expectation import Expectation, Mute
from fleet.inventory.target import Target
from tests.unit.fleet.audit.audits import (
    FAILED,
    MOST,
    NOTHING,
    NOW,
    PENDING,
    Rows,
    audited,
    expecting,
    fake,
    inventory,
    row,
)
from tests.unit.fleet.builders import instant, plan, target

SHRUNK = "80 % less than the median of the 5 good ones before it (5 MB); the limit is 50 %"
UNFINISHED = "backup 3, 2 h old: its status is 'In Progress'; the newest good one, 2, is 3 h old"
ALL_FAILED = "backup 3, 2 h old: the backup ended as 'Failed'; there is no good one"
FIRST = "3 h old; no good one before it to compare its size with"
IN_11 = "backup 2, 3 h old, is in storage provider 11, not 10"
OF_1 = "backup 2, 3 h old, holds database 1, not 4223"
WEEKLY = target(plan(schedule="Every Week"))
NIGHTS = [row(8 - night, 27 + 24 * night) for night in range(6)]
SMALL = {"application_size": 0.5, "database_size": 0.5}


@pytest.mark.parametrize(
    ("rows", "wanted", "status", "reason"),
    [
        ([], target(), Status.NEVER, NOTHING),
        ([row(2, 0.2, **PENDING)], target(), Status.NEVER, "its first backup, 2, is still running"),
        ([row(2)], target(), Status.FINE, "3 h old"),
        ([row(2)], target(plan()), Status.FINE, "3 h old"),
        ([row(3, 0.2, **PENDING), row(2)], target(), Status.FINE, "3 h old"),
        ([row(3, 2, **PENDING), row(2)], target(), Status.UNPROVEN, UNFINISHED),
        ([row(3, 2, **FAILED)], target(), Status.UNPROVEN, ALL_FAILED),
        ([row(3, 2), row(2, 3, **FAILED)], target(), Status.FINE, "2 h old"),
        ([row(2, 27)], target(), Status.STALE, "the newest good one, 2, is 27 h old; the limit is 26 h"),
        ([row(2, 27)], expecting(max_age="2d"), Status.FINE, "27 h old"),
        ([row(2, 216)], WEEKLY, Status.STALE, "the newest good one, 2, is 9 d old; the limit is 7 d 2 h"),
        ([row(2, created_at=None)], target(), Status.STALE, f"the newest good one, 2, is of unknown age; {MOST}"),
        ([row(2)], expecting(min_size_mb=6), Status.SHRUNK, "backup 2 has 5 MB; the minimum is 6 MB"),
        ([row(2)], expecting(max_shrink="50%"), Status.FINE, FIRST),
        ([row(9, **SMALL), *NIGHTS], expecting(max_shrink="50%"), Status.SHRUNK, f"backup 9 has 1 MB, {SHRUNK}"),
        ([row(9, **SMALL), *NIGHTS], expecting(max_shrink="80%"), Status.FINE, "3 h old"),
        # Whose backup it is.
        ([row(2, cloud_storage_provider_id=11)], target(), Status.NEVER, f"{NOTHING}; the newest, {IN_11}"),
        ([row(2, **(FAILED | {"cloud_storage_provider_id": 11}))], target(), Status.NEVER, NOTHING),
        ([row(2, cloud_storage_provider_id=11), row(1, 4)], target(), Status.FINE, "4 h old"),
        (
            [row(2, cloud_storage_provider_id=11), row(1, 27)],
            target(),
            Status.STALE,
            f"the newest good one, 1, is 27 h old; {MOST}; a newer one, {IN_11}",
        ),
        ([row(2, database_id=1)], target(), Status.NEVER, f"{NOTHING}; the newest, {OF_1}"),
        ([row(2, 27), row(1, database_id=1)], target(), Status.STALE, f"the newest good one, 2, is 27 h old; {MOST}"),
        ([row(2)], target(instant(type="filesystem", database_id=None)), Status.FINE, "3 h old"),
        ([row(2, application_id=1)], target(instant(type="database")), Status.FINE, "3 h old"),
        ([row(2, application_extension=None, database_extension=None)], target(), Status.FINE, "3 h old"),
    ],
)
def test_every_status_has_its_reason(rows: Rows, wanted: Target, status: Status, reason: str) -> None:
    (found, *_) = [it for it in audited(fake(rows), inventory(wanted)).targets if it.place]
    assert (found.status, found.reason) == (status, reason)


def test_a_mute_is_shown_with_its_reason_and_counts_through_its_last_day() -> None:
    wanted = inventory(expecting(muted=Mute(reason="moves", until=NOW.date())))
    report = audited(fake([]), wanted)
    assert (report.exit_code, report.totals) == (0, {Status.MUTED: 1})
    assert report.targets[0].reason == "moves (until 2026-11-24); never: no backup found"
    report = audited(fake([]), wanted, now=NOW + timedelta(days=1))
    assert (report.exit_code, report.totals) == (7, {Status.NEVER: 1})
    assert report.targets[0].reason.endswith("its mute ended on 2026-11-24 (moves)")


def test_a_backup_from_the_future_shows_that_a_clock_is_wrong() -> None:
    (note,) = audited(fake([row(2, -2)]), inventory(target())).notes
    assert "dated 2026-11-24 14:00 UTC, in the future" in note


@given(st.data())
def test_an_audit_of_a_fleet_whose_every_target_was_just_verified_is_all_fine(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    targets: list[Target] = []
    newest: list[dict[str, Any]] = []
    noise: list[tuple[float, dict[str, Any]]] = []
    for number in range(1, count + 1):
        make = data.draw(st.sampled_from([instant, plan]))
        kind = data.draw(st.sampled_from(["application", "filesystem", "database"]))
        expected: dict[str, Any] = {"max_shrink": data.draw(st.sampled_from([None, "0%", "50%"]))}
        expected["min_size_mb"] = data.draw(st.sampled_from([None, 0.5]))
        request = make(application_id=number, database_id=1000 + number, type=kind)
        targets.append(target(request, place=str(number), expectation=Expectation(**expected)))
        of_it = {"application_id": number, "database_id": 1000 + number}
        newest.append(of_it)
        older = st.tuples(st.sampled_from([{}, FAILED, PENDING]), st.floats(2, 400))
        noise += [(hours, of_it | how) for how, hours in data.draw(st.lists(older, max_size=8))]
    dated = [*((data.draw(st.floats(0, 1)), of_it) for of_it in newest), *noise]
    dated.sort(key=lambda each: -each[0])
    rows = [row(number, hours, **of_it) for number, (hours, of_it) in enumerate(dated, start=1)]
    rows = data.draw(st.sampled_from([rows[::-1], rows, data.draw(st.permutations(rows))]))
    numbers = range(1, count + 1)
    report = audited(fake(rows, list(numbers), [1000 + number for number in numbers]), inventory(*targets))
    uncovered = {1000 + n for n in numbers if targets[n - 1].request.type == "filesystem"}
    assert {it.database_id for it in report.targets if it.status is Status.UNCOVERED} == uncovered
    assert {it.status for it in report.targets if it.place} == {Status.FINE}
