"""Chaos: proof that `fleet-backup run` never creates twice in silence and never loses a target.

    .venv/bin/python -m benchmarks.chaos --targets 2000 --seed 1

A sandbox with seeded faults; runs with one run key that are killed with SIGKILL at every named step of the protocol
and at random moments; then runs without kills until all is done. What exists is counted in the sandbox's own records.
Exit code 0 only if nothing was lost and nothing made twice in silence.
"""

import argparse
import platform
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.chaos.api import FAULTS, LATE_SECONDS, PLAN_FAULTS, STANDING, ChaosApi, serving
from benchmarks.chaos.beside import Beside, beside_round
from benchmarks.chaos.fleet import write_fleet
from benchmarks.chaos.postgresql import disturbed
from benchmarks.chaos.runs import Ended, Kill, Runner, kills
from benchmarks.chaos.table import Round, table
from benchmarks.chaos.truth import compare
from deployments.server.local_server import local_server
from fleet.creation.fault_points import FaultPoint
from fleet.proof.absence import LONGEST_SETTLE
from tests.postgresql import Cluster, cluster, new_database

SLOW_SECONDS: Final = 120.0
"""How long runs without a kill may take beyond the time after which an absence is proven, however often it was sent."""
OLDER_BACKUPS: Final = 60
A_WEEK: Final = 7 * 86400.0
_BROKEN: Final = "THE PROMISE IS BROKEN"


def main() -> int:
    """Run both rounds and print what was found."""
    parser = argparse.ArgumentParser(description="Kill fleet-backup again and again; count what it made.")
    parser.add_argument("--targets", type=int, default=2000, help="instant backups (60 for a quick look)")
    parser.add_argument("--seed", type=int, default=1, help="decides faults and kills")
    parser.add_argument("--folder", type=Path, help="keep what the runs wrote there (default: nothing is kept)")
    parser.add_argument(
        "--dialect", default="documented", help="how the API speaks (`python -m sandbox --dialect list`)"
    )
    parser.add_argument("--others", type=int, default=0, help="backups of people and plans beside ours, four kills")
    parser.add_argument(
        "--postgresql", action="store_true", help="a ledger on PostgreSQL, restarted 20 times and cut off 40 times"
    )
    options = parser.parse_args()
    print(f"$ .venv/bin/python -m benchmarks.chaos {' '.join(sys.argv[1:])}")
    print(_versions(), flush=True)
    dialect, targets, seed = options.dialect, options.targets, options.seed
    with _folder(options.folder) as folder, local_server(folder / "prefect") as prefect:
        if options.others:
            beside = beside_round(folder / "beside", prefect, Beside(targets, options.others, seed, dialect))
            print("\n".join(beside.lines()))
            print(f"\nverdict: {'each once, none lost, each stand-in said' if beside.is_good else _BROKEN}")
            return 0 if beside.is_good else 1
        with cluster() if options.postgresql else nullcontext() as database:
            rounds = [
                instant_round(folder / "instant", prefect, targets, seed, dialect, database),
                plan_round(folder / "plans", prefect, max(8, targets // 50), seed, dialect, database),
            ]
    for ended in rounds:
        print("\n".join(["", *table(ended)]))
    good = not any(ended.truth.is_bad for ended in rounds) and rounds[0].runs[-1].code == 0
    print(f"\nverdict: {'nothing lost, nothing made twice in silence' if good else _BROKEN}")
    return 0 if good else 1


def instant_round(folder: Path, prefect: str, targets: int, seed: int, dialect: str, database: Cluster | None) -> Round:
    """Instant backups: every step and random moments, then to the end."""
    with serving(folder / "api", targets, seed, "--dialect", dialect) as api:
        api.add(STANDING)
        older = api.make_older_backups(min(OLDER_BACKUPS, targets))
        time.sleep(LATE_SECONDS)  # Without names, what the list shows only later is not told from what a run has made.
        api.add(FAULTS)
        runner = Runner(folder, api.url, prefect, new_database(database.url) if database else None)
        with disturbed(database, api, targets) as outages:
            for number, kill in enumerate(kills(targets, seed)):
                write_fleet(folder, api, kill.targets)
                api.turn(number)
                if kill.step is None:
                    _say(runner.run("chaos", kill))
                else:
                    runner.run_to_step("chaos", kill)
                    _say(runner.ended[-1])
            wanted = write_fleet(folder, api, targets)
            last_at = time.monotonic() + LONGEST_SETTLE + SLOW_SECONDS
            while _say(runner.run("chaos")).code != 0 and time.monotonic() < last_at:
                pass
        api.settle()
        last, before = runner.ended[-1], api.requests()
        rows = [_backup_row(row) for row in api.backups() if row["id"] > older]
        _say(runner.run("chaos"))
        again = _writes(api.requests()) - _writes(before)
        truth = compare(wanted, rows, last.report)
        ended = tuple(runner.ended[:-1])
        return Round("instant backups", targets, ended, truth, again, before, api.faults(), outages)


def plan_round(folder: Path, prefect: str, targets: int, seed: int, dialect: str, database: Cluster | None) -> Round:
    """Automatic plans, of which every create fails after the plan was made: killed, run again, and under other keys."""
    start = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    at_once, later = {"start_backup_from_now": True}, {"start_backup_from_now": False, "start_backup": start}
    with serving(folder / "api", targets, seed, "--dialect", dialect) as api:
        api.add(PLAN_FAULTS)
        plan = {"automatic_backup": True, "schedule": "Every Week"}
        wanted = write_fleet(folder, api, targets, {**plan, **at_once}, {**plan, **later})
        runner = Runner(folder, api.url, prefect, new_database(database.url) if database else None)
        runner.run_to_step("plans-1", Kill(targets, FaultPoint.AFTER_ANSWER, targets // 2))
        _say(runner.ended[-1])
        for number, run_key in enumerate(("plans-1", "plans-2", "plans-3")):
            api.turn(number)
            _say(runner.run(run_key))
            if run_key == "plans-2":
                api.advance(A_WEEK)  # The first backups show, and with them their plans.
        before = api.requests()
        last = _say(runner.run("plans-4"))
        again = _writes(api.requests()) - _writes(before)
        truth = compare(wanted, _plan_rows(api), last.report)
        return Round("automatic plans", targets, tuple(runner.ended[:-1]), truth, again, before, api.faults())


def _backup_row(row: Mapping[str, Any]) -> dict[str, Any]:
    complete = row["status"] == "Completed" and not row["deleted"]
    return {"key": (row["server_id"], row["application_id"]), "ids": {row["id"]}, "complete": complete}


def _plan_rows(api: ChaosApi) -> list[dict[str, Any]]:
    made: defaultdict[int, set[int]] = defaultdict(set)
    for row in api.backups():
        made[row["backup_config_id"]].add(row["id"])
    return [
        {"key": (row["server_id"], row["request"]["application_id"]), "ids": made[row["id"]], "complete": True}
        for row in api.plans()
    ]


def _writes(requests: Mapping[str, Any]) -> int:
    return sum(requests["by_call"].get(call, 0) for call in ("create", "update", "destroy"))


def _say(ended: Ended) -> Ended:
    print(f"  {f'killed at {ended.death}' if ended.death else f'ended with exit code {ended.code}'}", file=sys.stderr)
    return ended


def _versions() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("fleet-backup", "prefect", "sqlalchemy"))
    return f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}"


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
