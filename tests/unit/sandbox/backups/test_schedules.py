from datetime import UTC, datetime

import pytest

from sandbox.backups.schedules import RETENTION_MONTHS, SCHEDULES, due_date, expiry


def moment(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("schedule", "start", "number", "expected"),
    [
        ("Every Hour", "2025-03-30 00:30", 3, "2025-03-30 03:30"),
        ("Every 3 Hours", "2025-01-01 22:00", 1, "2025-01-02 01:00"),
        ("Every 6 Hours", "2025-01-01 00:00", 4, "2025-01-02 00:00"),
        ("Every 12 Hours", "2025-01-01 00:00", 3, "2025-01-02 12:00"),
        ("Every Day", "2025-02-28 08:00", 1, "2025-03-01 08:00"),
        ("Every 2 Days", "2025-01-01 08:00", 2, "2025-01-05 08:00"),
        ("Every Week", "2025-01-01 08:00", 2, "2025-01-15 08:00"),
        ("Every Month", "2025-01-31 08:00", 1, "2025-02-28 08:00"),
        ("Every Month", "2025-01-31 08:00", 2, "2025-03-31 08:00"),
        ("Twice a Month", "2025-01-01 08:00", 1, "2025-01-16 08:00"),
        ("Twice a Month", "2025-01-01 08:00", 2, "2025-02-01 08:00"),
        ("Every 3 Months", "2025-11-30 08:00", 1, "2026-02-28 08:00"),
        ("Every 6 Months", "2025-08-31 08:00", 1, "2026-02-28 08:00"),
        ("Every Year", "2024-02-29 08:00", 1, "2025-02-28 08:00"),
        ("Every Year", "2024-02-29 08:00", 4, "2028-02-29 08:00"),
    ],
)
def test_due_dates(schedule: str, start: str, number: int, expected: str) -> None:
    assert due_date(moment(start), schedule, number) == moment(expected)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("start", ["2025-01-31 23:59", "2024-02-29 00:00", "2025-12-15 12:00"])
def test_every_schedule_goes_forward_from_its_start(schedule: str, start: str) -> None:
    dues = [due_date(moment(start), schedule, number) for number in range(40)]
    assert dues[0] == moment(start)
    assert dues == sorted(set(dues))


def test_presets_are_the_seeds() -> None:
    assert len(SCHEDULES) == 12
    assert list(RETENTION_MONTHS.values()) == [1, 2, 3, 6, 12, 24]


def test_expiry_counts_months() -> None:
    assert expiry(moment("2025-01-31 08:00"), "1 Month") == moment("2025-02-28 08:00")
    assert expiry(moment("2025-01-31 08:00"), None) is None
