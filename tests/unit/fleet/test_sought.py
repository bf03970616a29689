"""How a backup is recognised in the list."""

from typing import Any

import pytest

from fleet.serveravatar.models import Backup
from fleet.sought import NOTHING_KNOWN, Mark, Recognition, Sought, mark_of
from fleet.target import Target
from tests.unit.fleet.builders import backup_row, instant, plan, target

KEY, OTHER = "00000000deadbeef", "00000000cafebabe"
SINCE = Mark(100, 40)
PLANNED = target(plan())


def row(number: int, name: str | None = None, **changes: Any) -> Backup:
    return Backup(**backup_row(number, name, **changes))


def of_plan(number: int = 101, **changes: Any) -> Backup:
    ours = {"application_id": 4246, "database_id": 4223, "backup_config_id": 41, "cloud_storage_provider_id": 10}
    return row(number, None, **(ours | changes))


def recognised(backup: Backup, wanted: Target | None = None, since: Mark = SINCE) -> bool:
    recognition = Recognition([Sought(KEY, wanted or target(instant()), since)])
    recognition.take(backup)
    assert list(recognition.found) in ([], [KEY])
    return bool(recognition.found)


@pytest.mark.parametrize(
    ("number", "name", "is_it"),
    [
        (101, f"nightly fb-{KEY}", True),
        (101, f"fb-{KEY}", True),
        (101, f"nightly fb-{OTHER}", False),
        (101, f"nightly fb-{KEY} by hand", False),
        (101, f"nightlyfb-{KEY}", False),
        (101, "nightly", False),
        (101, None, False),
        (100, f"nightly fb-{KEY}", False),  # It was there before: a broken one, of which another is made.
    ],
)
def test_an_instant_backup_is_recognised_by_the_key_in_its_name(number: int, name: str | None, is_it: bool) -> None:
    assert recognised(row(number, name)) is is_it


def test_an_instant_backup_is_recognised_though_nothing_was_known_before() -> None:
    assert recognised(row(1, f"fb-{KEY}"), since=NOTHING_KNOWN)


@pytest.mark.parametrize(
    ("backup", "is_it"),
    [
        (of_plan(), True),
        (of_plan(database_id=None), True),
        (of_plan(cloud_storage_provider_id=None), True),
        (of_plan(backup_config_id=40), False),  # An older plan.
        (of_plan(backup_config_id=None), False),
        (of_plan(100), False),  # It was there before.
        (of_plan(application_id=4247), False),
        (of_plan(application_id=None), False),
        (of_plan(database_id=4224), False),
        (of_plan(cloud_storage_provider_id=11), False),
        (row(101, "by hand", application_id=4246, backup_config_id=41), False),
        (row(101, f"fb-{KEY}", application_id=4246, backup_config_id=41), False),
    ],
)
def test_a_plan_is_recognised_by_a_backup_of_a_plan_that_is_new(backup: Backup, is_it: bool) -> None:
    assert recognised(backup, PLANNED) is is_it


def test_a_plan_without_a_database_takes_any() -> None:
    assert recognised(of_plan(), target(plan(type="filesystem", database_id=None)))


@pytest.mark.parametrize("number", [1, 101, 10**12])
def test_where_the_list_could_not_be_read_before_no_plan_passes_for_a_new_one(number: int) -> None:
    assert not recognised(of_plan(number, backup_config_id=number), PLANNED, NOTHING_KNOWN)


def test_a_list_that_was_empty_is_known_to_be() -> None:
    assert mark_of([]) == Mark(0, 0) != NOTHING_KNOWN
    assert recognised(of_plan(1, backup_config_id=1), PLANNED, mark_of([]))


def test_the_mark_is_the_highest_of_each_whatever_the_order() -> None:
    assert mark_of([row(7, backup_config_id=3), row(9), row(8, backup_config_id=5)]) == Mark(9, 5)


def test_every_one_of_a_key_is_kept_and_two_targets_may_share_a_row() -> None:
    wanted = [Sought(KEY, target(instant()), SINCE), Sought(OTHER, PLANNED, SINCE)]
    recognition = Recognition(wanted)
    for backup in (row(101, f"fb-{KEY}"), row(102, f"x fb-{KEY}"), of_plan(103)):
        recognition.take(backup)
    assert {key: [each.id for each in rows] for key, rows in recognition.found.items()} == {
        KEY: [101, 102],
        OTHER: [103],
    }
