"""The outages: each does something to a run in the middle, and waits until nothing happens any more."""

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.outages.machine import Machine
from benchmarks.outages.prefect_server import until
from benchmarks.outages.stage import Stage

SILENCE_SECONDS: Final = 60.0
"""How long after everything has ended one waits for what should not come."""
AWAY_SECONDS: Final = 360.0
"""Longer than the 225 s after which Prefect renews the lease of a slot, than that lease, and than the silence after
which a run is looked at."""
_BOTH: Final = 2
"""A run, and the one that continues it."""


@dataclass(frozen=True)
class Ending:
    """How an outage ended.

    Attributes:
        done: what was done, and after how many creates.
        states: names and messages of the runs, in their order.
        next_after: seconds from the outage to the next run; None: none was needed.
        ends_well: whether the states are what they should be.
    """

    done: str
    states: list[tuple[str, str]]
    next_after: float | None
    ends_well: bool


def worker_dies(stage: Stage) -> Ending:
    """The machine of a worker loses power; another worker continues its run."""
    run, _, at, next_after = _continued_after(Machine.lose, stage)
    done = f"the worker's machine is lost after {at} creates"
    return Ending(done, _states(stage), next_after, _is_continued(stage, run))


def worker_freezes(stage: Stage) -> Ending:
    """The machine of a worker falls silent, its run is continued to the end, and then it wakes up."""
    run, machine, at, next_after = _continued_after(Machine.freeze, stage)
    machine.thaw()
    time.sleep(SILENCE_SECONDS)
    done = f"the worker's machine is stopped (SIGSTOP) after {at} creates, and goes on when all is done"
    return Ending(done, _states(stage), next_after, _is_continued(stage, run))


def server_away(stage: Stage) -> Ending:
    """The Prefect server is killed in the middle of a run, and is back after minutes."""
    _, _ = _begun_on("one", stage)
    at = stage.sent()
    stage.prefect.kill()
    time.sleep(AWAY_SECONDS)
    stage.prefect.start()
    until(lambda: _all_ended(stage), "the end of the run")
    time.sleep(SILENCE_SECONDS)
    states = _states(stage)
    done = f"the Prefect server is killed after {at} creates, and is back after {AWAY_SECONDS:.0f} s"
    return Ending(done, states, None, [name for name, _ in states] == ["Completed"])


def server_gone_at_the_end(stage: Stage) -> Ending:
    """The Prefect server is killed when the last create was sent, and is back when the run is over."""
    run, _ = _begun_on("one", stage)
    until(lambda: stage.sent() == stage.targets, "the last create")
    stage.prefect.kill()
    time.sleep(AWAY_SECONDS)
    stage.prefect.start()
    until(lambda: stage.has_ended(run), "the state of the run")
    states = _states(stage)
    done = f"the Prefect server is killed after the last create, and is back after {AWAY_SECONDS:.0f} s"
    return Ending(done, states, None, [name for name, _ in states] == ["Completed"])


def serve_loses_power(stage: Stage) -> Ending:
    """The machine of `serve` loses power in the middle of a scheduled run, and is on again after a minute."""
    schedule = {"interval": 300, "anchor_date": _soon(60), "slug": "often"}
    deployment = {
        "name": "often",
        "entrypoint": "flows/fleet_backup.py:fleet_backup",
        "parameters": {"concurrency": 1},
        "concurrency_limit": {"limit": 1, "collision_strategy": "ENQUEUE"},
        "schedules": [schedule],
    }
    (stage.folder / "often.yaml").write_text(json.dumps({"deployments": [deployment]}), "utf-8")
    words = ("serve", str(stage.folder / "fleet.yaml"), "--file", str(stage.folder / "often.yaml"))
    machine = stage.machine("served", "cli", *words, own_prefect=True)
    machine.start()
    until(lambda: stage.sent() >= stage.targets // 3, "a third of the creates")
    at = stage.sent()
    machine.lose()
    lost = time.monotonic()
    time.sleep(SILENCE_SECONDS)
    machine.start()
    database = machine.home / ".prefect" / "prefect.db"
    until(lambda: len(_served(database)) >= _BOTH, "the run that continues")
    next_after = time.monotonic() - lost
    until(lambda: _have_ended(_served(database)[:2]), "its end")
    until(lambda: len(_served(database)) > _BOTH and stage.sent() > stage.targets, "the next run of the schedule")
    stage.api.settle()
    states = _served(database)
    done = f"the machine of serve is lost after {at} creates, and is on again after {SILENCE_SECONDS:.0f} s"
    good = [name for name, _ in states[:2]] == ["Continued", "Completed"] and states[2][0] in ("Running", "Completed")
    return Ending(done, states[:3], next_after, good)


SCENES: Final[dict[str, tuple[Callable[[Stage], Ending], int]]] = {
    "worker-dies": (worker_dies, 40),
    "worker-freezes": (worker_freezes, 40),
    "server-away": (server_away, 220),
    "server-gone-at-the-end": (server_gone_at_the_end, 20),
    "serve-loses-power": (serve_loses_power, 30),
}
"""Each outage, and how many targets its fleet needs for it, at two seconds a create."""


def _begun_on(name: str, stage: Stage) -> tuple[str, Machine]:
    """Deploy, start a worker on a machine of its own and a run on it; return them when a third is sent."""
    stage.command("deploy", "fleet.yaml")
    machine = stage.worker(name)
    machine.start()
    run = stage.begin("fleet_backup/nightly", concurrency=1)
    until(lambda: stage.sent() >= min(stage.targets // 3, 20), "the first creates")
    return run, machine


def _continued_after(harm: Callable[[Machine], None], stage: Stage) -> tuple[str, Machine, int, float]:
    """Harm the machine of a run in its middle, and let another worker continue it to the end.

    Returns:
        The run, its machine, how many creates were sent by then, and the seconds until it was continued.
    """
    run, machine = _begun_on("one", stage)
    stage.worker("two").start()
    at = stage.sent()
    harm(machine)
    next_after = until(lambda: len(stage.runs()) == _BOTH, "the run that continues")
    until(lambda: _all_ended(stage), "its end")
    return run, machine, at, next_after


def _all_ended(stage: Stage) -> bool:
    return all(stage.has_ended(run["id"]) for run in stage.runs())


def _states(stage: Stage) -> list[tuple[str, str]]:
    return [(run["state"]["name"], run["state"]["message"]) for run in stage.runs()]


def _is_continued(stage: Stage, run: str) -> bool:
    first, *others = stage.runs()
    names = [first["state"]["name"], *(other["state"]["name"] for other in others)]
    return first["id"] == run and names == ["Continued", "Completed"] and "continued" in others[0]["tags"]


def _served(database: Path) -> list[tuple[str, str]]:
    """The runs of `serve`'s own Prefect server, read from its database: its network is not ours."""
    query = """
        SELECT state.name, state.message FROM flow_run JOIN flow ON flow.id = flow_run.flow_id
        JOIN flow_run_state AS state ON state.id = flow_run.state_id
        WHERE flow.name = 'fleet_backup' AND flow_run.state_type NOT IN ('SCHEDULED', 'PENDING')
        ORDER BY flow_run.created
    """
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return [(name, message or "") for name, message in connection.execute(query)]
    except sqlite3.OperationalError:
        return []  # It is locked, or being made.
    finally:
        connection.close()


def _have_ended(states: list[tuple[str, str]]) -> bool:
    return all(name not in ("Running", "Cancelling") for name, _ in states)


def _soon(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + seconds - 300))
