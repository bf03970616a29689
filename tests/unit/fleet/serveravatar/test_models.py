"""Flags, sizes, ids and stamps of rows, in every form in which an API may write them."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.models import Backup
from tests.unit.fleet.builders import backup_row

NO_FLAG: list[Any] = [None, "", "maybe", 2, -1, "2", [], {}, 1.5, [1]]
NO_SIZE: list[Any] = [None, "", "large", "MB", "12 parsecs", "1.2.3", "1,2,3", "--5", True, [], {}]
NO_NUMBER: list[Any] = [math.inf, math.nan, "inf", "nan", "1e999", 10**400]
NO_STAMP: list[Any] = [None, "", "yesterday", 5, True, [], {}, "9" * 40, -1e300, "2025-02-30 00:00:00"]


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        *((value, True) for value in (1, True, "1", "true", "TRUE", "yes", "Yes", " y ", "on", "On")),
        *((value, False) for value in (0, False, "0", "false", "False", "no", "NO", "n", "off")),
        *((value, None) for value in NO_FLAG),
    ],
)
def test_a_flag_comes_in_many_forms(value: Any, flag: bool | None) -> None:
    assert Backup(id=1, application_available_in_cloudstorage=value).application_available_in_cloudstorage is flag


@pytest.mark.parametrize(
    ("value", "megabytes"),
    [
        (4.82, 4.82),
        (5, 5.0),
        (0, 0.0),
        (-1, -1.0),
        ("4.82", 4.82),
        ("4,82", 4.82),
        ("+4.82", 4.82),
        ("12.5 MB", 12.5),
        ("12.5MB", 12.5),
        ("12.5 mb", 12.5),
        ("12.5 MiB", 12.5),
        (" 12.5 M ", 12.5),
        ("512 KB", 0.5),
        ("512k", 0.5),
        ("1.5 GB", 1536.0),
        ("1,5 GiB", 1536.0),
        ("2 TB", 2 * 1024.0**2),
        ("13107200 B", 12.5),
        ("13107200 bytes", 12.5),
        ("1048576 byte", 1.0),
        ("1,234.5", 1234.5),
        ("1,234,567 KB", 1234567 / 1024),
        ("0 B", 0.0),
        ("0.00", 0.0),
        ("1e3", 1000.0),
        *((value, None) for value in [*NO_SIZE, *NO_NUMBER]),
    ],
)
@pytest.mark.parametrize(
    "field", ["application_size", "database_size", "total_application_size", "total_database_size"]
)
def test_a_size_comes_with_and_without_its_unit(field: str, value: Any, megabytes: float | None) -> None:
    read = getattr(Backup(**{"id": 1, field: value}), field)
    assert read == (None if megabytes is None else pytest.approx(megabytes))


@given(st.floats(0, 1e9), st.sampled_from([("B", -2), ("KB", -1), ("MB", 0), ("GB", 1), ("TB", 2)]))
def test_a_size_means_the_same_in_every_unit(number: float, unit: tuple[str, int]) -> None:
    written: Any = f"{number:.6f} {unit[0]}"
    read = Backup(id=1, application_size=written).application_size
    assert read == pytest.approx(round(number, 6) * 1024.0 ** unit[1])


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2025-02-11 11:12:22", "2025-02-11T11:12:22+00:00"),
        ("2025-02-11 11:12", "2025-02-11T11:12:00+00:00"),
        ("2025-02-11T11:12:22Z", "2025-02-11T11:12:22+00:00"),
        ("2025-02-11T11:12:22.000000Z", "2025-02-11T11:12:22+00:00"),
        ("2025-02-11T16:42:22+05:30", "2025-02-11T11:12:22+00:00"),
        ("2025-02-11T16:42:22+0530", "2025-02-11T11:12:22+00:00"),
        (1739272342, "2025-02-11T11:12:22+00:00"),
        (1739272342.0, "2025-02-11T11:12:22+00:00"),
        ("1739272342", "2025-02-11T11:12:22+00:00"),
        ("2025-02-11", "2025-02-11T00:00:00+00:00"),
        ("20250211", "2025-02-11T00:00:00+00:00"),  # A day, and no number of seconds.
        *((value, None) for value in NO_STAMP),
    ],
)
@pytest.mark.parametrize("field", ["created_at", "expires_at", "deleted_at"])
def test_a_stamp_comes_in_many_forms(field: str, value: Any, written: str | None) -> None:
    read = getattr(Backup(**{"id": 1, field: value}), field)
    assert (read.isoformat() if read else None) == written


TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)).map(lambda time: time.replace(microsecond=0))  # noqa: DTZ001 - as an API writes them


@given(TIMES, st.integers(-56, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))))
def test_a_stamp_with_its_zone_is_the_same_moment_in_every_form(time: datetime, zone: timezone) -> None:
    moment = time.replace(tzinfo=UTC)
    for written in (moment.astimezone(zone).isoformat(), int(moment.timestamp()), str(int(moment.timestamp()))):
        if len(str(written)) > 8:
            assert Backup(id=1, created_at=written).created_at == moment  # type: ignore[arg-type] # read from JSON


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        (12, 12),
        ("12", 12),
        (12.0, 12),
        ("12.0", 12),
        (2**40, 2**40),
        (1.5, None),
        ("x", None),
        (None, None),
        (True, None),
    ],
)
def test_an_id_comes_as_a_number_or_as_text(value: Any, identifier: int | None) -> None:
    read = Backup(id=1, backup_config_id=value, application_id=value)
    assert (read.backup_config_id, read.application_id) == (identifier, identifier)


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(st.sampled_from([name for name in backup_row(1) if name != "id"]), JSON))
def test_no_value_is_too_strange_to_be_read(row: dict[str, Any]) -> None:
    assert Backup(id=1, **row).id == 1
