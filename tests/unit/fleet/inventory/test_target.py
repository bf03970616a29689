"""The key of a target: what makes a backup recognisable."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inventory.naming import marks_in
from tests.unit.fleet.builders import instant, plan, target

IDENTITY: list[dict[str, Any]] = [
    {"organization": 6},
    {"server_id": 16},
    {"request": instant(type="filesystem")},
    {"request": instant(application_id=1)},
    {"request": instant(database_id=1)},
    {"request": instant(database_id=None)},
    {"request": instant(provider="gdrive")},
    {"request": instant(cloud_storage_provider_id=1)},
    {"request": plan()},
]


def test_the_key_is_the_same_in_every_version() -> None:
    # Backups that exist carry it: a change here would make every finished run start anew.
    assert target().key("nightly") == "76a23df43e954986"
    assert target(plan()).key("nightly") == "6346b34487b38a07"


@pytest.mark.parametrize("change", IDENTITY)
def test_the_key_differs_by_everything_that_makes_a_target(change: dict[str, Any]) -> None:
    assert target(**change).key("nightly") != target().key("nightly")
    assert target(**change).identity != target().identity


@pytest.mark.parametrize(
    "change",
    [
        {"place": "servers[7].backups[0]"},
        {"server_name": "renamed"},
        {"request": instant(name="nightly")},
        {"request": instant(application_extension=".tar")},
        {"request": instant(database_extension=".sql")},
        {"request": instant(retention_period="1 Month")},
    ],
)
def test_the_key_is_the_same_whatever_else_changes(change: dict[str, Any]) -> None:
    assert target(**change).key("nightly") == target().key("nightly")


def test_an_instant_backup_is_another_one_in_another_run() -> None:
    assert target().key("monday") != target().key("tuesday")


def test_a_plan_is_the_same_one_in_every_run() -> None:
    assert target(plan()).key("monday") == target(plan()).key("tuesday")
    assert target(plan(schedule="Every Year")).key("monday") == target(plan()).key("monday")


def test_a_plan_has_no_name() -> None:
    assert target(plan(name="nightly")).backup_name("monday") is None


def test_the_key_stands_first_and_the_users_own_name_behind_it() -> None:
    assert target(instant(name="before the update")).backup_name("monday") == (
        f"fb-{target().key('monday')} before the update"
    )
    assert target().backup_name("monday") == f"fb-{target().key('monday')}"


@given(name=st.none() | st.text(min_size=1), run_key=st.text())
def test_the_key_comes_back_from_the_name(name: str | None, run_key: str) -> None:
    wanted = target(instant(name=name))
    sent = wanted.backup_name(run_key)
    assert sent is not None
    assert marks_in([sent])[0] == wanted.key(run_key)
