"""One evening: `all-fleets` runs on so many workers, and what came of it."""

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.machines.accounts import save_credentials, served, tokens, write_fleets
from benchmarks.machines.table import Evening
from benchmarks.outages.machine import Machine
from benchmarks.outages.prefect_server import until
from benchmarks.outages.stage import FINAL, Stage, around
from deployments.declaration import POOL
from tasks.phases.continue_run import CONTINUED_STATE

PLACES: Final = 4
"""Runs that each worker takes at the same time."""
LONGEST_SECONDS: Final = 1800.0
_SUBMITTING: Final = re.compile(r"submitting flow run '([0-9a-f-]{36})'")
_ABORTED: Final = re.compile(r"Aborted submission of flow run '([0-9a-f-]{36})'")
"""Two workers reached for a run, and the server gave it to the other."""


def play(folder: Path, postgresql: str, fleets: int, workers: int, *, kill: bool = False) -> Evening:
    """Back all fleets up together on so many workers, each on a machine of its own.

    Args:
        folder: of everything; it is created.
        postgresql: a server, for Prefect and the ledger.
        fleets: how many, each of an account of its own.
        workers: how many.
        kill: let the machine that `all-fleets` runs on lose its power when half of the creates are sent.
    """
    folder.mkdir(parents=True)
    of_accounts = tokens(fleets)
    with served(folder, of_accounts) as api:
        write_fleets(folder, api, fleets)
        targets = len(api.world()["applications"])
        with around(api, folder, postgresql, targets, {}) as stage:
            save_credentials(stage, of_accounts)
            stage.command("deploy", "fleets.yaml")
            machines = _started(stage, workers)
            began = time.monotonic()
            run = stage.begin("all_fleets/all-fleets")
            lost_at = _lose_one(stage, machines, run) if kill else None
            until(lambda: bool(_ends(stage)), "the verdict", LONGEST_SECONDS)
            seconds = time.monotonic() - began
            until(lambda: _all_ended(stage), "the end of the runs")
            return _evening(stage, machines, fleets, seconds, lost_at)


def _started(stage: Stage, workers: int) -> list[Machine]:
    """Start the workers, and wait until Prefect knows them all."""
    machines = [stage.worker(f"worker-{number}", "--limit", str(PLACES)) for number in range(1, workers + 1)]
    for machine in machines:
        machine.start()
    until(lambda: _online(stage) == workers, "the workers")
    return machines


def _online(stage: Stage) -> int:
    return len(stage.prefect.ask("POST", f"/work_pools/{POOL}/workers/filter", {}))


def _lose_one(stage: Stage, machines: Sequence[Machine], run: str) -> int:
    """Cut the power of the machine of a run when half is sent; return how many creates were sent."""
    until(lambda: stage.sent() >= stage.targets // 2, "half of the creates")
    (machine,) = (machine for machine in machines if run in _taken_by(machine))
    sent = stage.sent()
    machine.lose()
    return sent


def _taken_by(machine: Machine) -> set[str]:
    """The ids of the runs that the worker on a machine has taken, by what it logged."""
    log = (machine.home / "machine.log").read_text("utf-8", "replace")
    return set(Counter(_SUBMITTING.findall(log)) - Counter(_ABORTED.findall(log)))


def _ends(stage: Stage) -> list[dict[str, Any]]:
    """The run of `all-fleets` that has ended and is not continued by another one."""
    runs = stage.runs("all_fleets")
    return [run for run in runs if run["state_type"] in FINAL and run["state"]["name"] != CONTINUED_STATE]


def _all_ended(stage: Stage) -> bool:
    return all(run["state_type"] in FINAL for run in stage.runs())


def _evening(stage: Stage, machines: Sequence[Machine], fleets: int, seconds: float, lost_at: int | None) -> Evening:
    stage.api.settle()
    rows = stage.api.backups()
    asked = stage.api.requests()
    (verdict,) = _ends(stage)
    runs, together = stage.runs(), stage.runs("all_fleets")
    return Evening(
        workers=len(machines),
        lost_at=lost_at,
        seconds=seconds,
        last_begins=(max(_times(runs, "start_time")) - min(_times(together, "created"))).total_seconds(),
        longest_run=max((run["total_run_time"] for run in runs if run["state_type"] == "COMPLETED"), default=0.0),
        targets=stage.targets,
        made=stage.made(),
        complete=sum(row["status"] == "Completed" for row in rows),
        requests=[int(asked["by_account"].get(str(number), 0)) for number in range(1, fleets + 1)],
        refused=int(asked["by_status"].get("429", 0)),
        taken=[len(_taken_by(machine)) for machine in machines],
        continued=sum(run["state"]["name"] == CONTINUED_STATE for run in [*runs, *together]),
        verdict=(verdict["state"]["name"], verdict["state"]["message"]),
        misnamed=list(_misnamed(runs)),
    )


def _times(runs: Sequence[dict[str, Any]], what: str) -> list[datetime]:
    return [datetime.fromisoformat(run[what]) for run in runs if run[what]]


def _misnamed(runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Names of runs that do not show people what is backed up, when, and that `all-fleets` started it."""
    for run in runs:
        name: str = run["name"]
        if not (name.startswith("back up ") and name.endswith(" · all-fleets") and " UTC · " in name):
            yield name
