"""Rows of the backup list: a name is read wherever it stands, and a name of something else nowhere."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.backup_rows import names_in, read_backups
from tests.unit.fleet.builders import backup_row

NAME = "fb-0123456789abcdef nightly"


def names_of(row: dict[str, Any]) -> tuple[str, ...]:
    (read,) = read_backups([{"id": 1, **row}])
    return read.names


@pytest.mark.parametrize(
    "row",
    [
        {"backup_configuration": {"id": 13, "name": NAME}},
        {"backup_configuration": {"backup_name": NAME}},
        {"backupConfiguration": {"name": NAME}},
        {"backup_config": {"title": NAME}},
        {"config": {"label": NAME}},
        {"plan": {"name": NAME}},
        {"details": {"name": NAME}},
        {"meta": {"description": NAME}},
        {"meta": {"backup": {"name": NAME}}},
        {"name": NAME},
        {"NAME": NAME},
        {"backup_name": NAME},
        {"backupName": NAME},
        {"title": NAME},
        {"label": NAME},
        {"description": NAME},
        {"note": NAME},
        {"comments": NAME},
        {"backup_configuration_name": NAME},
    ],
)
def test_a_name_is_read_wherever_a_row_has_one_of_its_own(row: dict[str, Any]) -> None:
    assert names_of(row) == (NAME,)


@pytest.mark.parametrize(
    "row",
    [
        {"application": {"id": 1, "name": NAME}},
        {"database": {"id": 1, "name": NAME}},
        {"server": {"name": NAME}},
        {"user": {"name": NAME}},
        {"cloud_storage_provider": {"name": NAME}},
        {"application_name": NAME},
        {"applicationName": NAME},
        {"app_name": NAME},
        {"database_name": NAME},
        {"db_name": NAME},
        {"server_name": NAME},
        {"hostname": NAME},
        {"domain_name": NAME},
        {"site_name": NAME},
        {"provider_name": NAME},
        {"storage_name": NAME},
        {"organization_name": NAME},
        {"username": NAME},
        {"system_user_name": NAME},
        {"owner_name": NAME},
        {"account_name": NAME},
        {"schedule_name": NAME},
        {"status": NAME},
        {"backup_hash": NAME},
        {"backup_configuration": {"application_name": NAME, "server": {"name": NAME}, "hash": NAME}},
        {"backup_configuration": {"application": {"name": NAME}}},
    ],
)
def test_a_name_of_something_else_is_not_read(row: dict[str, Any]) -> None:
    """Somebody may call a site `fb-…`; its backups are not ours for that."""
    assert names_of(row) == ()


@pytest.mark.parametrize(
    ("configuration", "names"),
    [
        ({"id": 71, "name": "nightly"}, ("nightly",)),
        ({"name": None}, ()),
        ({"name": ""}, ()),
        ({"name": "  "}, ()),
        ({"name": 5}, ()),
        ({"name": ["nightly"]}, ()),
        ({}, ()),
        (None, ()),
        ([], ()),
        ([{"name": "nightly"}], ()),
        ("x", ()),
        ({5: "x", "name": "nightly"}, ("nightly",)),
    ],
)
def test_the_name_of_a_backup_is_that_of_its_configuration(configuration: Any, names: tuple[str, ...]) -> None:
    assert names_of({"backup_configuration": configuration}) == names


def test_all_names_of_a_row_are_read() -> None:
    row = {"name": "nightly", "backup_configuration": {"name": NAME}, "note": "by hand"}
    assert set(names_of(row)) == {"nightly", NAME, "by hand"}


def test_names_that_lie_deeper_than_any_example_are_not_looked_for() -> None:
    deep: dict[str, Any] = {"name": NAME}
    for _ in range(500):
        deep = {"backup": deep}
    assert names_of(deep) == ()
    assert names_of({"backup": {"backup": {"name": NAME}}}) == (NAME,)
    assert names_of({"backup": {"backup": {"backup": {"name": NAME}}}}) == ()


@pytest.mark.parametrize(
    ("row", "plan"),
    [
        ({"backup_config_id": 41}, 41),
        ({"backup_configuration": {"id": 13}}, 13),
        ({"backup_config_id": 41, "backup_configuration": {"id": 13}}, 41),
        ({"backup_configuration": {"id": "13"}}, 13),
        ({"backup_configuration": {"id": "x"}}, None),
        ({"backup_configuration": {}}, None),
        ({"backup_configuration": None}, None),
        ({}, None),
    ],
)
def test_what_made_a_backup_stands_in_either_place(row: dict[str, Any], plan: int | None) -> None:
    (read,) = read_backups([{"id": 1, **row}])
    assert read.backup_config_id == plan


def test_what_is_no_row_is_left_out_and_the_others_stay() -> None:
    rows: list[object] = [None, "x", [], {"name": NAME}, {"id": None}, {"id": "x"}, backup_row(7, NAME), {"id": "8"}]
    read = read_backups(rows)
    assert [(row.id, row.names) for row in read] == [(7, (NAME,)), (8, ())]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [*backup_row(1), "name", "names", "backup_config_id", "expires_at", "application_id", "config"]
)


@given(st.lists(JSON | st.dictionaries(FIELDS | st.text(), JSON)))
def test_no_row_is_too_hostile_to_be_read(rows: list[Any]) -> None:
    for read in read_backups(rows):
        assert all(isinstance(name, str) for name in read.names)


@given(st.dictionaries(st.text(), JSON))
def test_only_texts_of_the_row_itself_are_its_names(row: dict[str, Any]) -> None:
    def texts(value: object) -> set[str]:
        if isinstance(value, dict):
            return set().union(*map(texts, value.values()))
        return {value} if isinstance(value, str) else set()

    assert set(names_in(row)) <= texts(row)
