"""`python -m benchmarks.engine`: the cost of the engine, compared to as many empty tasks on the same Prefect server.

Starts its own Prefect server, and sandboxes without a rate limit. Speed: empty tasks and the project's creates in turn,
each in a fresh process. Memory: peak of the project's process for a small and a large fleet. The bounds are for two
cores with nothing else running (docs/decisions/0011-speed-of-the-engine.md).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from cli.sandbox.demo_fleet import fleet_file
from deployments.server.local_server import local_server
from fleet.creation.concurrency import USUAL_CONCURRENCY
from sandbox.world.world import build_fleet_world, describe

APPLICATIONS: Final = 5
"""Targets per server."""
LEAST_CREATES: Final = 35
"""Per second, ten times what the API's largest account may send."""
MOST_MEMORY: Final = 12
"""KB per target."""
LONGEST_READING: Final = 5
"""Seconds, to read and validate a fleet file of 10,000 targets."""
PENDING: Final = ("--fault", json.dumps({"call": "backup", "kind": "pending"}))
"""The sandbox accepts creates and packs nothing: its work is not measured."""
OTHERS: Final = ("SERVERAVATAR_", "PREFECT_", "FLEET_", "XDG_")


@contextmanager
def sandbox(folder: Path, targets: int, *faults: str) -> Iterator[str]:
    """Serve that many applications; a fleet file of all of them is written beside the folder."""
    build_fleet_world(folder, servers=targets // APPLICATIONS, applications_per_server=APPLICATIONS, tiny=True)
    with folder.with_suffix(".yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(fleet_file(describe(folder)), file)
    options = ["--end-with-parent", "--requests-per-minute", "0", "--folder", str(folder)]
    command = [sys.executable, "-m", "sandbox", *options, *faults]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - ours
        assert process.stdout is not None  # noqa: S101 - for the type: it is a pipe
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def measure(kind: str, targets: int, concurrency: int, prefect: str, home: Path, api: str = "") -> dict[str, Any]:
    """Run `benchmarks.engine_process` once: seconds, seconds of processor time, and peak memory in KB.

    Args:
        kind: of the measurement.
        targets: their number; the fleet file is beside `home`.
        concurrency: maximum concurrent requests.
        prefect: URL of a Prefect server.
        home: folder of the ledger; a run is compared to the earlier ones in it.
        api: URL of a sandbox.
    """
    fleet = str(home.with_name(f"fleet-{targets}.yaml"))
    command = [sys.executable, "-m", "benchmarks.engine_process", kind, str(targets), fleet, str(concurrency)]
    done = subprocess.run(command, env=environment(prefect, home, api), check=True, stdout=subprocess.PIPE)  # noqa: S603 - ours
    measured: dict[str, Any] = json.loads(done.stdout)
    print(f"  {kind:8} {targets:6} targets, {concurrency:2} concurrent: {json.dumps(measured)}", flush=True)
    return measured


def environment(prefect: str, home: Path, api: str) -> dict[str, str]:
    """The environment of a measured process: this one's, without what other settings it has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    return kept | {
        "PREFECT_API_URL": prefect,
        "PREFECT_HOME": str(home),
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "SERVERAVATAR_API_URL": api,
        "SERVERAVATAR_API_TOKEN": "sandbox-token",
        "SERVERAVATAR_REQUESTS_PER_MINUTE": "10000000",
        "FLEET_BACKUP_LEDGER_URL": f"sqlite:///{home}/ledger.sqlite",
    }


def compare(rounds: int, targets: int, concurrencies: list[int], prefect: str, folder: Path) -> None:
    """Run empty tasks and the project in turn; print the medians, and their ratio for each concurrency."""
    with sandbox(folder / f"fleet-{targets}", targets, *PENDING) as api:
        empty: list[dict[str, Any]] = []
        project: dict[int, list[dict[str, Any]]] = {each: [] for each in concurrencies}
        for _ in range(rounds):
            empty.append(measure("empty", targets, 1, prefect, new_home(folder)))
            for each in concurrencies:
                project[each].append(measure("project", targets, each, prefect, new_home(folder), api))
    for each in concurrencies:
        rate = targets / statistics.median(it["seconds"] for it in project[each])
        line = f"{targets} targets, {each} concurrent: {rate:.0f} creates a second (bound {LEAST_CREATES});"
        for unit in ("seconds", "processor_seconds"):
            ours, floor = (statistics.median(it[unit] for it in runs) for runs in (project[each], empty))
            line += f" {unit} {ours:.2f} / {floor:.2f} of empty tasks = {ours / floor:.2f};"
        print(line, flush=True)


def remember(small: int, large: int, concurrency: int, prefect: str, folder: Path) -> None:
    """Print how peak memory grows with the fleet, for reading the fleet file alone and for a run that verifies all.

    The second run of a ledger counts: as every night, it is compared to the one before.
    """
    for kind, runs in (("load", 1), ("proven", 2)):
        peaks: list[int] = []
        of_runs: list[dict[str, Any]] = []
        for targets in (small, large):
            home = new_home(folder)
            with sandbox(folder / f"fleet-{targets}", targets) as api:
                of_runs = [measure(kind, targets, concurrency, prefect, home, api) for _ in range(runs)]
            peaks.append(of_runs[-1]["peak_kb"])
        growth = (peaks[1] - peaks[0]) / (large - small)
        peak = f"{peaks[0]} KB at {small}, {peaks[1]} KB at {large}: {growth:.2f} KB a target (bound {MOST_MEMORY})"
        bound = f" (bound {LONGEST_READING} with 10,000)" if kind == "load" else ""
        print(f"memory, {kind}: {peak}; {of_runs[-1]['seconds']} s at {large}{bound}", flush=True)


def new_home(folder: Path) -> Path:
    """A new empty folder."""
    return Path(tempfile.mkdtemp(dir=folder))


def main() -> None:
    """Measure what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--targets", type=int, default=1000, help="for the comparison")
    parser.add_argument("--concurrency", type=int, action="append", help="maximum concurrent requests; may be repeated")
    parser.add_argument("--large", type=int, default=10_000, help="targets of the large fleet; 0 skips memory")
    options = parser.parse_args()
    concurrencies = options.concurrency or [USUAL_CONCURRENCY]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        prefect = stack.enter_context(local_server(folder / "prefect"))
        compare(options.rounds, options.targets, concurrencies, prefect, folder)
        if options.large:
            remember(options.targets, options.large, concurrencies[-1], prefect, folder)


if __name__ == "__main__":
    main()
