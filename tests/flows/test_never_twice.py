"""Runs after runs, on a real Prefect server: what is made, what is adopted, what is left alone."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow_async
from prefect.states import AwaitingRetry

from fleet.creation.fault_points import FaultPoint
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from fleet.report.report import Report
from flows.fleet_backup import fleet_backup
from tasks.creating import protocol, sender
from tasks.proving import prover
from tasks.telling.final_state import INCOMPLETE
from tests.flows.conftest import Api, Ear
from tests.flows.rewriting import STARTS_LATER, rewrite

pytestmark = [
    pytest.mark.anyio,
    # Prefect's clients leave sockets for the garbage collector.
]
StartApi = Callable[..., Api]

FULL = "Instant Backup is failed because you do not have enough disk space available on your server."
REFUSE_ALL = {"kind": "answer", "call": "create", "status": 500, "message": FULL}
AFTER_ALL = {"kind": "answer", "call": "create", "status": 500, "moment": "after"}
STARTS_NOW = {"automatic_backup": True, "schedule": "Every Day", "start_backup_from_now": True}


async def run(sandbox: Api, ear: Ear, **parameters: object) -> Report:
    ear.report = None
    state = await fleet_backup(sandbox.fleet, return_state=True, **parameters)
    assert isinstance(state, State)
    assert ear.report is not None, state.message
    return ear.report


def reported(ear: Ear) -> Report:
    assert ear.report is not None
    return ear.report


async def asked(sandbox: Api, method: str, what: str, **options: Any) -> Any:
    """Ask the sandbox what it knows, or tell it what is to go wrong."""
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/_sandbox", trust_env=False) as client:
        return (await client.request(method, f"/{what}", **options)).json()


async def made(sandbox: Api) -> Counter[int]:
    """How often each application was backed up."""
    return Counter(row["application_id"] for row in (await asked(sandbox, "GET", "backups"))["backups"])


async def plans(sandbox: Api) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await asked(sandbox, "GET", "plans"))["plans"]
    return rows


async def faults(sandbox: Api, *rules: dict[str, Any]) -> None:
    await asked(sandbox, "DELETE", "faults")
    if rules:
        await asked(sandbox, "POST", "faults", json=list(rules))


def creates(report: Report) -> int:
    return report.requests.by_call.get("create backup", 0)


def outcomes(report: Report) -> dict[Outcome, int]:
    return report.totals


# The same run, and another one.


async def test_the_same_key_again_sends_nothing_and_another_key_makes_anew(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=2, applications=3)
    first = await run(sandbox, ear, run_key="monday")
    assert (first.exit_code, creates(first)) == (0, 6)
    again = await run(sandbox, ear, run_key="monday")
    assert (again.exit_code, creates(again)) == (0, 0)
    assert set(outcomes(again)) <= {Outcome.VERIFIED, Outcome.ADOPTED}
    assert [target.backup_id for target in again.targets] == [target.backup_id for target in first.targets]
    other = await run(sandbox, ear, run_key="tuesday")
    assert (other.exit_code, creates(other)) == (0, 6)
    assert set((await made(sandbox)).values()) == {2}


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
async def test_when_every_create_fails_after_the_work_all_are_adopted_and_none_is_sent_twice(
    status: int, api: StartApi, ear: Ear
) -> None:
    sandbox = api(AFTER_ALL | {"status": status}, servers=2, applications=3)
    report = await run(sandbox, ear)
    assert (report.exit_code, creates(report), outcomes(report)) == (0, 6, {Outcome.ADOPTED: 6})
    assert set((await made(sandbox)).values()) == {1}


async def test_a_mended_fleet_file_is_sent_as_it_is_now(api: StartApi, ear: Ear) -> None:
    sandbox = api({**REFUSE_ALL, "message": "Invalid retention period!"}, servers=1, applications=1)
    assert outcomes(await run(sandbox, ear, run_key="k")) == {Outcome.REJECTED: 1}
    await faults(sandbox)
    rewrite(sandbox, application_extension=".tar")
    assert outcomes(await run(sandbox, ear, run_key="k")) == {Outcome.VERIFIED: 1}
    (row,) = (await asked(sandbox, "GET", "backups"))["backups"]
    assert row["application_extension"] == ".tar"


async def test_a_broken_backup_is_made_anew_by_the_same_run_key(api: StartApi, ear: Ear) -> None:
    sandbox = api({"kind": "fail", "call": "backup", "first": 1}, servers=1, applications=2)
    first = await run(sandbox, ear, run_key="k")
    assert (first.exit_code, outcomes(first)) == (3, {Outcome.UNVERIFIED: 2})
    second = await run(sandbox, ear, run_key="k")
    assert (second.exit_code, creates(second), outcomes(second)) == (0, 2, {Outcome.VERIFIED: 2})
    assert all(not target.reason for target in second.targets)
    assert creates(await run(sandbox, ear, run_key="k")) == 0


async def test_failed_from_runs_only_what_is_missing_under_the_key_of_that_run(
    api: StartApi, ear: Ear, tmp_path: Path
) -> None:
    sandbox = api(REFUSE_ALL | {"every": 3}, servers=1, applications=6)
    first = await run(sandbox, ear, run_key="nightly")
    assert outcomes(first) == {Outcome.REJECTED: 2, Outcome.VERIFIED: 4}
    (tmp_path / "report.json").write_text(first.model_dump_json(), "utf-8")
    await faults(sandbox, REFUSE_ALL | {"every": 2})
    second = await run(sandbox, ear, failed_from=str(tmp_path / "report.json"))
    assert (second.run_key, outcomes(second)) == ("nightly", {Outcome.REJECTED: 1, Outcome.VERIFIED: 1})
    await faults(sandbox)
    third = await run(sandbox, ear, failed_from="last")
    assert (third.run_key, third.exit_code, outcomes(third)) == ("nightly", 0, {Outcome.VERIFIED: 1})
    assert set((await made(sandbox)).values()) == {1}


async def test_prefects_retry_of_the_flow_is_the_same_run(api: StartApi, ear: Ear) -> None:
    sandbox = api(REFUSE_ALL | {"first": 1, "application": 4247}, servers=1, applications=3)
    parameters = {"fleet_file": str(sandbox.fleet)}
    async with get_client() as client:
        flow_run = await client.create_flow_run(fleet_backup, parameters=parameters)
        first: Any = await run_flow_async(fleet_backup, flow_run, parameters, return_type="state")
        assert first.name == INCOMPLETE
        assert reported(ear).totals == {Outcome.REJECTED: 1, Outcome.VERIFIED: 2}
        key = reported(ear).run_key
        assert key == str(flow_run.id)
        # As the button in the UI does it.
        await client.set_flow_run_state(flow_run.id, AwaitingRetry(), force=True)
        flow_run = await client.read_flow_run(flow_run.id)
    again: Any = await run_flow_async(fleet_backup, flow_run, parameters, return_type="state")
    assert again.is_completed(), again.message
    assert (reported(ear).run_key, creates(reported(ear))) == (key, 1)
    assert await made(sandbox) == {4246: 1, 4247: 1, 4248: 1}


# Plans.


async def test_plans_are_made_once_whatever_the_run(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=2, applications=3)
    rewrite(sandbox, **STARTS_LATER)
    first = await run(sandbox, ear, run_key="monday")
    assert (first.exit_code, outcomes(first)) == (0, {Outcome.CREATED: 6})
    second = await run(sandbox, ear, run_key="tuesday")
    assert (second.exit_code, creates(second), outcomes(second)) == (0, 0, {Outcome.ADOPTED: 6})
    assert len(await plans(sandbox)) == 6


@pytest.mark.parametrize("status", [500, 503])
async def test_a_plan_in_doubt_is_not_sent_again_and_is_adopted_once_its_first_backup_shows(
    status: int, api: StartApi, ear: Ear
) -> None:
    sandbox = api(AFTER_ALL | {"status": status}, servers=1, applications=2)
    rewrite(sandbox, **STARTS_LATER)
    for expected in (2, 0):
        report = await run(sandbox, ear)
        assert (report.exit_code, creates(report), outcomes(report)) == (5, expected, {Outcome.IN_DOUBT: 2})
        assert all("may show until" in target.reason for target in report.targets)
        assert all("resend plans" in target.reason for target in report.targets)
    assert len(await plans(sandbox)) == 2
    days = (date(2099, 1, 3) - datetime.now(UTC).date()).days
    await asked(sandbox, "POST", "clock", json={"advance_seconds": days * 86400})
    await asked(sandbox, "POST", "settle")
    report = await run(sandbox, ear)
    assert (report.exit_code, creates(report), outcomes(report)) == (0, 0, {Outcome.ADOPTED: 2})
    assert all(target.backup_id for target in report.targets)


async def test_a_plan_in_doubt_is_sent_again_where_somebody_says_so(api: StartApi, ear: Ear) -> None:
    sandbox = api(AFTER_ALL | {"first": 1}, servers=1, applications=1)
    rewrite(sandbox, **STARTS_LATER)
    assert outcomes(await run(sandbox, ear)) == {Outcome.IN_DOUBT: 1}
    assert outcomes(await run(sandbox, ear, resend_plans=["all"])) == {Outcome.CREATED: 1}
    assert len(await plans(sandbox)) == 2
    assert creates(await run(sandbox, ear, resend_plans=["all"])) == 0


async def test_a_plan_whose_first_backup_failed_is_there_and_is_not_made_again(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prover, "FIRST_OF_A_PLAN", 0.2)
    sandbox = api({"kind": "fail", "call": "backup"}, servers=1, applications=1)
    rewrite(sandbox, **STARTS_NOW)
    for _ in range(2):
        report = await run(sandbox, ear)
        assert (report.exit_code, outcomes(report)) == (3, {Outcome.UNVERIFIED: 1})
    await faults(sandbox)
    await asked(sandbox, "POST", "clock", json={"advance_seconds": 2 * 86400})
    await asked(sandbox, "POST", "settle")
    report = await run(sandbox, ear)
    assert (report.exit_code, outcomes(report)) == (0, {Outcome.VERIFIED: 1})
    assert len(await plans(sandbox)) == 1


async def test_drift_of_a_plan_is_told_and_changed_on_request(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=2)
    rewrite(sandbox, **STARTS_NOW)
    assert (await run(sandbox, ear)).exit_code == 0
    rewrite(sandbox, schedule="Every Week")
    told = await run(sandbox, ear)
    assert (told.exit_code, "update plan" in told.requests.by_call) == (0, False)
    expected = "schedule is 'Every Day', wanted 'Every Week'"
    assert {target.reason for target in told.targets} == {f"drift: {expected}; --update-plans changes it"}
    changed = await run(sandbox, ear, update_plans=True)
    assert (changed.exit_code, changed.requests.by_call["update plan"]) == (0, 2)
    assert {target.reason for target in changed.targets} == {f"updated: {expected}"}
    assert {plan["request"]["schedule"] for plan in await plans(sandbox)} == {"Every Week"}
    after = await run(sandbox, ear, update_plans=True)
    assert (after.exit_code, "update plan" in after.requests.by_call) == (0, False)
    assert {target.reason for target in after.targets} == {""}


async def test_a_plan_that_cannot_be_changed_stops_no_other(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=2)
    rewrite(sandbox, **STARTS_NOW)
    await run(sandbox, ear)
    rewrite(sandbox, schedule="Every Week")
    await faults(sandbox, {"kind": "answer", "call": "update", "status": 500, "every": 2})
    report = await run(sandbox, ear, update_plans=True)
    assert (report.exit_code, outcomes(report)) == (3, {Outcome.ADOPTED: 1, Outcome.REJECTED: 1})
    await faults(sandbox, {"kind": "answer", "call": "update", "status": 401})
    report = await run(sandbox, ear, update_plans=True)
    assert report.exit_code == 6
    assert Outcome.NOT_TRIED in outcomes(report)


async def test_the_id_of_a_plan_is_not_known_before_its_first_backup(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=1)
    rewrite(sandbox, **STARTS_LATER)
    await run(sandbox, ear)
    rewrite(sandbox, schedule="Every Week")
    report = await run(sandbox, ear, update_plans=True)
    assert (report.exit_code, "update plan" in report.requests.by_call) == (0, False)
    assert "its id is not known" in report.targets[0].reason


# The brakes.


async def test_max_failures_stops_sending_and_the_rest_is_not_tried(api: StartApi, ear: Ear) -> None:
    words = [REFUSE_ALL | {"application": 4246 + number, "message": f"no disk space {number}"} for number in range(40)]
    report = await run(api(*words, servers=10, applications=4), ear, max_failures=20, concurrency=2)
    assert report.exit_code == 4
    assert 10 <= outcomes(report)[Outcome.REJECTED] <= 14
    assert outcomes(report)[Outcome.NOT_TRIED] == 40 - outcomes(report)[Outcome.REJECTED]
    reasons = {target.reason for target in report.targets if target.outcome is Outcome.NOT_TRIED}
    assert all("creates failed, more than 20 %" in reason for reason in reasons)


async def test_a_server_that_refuses_everything_is_left_alone_and_the_others_are_backed_up(
    api: StartApi, ear: Ear
) -> None:
    sandbox = api(REFUSE_ALL | {"server": 15}, servers=2, applications=8)
    report = await run(sandbox, ear, concurrency=1)
    of_it = Counter(target.outcome for target in report.targets if target.server_id == 15)
    # What was under way when the third refusal came is refused, too.
    assert of_it[Outcome.NOT_TRIED] >= 1
    assert of_it[Outcome.REJECTED] + of_it[Outcome.NOT_TRIED] == 8
    assert {target.outcome for target in report.targets if target.server_id != 15} == {Outcome.VERIFIED}


# The ledger fails.


async def test_a_ledger_that_cannot_be_written_ends_the_run_before_the_first_create(
    api: StartApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sandbox = api(servers=1, applications=2)
    monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", f"sqlite:///{tmp_path}")
    with pytest.raises(LedgerError, match="unable to open"):
        await fleet_backup(sandbox.fleet)
    assert await made(sandbox) == {}


@pytest.mark.parametrize("good_saves", [0, 1, 3, 5])
async def test_a_ledger_that_fails_on_the_way_stops_the_sending_and_the_report_is_told(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, good_saves: int
) -> None:
    sandbox = api(servers=1, applications=4)
    left, write = [good_saves], Ledger._write

    async def fails(self: Ledger, group: Any) -> set[str]:
        left[0] -= 1
        if left[0] < 0:
            raise LedgerError("the ledger cannot be used: disk full")
        return await write(self, group)

    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "_write", fails)
        report = await run(sandbox, ear, run_key="k", concurrency=1)
    assert report.exit_code == 1
    assert "disk full" in report.verdict
    assert len(report.targets) == 4
    again = await run(sandbox, ear, run_key="k")
    assert again.exit_code == 0
    assert await made(sandbox) == dict.fromkeys(range(4246, 4250), 1)


async def test_a_report_that_cannot_be_kept_is_told_all_the_same(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise LedgerError("the ledger cannot be used: disk full")

    sandbox = api(servers=1, applications=2)
    monkeypatch.setattr(Ledger, "record_run", fails)
    report = await run(sandbox, ear)
    assert (report.exit_code, outcomes(report)) == (1, {Outcome.VERIFIED: 2})
    assert report.verdict == "the ledger cannot be used: disk full (2 verified)"


# Interruption.


@pytest.mark.parametrize(
    "step", [FaultPoint.AFTER_INTENT, FaultPoint.AFTER_ANSWER, FaultPoint.AFTER_OUTCOME, FaultPoint.BEFORE_LOOK]
)
@pytest.mark.parametrize("slow", [0.2, 30.0])
async def test_a_run_that_is_cancelled_tells_how_far_it_came_and_a_second_run_continues(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, step: FaultPoint, slow: float
) -> None:
    rules = [{"kind": "slow", "call": "create", "seconds": slow, "every": 3}, AFTER_ALL | {"every": 4}]
    sandbox = api(*rules, servers=2, applications=4)
    reached = asyncio.Event()
    with monkeypatch.context() as watched:
        watched.setattr(sender, "LAST_RESPONSE", 0.5)
        for module in (protocol, sender):
            watched.setattr(module, "reach", lambda now_at: reached.set() if now_at is step else None)
        running = asyncio.ensure_future(fleet_backup(sandbox.fleet, run_key="k", concurrency=2, return_state=True))
        await asyncio.wait_for(reached.wait(), 30)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert ear.report is not None
    assert ear.report.exit_code == 130
    assert len(ear.report.targets) == 8
    assert "interrupted; a run with the same key continues it" in ear.report.verdict
    await faults(sandbox)
    again = await run(sandbox, ear, run_key="k")
    assert (again.exit_code, set(outcomes(again)) <= {Outcome.VERIFIED, Outcome.ADOPTED}) == (0, True)
    assert len(await made(sandbox)) == 8
    # Where the answer was awaited in vain the API may begin its work any time later: of those there may be two.
    if slow < 1:
        assert set((await made(sandbox)).values()) == {1}
