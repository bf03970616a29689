"""Requests as they are documented, and answers as they come."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar import wire
from fleet.serveravatar.errors import UnexpectedAnswerError
from fleet.serveravatar.models import Application, Backup, Database, Disk, Server, StorageProvider
from fleet.serveravatar.wire import REPEATABLE, Call, Request, read_disk, read_page, read_rows

PAGED_ON_REQUEST = {
    "/organizations/5/servers",
    "/organizations/5/databases",
    "/organizations/5/servers/15/databases",
    "/organizations/5/cloud-storage-providers",
}


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (wire.list_servers(5, 3), "/organizations/5/servers"),
        (wire.list_applications(5, 15, 3), "/organizations/5/servers/15/applications"),
        (wire.list_databases(5, 3), "/organizations/5/databases"),
        (wire.list_server_databases(5, 15, 3), "/organizations/5/servers/15/databases"),
        (wire.list_providers(5, 3), "/organizations/5/cloud-storage-providers"),
        (wire.list_backups(5, 3), "/organizations/5/backups"),
    ],
)
def test_a_list_is_asked_for_by_page(request_: Request, path: str) -> None:
    assert (request_.method, request_.path, request_.query, request_.body) == (
        "GET",
        path,
        {"page": 3} | ({"pagination": 1} if path in PAGED_ON_REQUEST else {}),
        None,
    )


def test_a_servers_usage() -> None:
    assert wire.server_usage(5, 15) == Request(Call.SERVER_USAGE, "GET", "/organizations/5/servers/15/usage")


def test_the_create_call_is_the_seeds() -> None:
    request = wire.create_backup(5, 15, {"type": "filesystem"})
    assert (request.method, request.path, request.query) == ("POST", "/organizations/5/servers/15/backups", {})
    assert request.body == {"type": "filesystem"}


def test_a_writing_call_is_never_repeated_blindly_and_every_reading_call_may_be() -> None:
    assert set(Call) - REPEATABLE == {Call.CREATE_BACKUP, Call.UPDATE_PLAN}


# Pages.

ROWS = [{"id": 1}, {"id": 2}]
SERVERS = wire.list_servers(5, 2)


@pytest.mark.parametrize("wrap", [lambda page: page, lambda page: {"servers": page}], ids=["bare", "under its key"])
@pytest.mark.parametrize(
    ("page", "last", "more"),
    [
        ({"current_page": 2, "data": ROWS, "last_page": 3, "next_page_url": "x"}, 3, True),
        ({"current_page": 2, "data": ROWS, "last_page": 2, "next_page_url": None}, 2, False),
        ({"current_page": "2", "data": ROWS, "last_page": "3"}, 3, True),
        ({"data": ROWS, "last_page": "2", "next_page_url": "x"}, 2, False),
        ({"data": ROWS, "next_page_url": "https://api.serveravatar.com/x?page=3"}, None, True),
        ({"data": ROWS, "next_page_url": None}, None, False),
        ({"data": ROWS, "next_page_url": ""}, None, False),
        ({"data": ROWS}, None, False),
        ({"data": ROWS, "last_page": None, "next_page_url": "x"}, None, True),
        ({"data": ROWS, "last_page": "many", "next_page_url": "x"}, None, True),
        ({"data": ROWS, "last_page": 1}, 1, False),
    ],
)
def test_a_page_of_a_list(wrap: Any, page: dict[str, Any], last: int | None, more: bool) -> None:
    read = read_page(SERVERS, wrap(page))
    assert (read.rows, read.number, read.last, read.more) == (ROWS, 2, last, more)


@pytest.mark.parametrize("value", [ROWS, {"servers": ROWS}])
def test_a_plain_list_is_the_whole_list(value: object) -> None:
    read = read_page(wire.list_servers(5), value)
    assert (read.rows, read.more) == (ROWS, False)


def test_an_empty_page_is_the_last_one_whatever_it_says() -> None:
    assert not read_page(SERVERS, {"data": [], "last_page": 9}).more
    assert not read_page(SERVERS, {"data": [], "next_page_url": "x"}).more


@pytest.mark.parametrize(
    "value", [{}, {"message": "ok"}, {"data": None}, {"servers": None}, {"servers": {}}, {"data": {}}]
)
def test_an_answer_without_a_list_is_said_to_be_one(value: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="the API's response has no list"):
        read_page(SERVERS, value)


# Rows.


def test_a_row_without_an_id_is_left_out() -> None:
    rows = [{"id": 1}, {"name": "x"}, {"id": None}, {"id": "x"}, None, "row", {"id": "4"}, []]
    assert [row.id for row in read_rows(Server, rows)] == [1, 4]


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("1", True),
        (1, True),
        (True, True),
        ("true", True),
        ("0", False),
        (0, False),
        (False, False),
        ("false", False),
        (None, None),
        ("", None),
        ("unknown", None),
        (2, None),
        ([], None),
    ],
)
def test_a_flag_comes_in_many_forms(value: Any, flag: bool | None) -> None:
    assert Server(id=1, agent_status=value).agent_status is flag
    assert Backup(id=1, application_available_in_cloudstorage=value) == Backup(
        id=1, application_available_in_cloudstorage=flag
    )


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (12, 12.0),
        (12.5, 12.5),
        ("12.5", 12.5),
        ("0", 0.0),
        (None, None),
        ("", None),
        ("large", None),
        (True, None),
        ([], None),
        ("nan", None),
        ("inf", None),
        (float("inf"), None),
        (float("nan"), None),
        (10**400, None),
    ],
)
def test_a_number_comes_in_many_forms(value: Any, number: float | None) -> None:
    assert Application(id=1, size=value).size == number
    assert read_disk({"disk": {"total": value}}).total == number


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        (15, 15),
        ("15", 15),
        (None, None),
        ("", None),
        ("x", None),
        (1.5, None),
        ("inf", None),
        ("nan", None),
        ({}, None),
    ],
)
def test_an_id_of_something_else_comes_in_many_forms(value: object, identifier: int | None) -> None:
    assert [row.server_id for row in read_rows(Database, [{"id": 1, "server_id": value}])] == [identifier]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2025-02-11 11:12:22", "2025-02-11T11:12:22+00:00"),
        ("2025-02-11T11:12:22.000000Z", "2025-02-11T11:12:22+00:00"),
        ("2025-02-11T16:42:22+05:30", "2025-02-11T11:12:22+00:00"),
        (None, None),
        ("yesterday", None),
        (5, None),
    ],
)
def test_a_time_comes_in_many_forms(value: Any, written: str | None) -> None:
    created = Backup(id=1, created_at=value).created_at
    assert (created.isoformat() if created else None) == written


@pytest.mark.parametrize(
    ("value", "disk"),
    [
        (
            {"disk": {"total": 19.32, "usage_in_percentage": 28.11, "usage": 5.43}},
            Disk(total=19.32, usage=5.43, usage_in_percentage=28.11),
        ),
        ({"disk": {"total": "19.32"}}, Disk(total=19.32)),
        ({"disk": None}, Disk()),
        ({}, Disk()),
        ([], Disk()),
    ],
)
def test_a_disk(value: object, disk: Disk) -> None:
    assert read_disk(value) == disk


ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["inf", "1e999"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@given(data=st.data(), model=st.sampled_from([Server, Application, Database, StorageProvider, Backup]))
def test_nothing_that_a_row_holds_but_its_id_hides_the_row(data: st.DataObject, model: Any) -> None:
    row = data.draw(
        st.fixed_dictionaries(
            {"id": st.just(7)}, optional=dict.fromkeys({field.name for field in fields(model)} - {"id"}, ODD)
        )
    )
    assert [read.id for read in read_rows(model, [row])] == [7]


def test_half_a_character_of_the_api_stops_no_report() -> None:
    (row,) = read_rows(Application, [{"id": 1, "name": "cut off: \ud83d"}])
    assert row.name == "cut off: ?"
