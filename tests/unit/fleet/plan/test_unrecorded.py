"""Plans that only their backups show: unrecorded, doubled or changed in the panel."""

from typing import Any

import pytest

from fleet.backup_list.newest import Newest
from fleet.inventory.target import Target
from fleet.ledger.reading import RecordedPlan
from fleet.plan.drift import Drift
from fleet.plan.unrecorded import drift_of_wanted
from fleet.proof.sought import Mark
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Backup
from tests.unit.fleet.builders import backup_row, plan, target
from tests.unit.fleet.plan.recorded_plans import DAILY, OBSERVED, recorded


def row(number: int, plan_id: int, name: str | None = None, **changes: Any) -> Backup:
    values = {
        "backup_config_id": plan_id,
        "application_id": 4246,
        "database_id": 4223,
        "cloud_storage_provider_id": 10,
        "application_extension": ".tar.gz",
        "database_extension": ".sql.gz",
        "created_at": f"2026-11-{number:02} 03:00:00",
    }
    (read,) = read_backups([backup_row(number, name, **(values | changes))])
    return read


def of_wanted(*rows: Backup, plan: RecordedPlan | None = None, wanted: Target = DAILY) -> list[Drift]:
    by_key = {plan.entry.key: plan} if plan else {}
    return drift_of_wanted([wanted], by_key, {5: Newest(rows, 1, is_all=True)}, OBSERVED)


def kinds(found: list[Drift]) -> list[tuple[str, tuple[int, ...]]]:
    return [(str(drift.kind), drift.plan_ids) for drift in found]


OTHER = [row(20, 71), row(21, 71)]
OURS = [row(20, 80), row(21, 80)]


@pytest.mark.parametrize(
    ("rows", "known", "expected"),
    [
        ([], recorded(), []),
        (OURS, recorded(), []),
        ([*OTHER, *OURS], recorded(), [("duplicate", (71, 80))]),
        # Ours has made one so far, and the other was there before it.
        ([*OTHER, row(22, 80)], recorded(before=Mark(21, 71)), [("duplicate", (71,))]),
        ([*OTHER, row(22, 80)], recorded(), []),  # Nobody knows which of them is ours.
        (OTHER, recorded(before=Mark(21, 71), plan_id=71), []),
        (OTHER, None, [("unrecorded", (71,))]),
        ([row(20, 71), row(21, 72)], None, []),  # Made by hand, without a name.
        ([row(20, 71, "mine"), row(21, 71, "mine")], None, []),  # An instant backup has a name.
        # It has made none for longer than its schedule: it was replaced.
        ([row(1, 71), row(2, 71), row(27, 80), row(28, 80)], recorded(), []),
        ([row(1, 71), row(2, 71), row(28, 80, application_id=9)], None, []),
        # What is dated in the future, and older by its id, makes no plan look replaced.
        ([row(20, 71), row(21, 71), row(5, 80, application_id=9, created_at="2027-01-01 00:00:00")], None, [71]),
        # Other parts, another database, another storage provider: other plans.
        ([row(20, 71, database_extension=None), row(21, 71, database_extension=None)], None, []),
        ([row(20, 71, application_extension=None), row(21, 71, application_extension=None)], None, []),
        ([row(20, 71, database_id=9), row(21, 71, database_id=9)], None, []),
        ([row(20, 71, cloud_storage_provider_id=11), row(21, 71, cloud_storage_provider_id=11)], None, []),
        # An API that names no extensions and no times.
        ([row(20, 71, application_extension=None, database_extension=None, created_at=None)] * 2, None, [71]),
        # Moved to another provider in the panel.
        ([row(20, 80), row(21, 80, cloud_storage_provider_id=11)], recorded(plan_id=80), [("changed", (80,))]),
        ([row(20, 80, cloud_storage_provider_id=11), row(21, 80)], recorded(plan_id=80), []),
    ],
)
def test_plans_that_are_wanted_are_compared_to_the_newest_backups_without_a_name(
    rows: list[Backup], known: RecordedPlan | None, expected: list[Any]
) -> None:
    expected = [("unrecorded", (each,)) if isinstance(each, int) else each for each in expected]
    assert kinds(of_wanted(*rows, plan=known)) == expected


def test_the_reasons_say_which_plans_and_what_to_do() -> None:
    (double,) = of_wanted(*OTHER, *OURS, plan=recorded())
    assert double.reason == "plans 71, 80 make the same backups; keep only one of them in the panel"
    assert (double.server, double.application, double.key) == ("web-0001", "shop", DAILY.key(""))
    (unknown,) = of_wanted(*OTHER)
    assert "a run would create a second plan" in unknown.reason
    assert unknown.key == ""
    (moved,) = of_wanted(row(21, 80, cloud_storage_provider_id=11), plan=recorded(plan_id=80))
    assert moved.reason == "its newest backup, 21, is at storage provider 11, but 10 is wanted"


@pytest.mark.parametrize("schedule", ["Every Hour", "Every Week"])
def test_how_long_a_plan_may_be_silent_follows_its_schedule(schedule: str) -> None:
    rows = [row(20, 71), row(21, 71), row(27, 80), row(28, 80)]
    found = of_wanted(*rows, plan=recorded(), wanted=target(plan(schedule=schedule)))
    assert kinds(found) == ([("duplicate", (71, 80))] if schedule == "Every Week" else [])
