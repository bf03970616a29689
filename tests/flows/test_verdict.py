"""The verdict is never lost: it is in the ledger and with the listener before the Prefect server gets anything."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.artifacts import acreate_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort

import tasks.publish as publishing
from fleet.creation.fault_points import FaultPoint
from fleet.ledger.reports import last_report
from fleet.report.outcome import Exit, Outcome
from fleet.report.report import Report
from flows import back_up
from flows.fleet_backup import fleet_backup
from tasks.creating import sender
from tasks.proving import prover
from tests.flows.conftest import Api, Ear

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
WARNING = "warning: the report was not published in the Prefect UI"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prover, "next_interval", lambda *_: 0.05)
    monkeypatch.setattr(publishing.publish, "retry_delay_seconds", 0)


class Refusing:
    """Prefect's artifacts, of which the first few are refused; notes what was heard by then."""

    def __init__(self, ear: Ear, refused: int, make: Callable[..., Any]) -> None:
        self.ear, self.left, self.make = ear, refused, make
        self.heard: list[Report | None] = []

    async def __call__(self, **artifact: Any) -> Any:
        self.heard.append(self.ear.report)
        self.left -= 1
        if self.left >= 0:
            raise RuntimeError("Server error '500 Internal Server Error'")
        return await self.make(**artifact)


async def ledgers_last(tmp_path: Path) -> Report | None:
    return await last_report(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "sandbox-0.yaml")


async def last_crashed() -> UUID:
    """The run that crashed last: in the other tests' deployments, others are scheduled for later."""
    crashed = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CRASHED])))
    async with get_client() as client:
        found = await client.read_flow_runs(flow_run_filter=crashed, sort=FlowRunSort.START_TIME_DESC, limit=1)
    return found[0].id


async def summaries_of(flow_run_id: UUID) -> int:
    of_run = ArtifactFilter(
        flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run_id]), key=ArtifactFilterKey(like_=f"{publishing.SUMMARY}--%")
    )
    async with get_client() as client:
        return len(await client.read_artifacts(artifact_filter=of_run))


@pytest.mark.parametrize(("refused", "warned"), [(1, False), (100, True)])
async def test_a_prefect_server_that_refuses_the_table_changes_no_verdict(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, refused: int, warned: bool
) -> None:
    sandbox = api(servers=1, applications=2)
    refusing = Refusing(ear, refused, acreate_table_artifact)
    monkeypatch.setattr(publishing, "acreate_table_artifact", refusing)
    state = await fleet_backup(sandbox.fleet, return_state=True)
    assert (state.is_completed(), state.message) == (True, "2 verified")
    assert refusing.heard
    assert [report.verdict if report is not None else None for report in refusing.heard] == ["2 verified"] * len(
        refusing.heard
    )
    kept = await ledgers_last(tmp_path)
    assert kept
    assert kept.verdict == "2 verified"
    assert any(line.startswith(WARNING) and "500" in line for line in ear.notices) is warned


async def test_a_prefect_server_that_hangs_is_not_waited_for(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(**_: Any) -> None:
        await asyncio.Event().wait()

    sandbox = api(servers=1, applications=2)
    monkeypatch.setattr(publishing, "acreate_table_artifact", hang)
    monkeypatch.setattr(back_up, "LONGEST_SECONDS", 0.2)
    state = await fleet_backup(sandbox.fleet, return_state=True)
    assert (state.is_completed(), state.message) == (True, "2 verified")
    assert f"{WARNING}: no response within 0 s" in ear.notices


async def test_an_interrupted_run_is_in_the_ledger_and_in_the_ui_and_is_continued_by_last(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(back_up, "HURRIED_SECONDS", 60.0)
    sandbox = api(servers=2, applications=4)
    reached = asyncio.Event()
    with monkeypatch.context() as watched:
        watched.setattr(sender, "reach", lambda at: reached.set() if at is FaultPoint.AFTER_ANSWER else None)
        running = asyncio.ensure_future(fleet_backup(sandbox.fleet, run_key="k", concurrency=1, return_state=True))
        await asyncio.wait_for(reached.wait(), 60)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    kept = await ledgers_last(tmp_path)
    assert kept
    assert (kept.run_key, kept.exit_code, len(kept.targets)) == ("k", Exit.INTERRUPTED, 8)
    assert ear.report == kept
    assert await summaries_of(await last_crashed()) == 1
    again = await fleet_backup(sandbox.fleet, failed_from="last", return_state=True)
    assert again.is_completed(), again.message
    assert ear.report.run_key == "k"


async def test_an_interruption_once_all_is_proven_costs_nothing_but_the_ui(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sandbox = api(servers=1, applications=2)
    reached = asyncio.Event()

    async def hang(**_: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(publishing, "acreate_table_artifact", hang)
    running = asyncio.ensure_future(fleet_backup(sandbox.fleet, return_state=True))
    await asyncio.wait_for(reached.wait(), 60)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    kept = await ledgers_last(tmp_path)
    assert kept == ear.report
    assert kept
    assert (kept.exit_code, kept.verdict) == (Exit.DONE, "2 verified")


async def test_what_nobody_expected_ends_the_run_with_a_report_of_what_is_known(
    api: StartApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def fails(*_: Any) -> None:
        raise ZeroDivisionError("a mistake of ours")

    sandbox = api(servers=1, applications=2)
    monkeypatch.setattr(back_up, "verify_backups", fails)
    state = await fleet_backup(sandbox.fleet, return_state=True)
    assert state.is_failed()
    assert state.message == "unexpected ZeroDivisionError: a mistake of ours. Please report it (2 created)"
    kept = await ledgers_last(tmp_path)
    assert kept
    assert (kept.exit_code, kept.totals) == (Exit.UNEXPECTED, {Outcome.CREATED: 2})
