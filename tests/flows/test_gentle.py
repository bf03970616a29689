"""Caps and windows, on a real Prefect server: what runs at once, and what does not start outside its window."""

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from fleet.backup_list import look_times
from fleet.creation.fault_points import FaultPoint
from fleet.report.outcome import Outcome
from fleet.report.report import Report
from flows import back_up
from flows.fleet_backup import fleet_backup
from sandbox.world.state import State
from tasks.creating import sender
from tasks.phases import create as create_phase
from tests.flows.conftest import Api, Ear
from tests.flows.rewriting import rewrite

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
NIGHT = "01:00-05:00 Europe/Berlin"
OPEN = datetime(2030, 1, 10, 3, 59, tzinfo=UTC)
CLOSED = datetime(2030, 1, 10, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def early_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_times, "FIRST", 0.1)
    monkeypatch.setattr(look_times, "LEAST", 0.05)


class Clock:
    """The clock of a run: what it shows, and after how many creates it shows the closing of the window."""

    def __init__(self) -> None:
        self.now = OPEN
        self.closes_after = 0
        self.sent = 0

    def __call__(self) -> datetime:
        return self.now

    def reach(self, point: FaultPoint) -> None:
        """In place of `fleet.creation.fault_points.reach` where creates are sent."""
        self.sent += point is FaultPoint.AFTER_INTENT
        if point is FaultPoint.AFTER_INTENT and self.sent == self.closes_after:
            self.now = CLOSED + timedelta(minutes=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    given = Clock()
    monkeypatch.setattr(back_up, "wall_clock", given)
    monkeypatch.setattr(sender, "reach", given.reach)
    return given


async def run(sandbox: Api, ear: Ear, **parameters: object) -> Report:
    ear.report = None
    await fleet_backup(sandbox.fleet, return_state=True, **parameters)
    assert ear.report is not None
    return ear.report


def made(sandbox: Api) -> list[dict[str, Any]]:
    with closing(State(sandbox.folder)) as state:
        return state.rows("SELECT * FROM backups ORDER BY created_at")


def most_at_once(rows: list[dict[str, Any]]) -> int:
    """How many of these ran at the same time."""
    changes = [(row["created_at"], 1) for row in rows] + [(row["updated_at"], -1) for row in rows]
    running = most = 0
    for _, change in sorted(changes):
        running += change
        most = max(most, running)
    return most


@pytest.mark.parametrize("verify", [True, False])
async def test_the_api_never_sees_two_running_on_one_server(api: StartApi, ear: Ear, verify: bool) -> None:
    sandbox = api(servers=4, applications=3)
    rewrite(sandbox, {"max_running_per_server": 1})
    report = await run(sandbox, ear, verify=verify)
    rows = made(sandbox)
    assert report.exit_code == 0
    assert report.requests.by_call["create backup"] == len(rows) == 12
    by_server = {
        server: [row for row in rows if row["server_id"] == server] for server in {r["server_id"] for r in rows}
    }
    assert all(most_at_once(of_server) == 1 for of_server in by_server.values())
    assert most_at_once(rows) > 1, "other servers go on meanwhile"
    if verify:
        assert report.totals == {Outcome.VERIFIED: 12}
        assert ear.phases[-1] == ("verify", 12)
    else:
        # All but the last of each server were seen complete, or nothing more would have been sent.
        assert report.totals[Outcome.VERIFIED] >= 8


async def test_a_provider_is_not_given_more_than_its_cap(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=3, applications=2)
    rewrite(sandbox, {"max_running_per_provider": 2})
    assert (await run(sandbox, ear)).totals == {Outcome.VERIFIED: 6}
    assert most_at_once(made(sandbox)) <= 2


async def test_what_ends_badly_or_is_refused_gives_its_place_back(api: StartApi, ear: Ear) -> None:
    refused = {"kind": "answer", "call": "create", "status": 422, "message": "no", "first": 1, "every": 3}
    sandbox = api(refused, {"kind": "fail", "call": "backup", "every": 2}, servers=2, applications=4)
    rewrite(sandbox, {"max_running_per_server": 1})
    report = await run(sandbox, ear)
    assert sum(report.totals.values()) == 8
    assert report.totals.keys() == {Outcome.VERIFIED, Outcome.UNVERIFIED, Outcome.REJECTED}
    assert most_at_once([row for row in made(sandbox) if row["server_id"] == 15]) == 1


async def test_one_that_is_never_complete_is_given_up_and_the_others_go_on(api: StartApi, ear: Ear) -> None:
    sandbox = api({"kind": "stuck", "call": "backup", "application": 4246}, servers=1, applications=3)
    rewrite(sandbox, {"max_running_per_server": 1})
    report = await run(sandbox, ear, verify_timeout=1.0)
    assert report.totals == {Outcome.UNVERIFIED: 1, Outcome.VERIFIED: 2}
    assert "not complete after 1 s" in next(each.reason for each in report.targets if each.application_id == 4246)


async def test_what_an_earlier_run_of_the_key_has_started_counts(api: StartApi, ear: Ear) -> None:
    sandbox = api(
        {"kind": "answer", "call": "create", "status": 422, "message": "no", "every": 3}, servers=1, seconds=1.0
    )
    first = await run(sandbox, ear, run_key="k", verify=False)
    assert first.totals == {Outcome.CREATED: 2, Outcome.REJECTED: 1}
    rewrite(sandbox, {"max_running_per_server": 1})
    assert (await run(sandbox, ear, run_key="k")).exit_code == 0
    earlier, last = made(sandbox)[:2], made(sandbox)[2]
    assert all(row["updated_at"] <= last["created_at"] for row in earlier)


async def test_without_caps_the_same_requests_are_sent_as_before(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=2, applications=3)
    report = await run(sandbox, ear)
    assert report.totals == {Outcome.VERIFIED: 6}
    assert report.requests.by_call["create backup"] == 6
    assert most_at_once(made(sandbox)) > 1
    assert report.notes == []


async def test_a_window_that_closes_in_the_middle(api: StartApi, ear: Ear, clock: Clock, monkeypatch: Any) -> None:
    """What was not started is expired; the same run key goes on in the next window; nothing is made twice."""
    sandbox = api(servers=2, applications=3)
    rewrite(sandbox, {}, window=NIGHT)
    monkeypatch.setattr(create_phase, "BEGUN_AT_ONCE", 1)
    monkeypatch.setattr(create_phase, "BEGUN_AT_FIRST", 1)
    clock.closes_after = 2
    first = await run(sandbox, ear, run_key="nightly")
    assert first.totals == {Outcome.VERIFIED: 2, Outcome.EXPIRED: 4}
    assert first.exit_code == 3
    assert len(made(sandbox)) == 2
    expired = [target for target in first.targets if target.outcome is Outcome.EXPIRED]
    assert {target.reason for target in expired} == {f"outside its window {NIGHT}, which opens on 2030-01-11 at 01:00"}
    assert all(target.attempts == 0 for target in expired)
    words = "backups were still running, or not yet seen complete, when the window"
    assert first.notes == [f"2 {words} {NIGHT} closed at 05:00"]

    clock.now = CLOSED + timedelta(hours=8)
    at_noon = await run(sandbox, ear, run_key="nightly")
    assert (at_noon.exit_code, at_noon.totals[Outcome.EXPIRED]) == (3, 4)
    clock.now = OPEN + timedelta(days=1)
    second = await run(sandbox, ear, run_key="nightly")
    assert second.exit_code == 0
    assert second.requests.by_call["create backup"] == 4
    assert set(Counter(row["application_id"] for row in made(sandbox)).values()) == {1}


async def test_what_waits_for_a_place_when_its_window_closes_is_expired(api: StartApi, ear: Ear, clock: Clock) -> None:
    sandbox = api(servers=1, applications=3)
    rewrite(sandbox, {"max_running_per_server": 1}, window=NIGHT)
    clock.closes_after = 1
    assert (await run(sandbox, ear)).totals == {Outcome.VERIFIED: 1, Outcome.EXPIRED: 2}
    assert len(made(sandbox)) == 1


async def test_outside_the_window_a_whole_run_is_expired_and_sends_no_create(
    api: StartApi, ear: Ear, clock: Clock
) -> None:
    sandbox = api(servers=1, applications=3)
    rewrite(sandbox, {}, window=NIGHT)
    clock.now = CLOSED
    report = await run(sandbox, ear)
    assert (report.exit_code, report.totals) == (4, {Outcome.EXPIRED: 3})
    assert "create backup" not in report.requests.by_call
    assert ear.acted == 0


async def test_what_is_in_doubt_is_looked_up_also_outside_the_window(api: StartApi, ear: Ear, clock: Clock) -> None:
    """It was made, and only its answer was lost: adopted. It was not made, and the window is closed: in doubt."""
    lost = {"kind": "answer", "call": "create", "status": 500, "moment": "after", "application": 4246}
    never = {"kind": "answer", "call": "create", "status": 500, "application": 4247}
    sandbox = api(lost, never, servers=1, applications=2)
    rewrite(sandbox, {}, window=NIGHT)
    clock.closes_after = 2
    report = await run(sandbox, ear)
    assert {each.application_id: each.outcome for each in report.targets} == {
        4246: Outcome.ADOPTED,
        4247: Outcome.IN_DOUBT,
    }
    assert len(made(sandbox)) == 1
    assert report.requests.by_call["create backup"] == 2


async def test_plans_that_start_in_their_window_are_made_at_any_time_and_only_once(
    api: StartApi, ear: Ear, clock: Clock
) -> None:
    sandbox = api(servers=2, applications=3)
    plan = {"automatic_backup": True, "schedule": "Every Day", "start_in_window": True}
    rewrite(sandbox, {"max_running_per_server": 1}, window=NIGHT, **plan)
    clock.now = CLOSED
    assert (await run(sandbox, ear)).totals == {Outcome.CREATED: 6}
    with closing(State(sandbox.folder)) as state:
        starts = [row["starts_at"] for row in state.rows("SELECT starts_at FROM configurations")]
    assert len(set(starts)) == 6
    again = await run(sandbox, ear)
    assert again.totals == {Outcome.ADOPTED: 6}
    assert all(not target.reason for target in again.targets)


async def test_a_plan_that_starts_at_once_holds_its_place_until_its_first_backup_is_complete(
    api: StartApi, ear: Ear
) -> None:
    sandbox = api(servers=1, applications=2)
    plan = {"automatic_backup": True, "schedule": "Every Day", "start_backup_from_now": True}
    rewrite(sandbox, {"max_running_per_server": 1}, **plan)
    assert (await run(sandbox, ear)).totals == {Outcome.VERIFIED: 2}
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as client:
        log = (await client.get("/_sandbox/requests")).json()["log"]
    creates = [request["time"] for request in log if request["call"] == "create"]
    assert made(sandbox)[0]["updated_at"] <= creates[1]
