"""Which earlier runs count when several bad ones in a row are looked for."""

from typing import Any, Self
from uuid import uuid4

import pytest
from prefect.client.schemas.filters import FlowRunFilter
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

    async def read_flow_runs(self, flow_run_filter: FlowRunFilter, **_: object) -> list[FlowRun]:
        tags = (flow_run_filter.tags.all_ if flow_run_filter.tags else None) or []
        return [run for run in self.runs if set(tags) <= set(run.tags)]


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


async def test_the_runs_of_a_listed_fleet_are_found_by_its_tag_and_told_from_a_file_of_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def of(fleet: str, state: State[Any]) -> FlowRun:
        parameters = {"fleet_file": "/srv/fleet.yaml", "fleet": fleet}
        return FlowRun(flow_id=FLOW, state=state, parameters=parameters, tags=[f"fleet:{fleet}"])

    found = await earlier(
        monkeypatch,
        of("acme", Failed()),
        of("globex", Completed()),
        a_run(Completed(), "/srv/acme.yaml"),
        of("acme", Crashed()),
        a_run(Completed(), "/srv/fleet.yaml"),
        of("acme", Failed()),
    )
    assert found == [Ending.FAILED, Ending.FAILED]
