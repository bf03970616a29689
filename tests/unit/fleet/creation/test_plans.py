"""Drift of automatic plans."""

from typing import Any

import pytest

from fleet.creation.plans import described, drift
from tests.unit.fleet.builders import plan

CREATED = plan().body()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"schedule": "Every Hour"}, {"schedule": ("Every Day", "Every Hour")}),
        ({"database_extension": ".sql"}, {"database_extension": (".sql.gz", ".sql")}),
        ({"start_backup_from_now": False, "start_backup": "2099-01-01 01:00"}, {}),  # The start lies in its past.
    ],
)
def test_what_the_fleet_file_asks_for_is_compared_to_what_was_created(
    changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert drift(CREATED, CREATED | changes) == expected


def test_a_field_that_came_or_went_is_drift_too() -> None:
    without = {name: value for name, value in CREATED.items() if name != "schedule"}
    assert drift(without, CREATED) == {"schedule": (None, "Every Day")}
    assert drift(CREATED, without) == {"schedule": ("Every Day", None)}


def test_drift_is_told_field_by_field() -> None:
    differences = drift(CREATED, CREATED | {"schedule": "Every Hour", "retention_period": "1 Month"})
    assert described(differences) == (
        "schedule is 'Every Day', wanted 'Every Hour', retention_period is None, wanted '1 Month'"
    )
