"""What is expected of a target's backups, as the fleet file says it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.resolution import resolve
from fleet.inventory.expectation import NOTHING_SAID, Expectation, Mute
from tests.unit.fleet.builders import instant, plan

NOW = datetime(2026, 11, 24, tzinfo=UTC)
INSTANT = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "filesystem",
    "application_extension": ".tar",
}


def fleet_file(**layers: dict[str, Any]) -> dict[str, Any]:
    server = {"id": 15, "groups": ["shops"], "defaults": layers.get("server", {})}
    backups = [{"application_id": 1, **layers.get("backup", {})}, {"application_id": 2}]
    return {
        "organization": 5,
        "defaults": {**INSTANT, **layers.get("defaults", {})},
        "groups": {"shops": layers.get("group", {})},
        "servers": [{**server, "backups": backups}],
    }


def test_each_key_is_inherited_by_itself_and_the_nearest_wins() -> None:
    values = fleet_file(
        defaults={"expect": {"max_age": "26h", "min_size_mb": 1, "max_shrink": "50%"}},
        group={"expect": {"max_age": "8d"}},
        server={"expect": {"min_size_mb": 0.5}},
        backup={"expect": {"max_age": "90m", "muted": {"reason": "moving", "until": "2026-12-01"}}},
    )
    first, second = resolve(values, NOW, "fleet.yaml").targets
    mute = Mute(reason="moving", until=date(2026, 12, 1))
    assert first.expectation == Expectation(max_age="90m", min_size_mb=0.5, max_shrink="50%", muted=mute)
    assert second.expectation == Expectation(max_age="8d", min_size_mb=0.5, max_shrink="50%")


def test_what_is_expected_is_never_sent() -> None:
    (target, _) = resolve(fleet_file(defaults={"expect": {"max_age": "26h"}}), NOW, "fleet.yaml").targets
    assert "expect" not in target.request.body()


@pytest.mark.parametrize(
    ("expect", "mistake"),
    [
        (
            {"max_age": "26"},
            'defaults.expect.max_age: must be an age such as "90m", "26h", "8d" or "5w" (given: \'26\')',
        ),
        ({"max_age": 26}, 'defaults.expect.max_age: must be an age such as "90m", "26h", "8d" or "5w" (given: 26)'),
        ({"max_shrink": 0.5}, 'defaults.expect.max_shrink: must be a share such as "50%" (given: 0.5)'),
        ({"max_shrink": "150%"}, "defaults.expect.max_shrink: must be a share such as \"50%\" (given: '150%')"),
        ({"min_size_mb": -1}, "defaults.expect.min_size_mb: must be a number of MB, 0 or more (given: -1)"),
        ({"max_aeg": "1d"}, "defaults.expect.max_aeg: unknown key; did you mean 'max_age'?"),
        ({"muted": {"reason": "x"}}, "defaults.expect.muted.until: is required"),
        ({"muted": {"until": date(2027, 1, 1)}}, "defaults.expect.muted.reason: is required"),
        (
            {"muted": {"reason": "x", "until": "soon"}},
            "defaults.expect.muted.until: must be a day such as 2027-01-31 (given: 'soon')",
        ),
    ],
)
def test_a_mistake_is_told_once_with_its_place(expect: dict[str, Any], mistake: str) -> None:
    with pytest.raises(FleetFileError) as refused:
        resolve(fleet_file(defaults={"expect": expect}), NOW, "fleet.yaml")
    assert str(refused.value) == f"fleet.yaml: {mistake}"


def test_where_nothing_is_said_the_rhythm_says_how_old_a_backup_may_be() -> None:
    weekly = plan(schedule="Every Week")
    assert NOTHING_SAID.longest_age(instant()) == timedelta(hours=26)
    assert NOTHING_SAID.longest_age(weekly) == timedelta(days=7, hours=2)
    assert Expectation(max_age="1h").longest_age(weekly) == timedelta(hours=1)


def test_a_mute_holds_through_its_last_day() -> None:
    mute = Mute(reason="moving", until=date(2026, 12, 1))
    assert mute.holds(date(2026, 12, 1))
    assert not mute.holds(date(2026, 12, 2))


def test_what_is_left_without_a_backup_on_purpose_stands_at_the_top_of_the_file() -> None:
    until = {"reason": "a demo", "until": "2026-12-01"}
    muted = [{"application_id": 7, **until}, {"database_id": 8, "organization": 6, **until}]
    inventory = resolve({**fleet_file(), "muted": muted}, NOW, "fleet.yaml")
    assert [(it.organization, it.application_id, it.database_id) for it in inventory.muted] == [
        (5, 7, None),
        (6, None, 8),
    ]
    wrong = [{"application_id": 7, "database_id": 8, **until}, {"application_id": 7, "reason": "a demo"}]
    with pytest.raises(FleetFileError) as refused:
        resolve({**fleet_file(), "muted": wrong}, NOW, "fleet.yaml")
    first, second = str(refused.value).splitlines()
    assert first.startswith("fleet.yaml: muted[0]: must name either an application_id or a database_id, not both")
    assert second == "fleet.yaml: muted[1].until: is required"
