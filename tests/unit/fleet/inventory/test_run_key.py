"""What makes two runs the same run."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fleet.inventory.run_key import run_key

NOON = datetime(2030, 7, 13, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "deployment", "scheduled_at", "key"),
    [
        ("mine", "d1", NOON, "mine"),
        ("mine", None, None, "mine"),
        (None, "d1", NOON, "d1@2030-07-13T12:00:00Z"),
        ("", "d1", NOON, "d1@2030-07-13T12:00:00Z"),
        (None, "d1", None, "flow-run"),
        (None, None, NOON, "flow-run"),
        (None, None, None, "flow-run"),
    ],
)
def test_the_run_key(given: str | None, deployment: str | None, scheduled_at: datetime | None, key: str) -> None:
    assert run_key(given, deployment, scheduled_at, "flow-run") == key


def test_a_key_holds_nothing_that_a_terminal_acts_on() -> None:
    assert run_key("week\n\x1b[31m\u202e27", None, None, "flow-run") == "week [31m 27"
    assert run_key("\x1b\u202e", None, None, "flow-run") == "flow-run"


def test_the_same_moment_is_the_same_run_in_every_time_zone() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert run_key(None, "d1", elsewhere, "a") == run_key(None, "d1", NOON, "b")
