"""Windows, staggered starts and caps in a fleet file: inherited, never sent, and every mistake at its place."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.resolution import resolve
from fleet.inventory.caps import Caps
from fleet.inventory.request import start_time
from fleet.inventory.target import Target
from fleet.selection.selection import of_kind, select
from tests.create_bodies import INSTANT, PLAN

NOW = datetime(2030, 7, 13, 12, 0, tzinfo=UTC)
NIGHT = "01:00-05:00 Europe/Berlin"
SOMETIME = {name: value for name, value in PLAN.items() if name != "start_backup_from_now"} | {"start_in_window": True}


def fleet(*backups: dict[str, Any], **top: Any) -> dict[str, Any]:
    server = {"id": 15, "backups": [{"application_id": number, **each} for number, each in enumerate(backups, 1)]}
    return {"organization": 5, "servers": [server], **top}


def targets(values: dict[str, Any], now: datetime = NOW) -> tuple[Target, ...]:
    return resolve(values, now, "fleet.yaml").targets


def mistakes(values: dict[str, Any]) -> list[str]:
    with pytest.raises(FleetFileError) as caught:
        targets(values)
    return [line.removeprefix("fleet.yaml: ") for line in str(caught.value).split("\n")]


def test_the_nearest_window_wins_and_null_takes_it_away() -> None:
    values = fleet({}, {"window": "22:00-23:00 UTC"}, {"window": None}, defaults=INSTANT | {"window": NIGHT})
    assert [str(each.window) for each in targets(values)] == [NIGHT, "22:00-23:00 UTC", "None"]
    assert all("window" not in each.request.body() for each in targets(values))


def test_a_window_that_is_wrong_is_reported_once_and_where_it_stands() -> None:
    values = fleet({}, {}, defaults=INSTANT | {"window": "1:00-5:00 UTC"})
    assert mistakes(values) == [
        (
            'defaults.window: must be a window such as "01:00-05:00 Europe/Berlin"; hours have two digits: 05:00 and '
            "not 5:00 (given: '1:00-5:00 UTC')"
        )
    ]
    assert mistakes(fleet({"window": 5}, defaults=INSTANT))[0].startswith("servers[0].backups[0].window: must be a")


def test_what_stands_in_the_wrong_place_is_told_where_it_belongs() -> None:
    values = fleet({"max_running_per_server": 1}, defaults=INSTANT, window=NIGHT)
    assert mistakes(values) == [
        f"window: belongs in `defaults`, a group or a backup, not here (given: {NIGHT!r})".split(" (")[0],
        "servers[0].backups[0].max_running_per_server: belongs at the top of the file, not here",
    ]


@pytest.mark.parametrize("wrong", [0, -1, True, "two", 1.5])
def test_a_cap_is_a_whole_number_above_0(wrong: object) -> None:
    (mistake,) = mistakes(fleet({}, defaults=INSTANT, max_running_per_server=wrong))
    assert mistake.startswith("max_running_per_server: ")


def test_caps_stay_whatever_a_run_is_about() -> None:
    values = fleet({}, defaults=INSTANT, max_running_per_server=1, max_running_per_provider=20)
    inventory = of_kind(select(resolve(values, NOW, "fleet.yaml"), ["15"]), "instant")
    assert inventory.caps == Caps(1, 20)


def test_a_staggered_plan_is_sent_with_a_start_in_its_window() -> None:
    plans = targets(fleet(*[{}] * 20, defaults=SOMETIME | {"window": NIGHT}))
    starts = [each.request.body()["start_backup"] for each in plans]
    assert all(each.request.body()["start_backup_from_now"] is False for each in plans)
    assert all(
        each.window and each.window.is_open(start_time(start)) for each, start in zip(plans, starts, strict=True)
    )
    assert max(Counter(starts).values()) == 1
    assert all("start_in_window" not in each.request.body() and not each.request.starts_now for each in plans)
    tomorrow = targets(fleet(*[{}] * 20, defaults=SOMETIME | {"window": NIGHT}), NOW + timedelta(days=1))
    assert [start_time(each.request.body()["start_backup"]) for each in tomorrow] == [
        start_time(start) + timedelta(days=1) for start in starts
    ]


def test_the_starts_do_not_hang_on_what_a_run_is_about() -> None:
    values = fleet(*[{}] * 9, defaults=SOMETIME | {"window": "01:00-01:03 UTC"})
    values["servers"].append({"id": 16, "backups": [{"application_id": 99}]})
    inventory = resolve(values, NOW, "fleet.yaml")
    assert select(inventory, ["16"]).targets == inventory.targets[9:]


def test_an_instant_backup_inherits_start_in_window_for_nothing() -> None:
    (instant, plan) = targets(fleet(INSTANT | {"application_id": 1}, {}, defaults=SOMETIME | {"window": NIGHT}))
    assert (instant.start_in_window, plan.start_in_window) == (False, True)
    assert "start_backup" not in instant.request.body()


@pytest.mark.parametrize(
    ("backup", "expected"),
    [
        (SOMETIME, 'start_in_window: needs a window, such as "01:00-05:00 Europe/Berlin"'),
        (
            SOMETIME | {"window": NIGHT, "start_backup": "2031-01-01 01:30"},
            "start_backup: is chosen by start_in_window; leave one of them out (given: '2031-01-01 01:30')",
        ),
        (
            SOMETIME | {"window": NIGHT, "start_backup_from_now": True},
            (
                "start_backup_from_now: starts a plan immediately, start_in_window later; leave one of them out "
                "(given: True)"
            ),
        ),
        (
            INSTANT | {"window": NIGHT, "start_in_window": True},
            "start_in_window: is only for an automatic plan, and this is an instant backup",
        ),
        (
            PLAN | {"window": NIGHT, "start_backup_from_now": False, "start_backup": "2031-07-01 04:30"},
            (
                "start_backup: is outside its window 01:00-05:00 Europe/Berlin: start times are UTC, and that is 06:30 "
                "in Europe/Berlin (given: '2031-07-01 04:30')"
            ),
        ),
    ],
)
def test_what_contradicts_itself_is_a_mistake(backup: dict[str, Any], expected: str) -> None:
    assert mistakes(fleet(backup)) == [f"servers[0].backups[0].{expected}"]


@pytest.mark.parametrize(
    "backup",
    [
        SOMETIME | {"window": NIGHT, "start_backup_from_now": False},
        PLAN | {"window": NIGHT, "start_backup_from_now": False, "start_backup": "2031-07-01 01:30"},
        PLAN | {"window": NIGHT},
        SOMETIME | {"window": NIGHT, "start_in_window": False, "start_backup_from_now": True},
    ],
)
def test_what_does_not_contradict_itself_is_none(backup: dict[str, Any]) -> None:
    assert len(targets(fleet(backup))) == 1
