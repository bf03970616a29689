"""SIGTERM, wherever it meets the process: the run ends as interrupted, and reports how far it came."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from fleet.creation.fault_points import FaultPoint
from fleet.report.outcome import Exit, Outcome
from fleet.report.report import Report
from flows import back_up
from flows.fleet_backup import fleet_backup
from tasks.creating import sender
from tasks.run.termination import termination_ends_this
from tests.flows.conftest import Api, Ear

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]


@pytest.fixture(autouse=True)
def the_test_outlives_it() -> Iterator[None]:
    """Prefect hands the signal on to whoever handled it before."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGTERM, before)


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def terminate_in_a_task() -> None:
    terminate()


in_a_task: set[asyncio.Task[None]] = set()


@pytest.mark.parametrize(
    "meet",
    [
        terminate,
        lambda: asyncio.get_running_loop().call_soon(terminate),
        lambda: in_a_task.add(asyncio.create_task(terminate_in_a_task())),
    ],
    ids=["while a create is handled", "in a callback of the loop", "in any other task"],
)
async def test_it_ends_the_run(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, meet: Callable[[], object]
) -> None:
    sandbox = api(servers=1, applications=12)
    met = False

    def reach(at: FaultPoint) -> None:
        nonlocal met
        if at is FaultPoint.AFTER_ANSWER and not met:
            met = True
            meet()

    monkeypatch.setattr(sender, "reach", reach)
    report = await interrupted(sandbox, ear)
    outcomes = [target.outcome for target in report.targets]
    assert Outcome.NOT_TRIED in outcomes
    assert len(outcomes) == 12


async def test_it_ends_the_run_that_it_meets_itself(api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    async def mark_lists(*_: object) -> None:
        terminate()

    monkeypatch.setattr(back_up, "mark_lists", mark_lists)
    report = await interrupted(api(servers=1, applications=2), ear)
    assert [target.outcome for target in report.targets] == [Outcome.NOT_TRIED] * 2


async def test_other_errors_of_the_loop_are_logged_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("something else")

    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(None)  # As in a run: a handler of its own is the test runner's.
    try:
        with termination_ends_this():
            loop.call_soon(fail)
            await asyncio.sleep(0)
    finally:
        loop.set_exception_handler(before)
    assert "Exception in callback" in caplog.text
    assert "something else" in caplog.text
    assert "Unhandled error" not in caplog.text


async def interrupted(sandbox: Api, ear: Ear) -> Report:
    running = asyncio.ensure_future(fleet_backup(sandbox.fleet, concurrency=1, return_state=True))
    await asyncio.wait({running}, timeout=60)
    assert running.done()
    assert ear.report
    assert ear.report.exit_code == Exit.INTERRUPTED
    return ear.report
