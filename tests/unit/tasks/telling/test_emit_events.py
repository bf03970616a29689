"""Which earlier runs count when several bad ones in a row are looked for."""

from typing import Any, Self
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Crashed, Failed

from fleet.monitoring.events import Ending
from flows.fleet_backup import fleet_backup
from tasks.run.missed_run import SKIPPED
from tasks.telling import emit_events as emit
from tasks.telling.announced_run import AnnouncedRun

pytestmark = pytest.mark.anyio
FLOW = uuid4()


class Server:
    """In place of Prefect's client: it has these runs of the flow, the newest first."""

    def __init__(self, *runs: FlowRun) -> None:
        self.runs = list(runs)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def read_flow_runs(self, **_: object) -> list[FlowRun]:
        return self.runs


def a_run(state: State[Any], fleet: str = "/srv/shops.yaml", **parameters: object) -> FlowRun:
    return FlowRun(flow_id=FLOW, state=state, parameters={"fleet_file": fleet, **parameters})


async def earlier(monkeypatch: pytest.MonkeyPatch, *runs: FlowRun) -> list[Ending]:
    """The endings before the newest of these runs, which is the one that is told."""
    monkeypatch.setattr(emit, "get_client", lambda: Server(*runs))
    return await emit._earlier_endings(AnnouncedRun(fleet_backup, runs[0], Failed()))


async def test_a_skipped_run_between_two_bad_ones_ends_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a kind of Completed, and would else hide that every run that was made went wrong."""
    skipped = a_run(Completed(name=SKIPPED))
    found = await earlier(monkeypatch, a_run(Failed()), skipped, a_run(Crashed()), skipped, a_run(Failed()))
    assert found == [Ending.FAILED, Ending.FAILED]


async def test_dry_runs_and_other_fleets_do_not_count_and_good_runs_do(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await earlier(
        monkeypatch,
        a_run(Failed()),
        a_run(Completed(), dry_run=True),
        a_run(Completed(), fleet="/srv/blogs.yaml"),
        a_run(Completed(name="WithWarnings")),
        a_run(Completed(), fleet="/elsewhere/shops.yaml"),
        a_run(Failed()),
    )
    assert found == [Ending.WITH_WARNINGS, Ending.COMPLETED, Ending.FAILED]
