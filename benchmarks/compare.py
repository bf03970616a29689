"""Compare `fleet-backup` with what people use instead, on the same fleets and the same API.

    make benchmark              (or: .venv/bin/python -m benchmarks.compare)
    make benchmark QUICK=--quick

Each program runs alone, on an untouched sandbox of its own, with the same fleet. Writes docs/benchmarks.json,
docs/benchmarks.md and the plots. Exit code 0 if the project lost and doubled nothing and its cost grows linearly.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpx

from benchmarks.conditions import APPLICATIONS_PER_SERVER, CONDITIONS, FAULTS, LIMIT, NO_LIMIT, Conditions
from benchmarks.growth import fit
from benchmarks.measurement import Comparison, Machine, Measurement, NotRun
from benchmarks.measuring import measure
from benchmarks.page import page
from benchmarks.peer import ALL, PROJECT, TOOLS, Peer
from deployments.server.local_server import local_server

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
SIZES: Final = {True: (20, 60, 200), False: (100, 1_000, 5_000)}
FAULTS_SIZE: Final = {True: 100, False: 300}
MOST_SECONDS: Final = {True: 20.0, False: 600.0}
"""A program that is expected to need longer on a fleet is not run on it; the project always is."""


def main() -> int:
    """Measure everything, write it, and say whether the project keeps what it promises."""
    parser = argparse.ArgumentParser(description="Compare fleet-backup with what people use instead.")
    parser.add_argument("--quick", action="store_true", help="small fleets, about two minutes; for development")
    parser.add_argument("--output", type=Path, default=DOCS, help="folder of the results (default: docs)")
    options = parser.parse_args()
    if not (TOOLS / "ansible-playbook").exists():
        parser.error("Ansible is not installed; start with `make benchmark`")
    options.output.mkdir(parents=True, exist_ok=True)
    results = options.output / "benchmarks.json"
    comparison = compare(results, quick=options.quick)
    (options.output / "benchmarks.md").write_text(page(comparison), "utf-8")
    plot = [str(TOOLS / "python"), str(ROOT / "benchmarks" / "plot.py"), str(results), str(options.output / "pictures")]
    subprocess.run(plot, check=True)  # noqa: S603 - ours
    print(page(comparison))
    return 0 if keeps_its_promise(comparison, times=not options.quick) else 1


def compare(results: Path, *, quick: bool) -> Comparison:
    """Run every program under all conditions, the smallest fleets first; what is measured is written down at once."""
    comparison = Comparison(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        command="make benchmark" + (" QUICK=--quick" if quick else ""),
        revision=_output("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        machine=_machine(),
        measured=[],
        not_run=[],
    )
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-", ignore_cleanup_errors=True) as folder,
        local_server(Path(folder) / "prefect") as prefect,
    ):
        _warm_up(Path(folder) / "warm-up", prefect)
        for number, (peer, conditions, targets) in enumerate(_plan(quick=quick)):
            expected = expected_seconds(comparison, peer, conditions, targets)
            if expected > MOST_SECONDS[quick] and peer.name != PROJECT:
                _note_not_run(comparison, peer, conditions, targets, expected)
            else:
                cell = Path(folder) / str(number)
                cell.mkdir()
                comparison.measured.append(_say(measure(cell, peer, conditions, targets, prefect)))
                if peer.uses_prefect:
                    _wait_until_idle(prefect)
            comparison.write(results)
    return comparison


def expected_seconds(comparison: Comparison, peer: Peer, conditions: Conditions, targets: int) -> float:
    """Tell from smaller fleets how long a program will need; 0 where nothing is known.

    Two sizes tell apart what its start costs; one is taken as it is, start included. Under a limit, the program
    needs the windows for its requests at the least.
    """
    smaller = comparison.of(peer.name, conditions.name)
    known = smaller or [row for row in comparison.of(peer.name, NO_LIMIT.name) if row.targets <= targets]
    if not known:
        return 0.0
    growth = targets / known[-1].targets
    waits = conditions.least_seconds(round(known[-1].requests * growth))
    seconds = known[-1].seconds * growth
    if len(known) > 1 and known[-1].targets < targets:
        line = fit([(row.targets, row.seconds) for row in known[-2:]])
        seconds = min(seconds, max(known[-1].seconds, line.start + line.each * targets))
    return max(seconds, waits)


def keeps_its_promise(comparison: Comparison, *, times: bool) -> bool:
    """Whether the project doubled nothing, lost nothing in silence, and grows linearly in requests and in time.

    Args:
        comparison: what was measured.
        times: whether the fleets are large enough for their times to mean anything.
    """
    rows = [row for row in comparison.measured if row.peer == PROJECT]
    good = all(row.duplicates == 0 for row in rows)
    good &= all(row.exit_code == 0 and row.lost == 0 for row in rows if row.conditions != FAULTS.name)
    good &= all(row.exit_code != 0 for row in rows if row.lost)
    for conditions in (NO_LIMIT, LIMIT):
        measured = comparison.of(PROJECT, conditions.name)
        good &= fit([(row.targets, float(row.requests)) for row in measured]).is_linear
        good &= not times or fit([(row.targets, row.seconds) for row in measured]).is_linear
    return good


def _warm_up(folder: Path, prefect: str) -> None:
    """Let the Prefect server see a first run that nobody counts: it is several times slower than the second."""
    folder.mkdir()
    measure(folder, ALL[0], NO_LIMIT, APPLICATIONS_PER_SERVER, prefect)
    _wait_until_idle(prefect)


def _plan(*, quick: bool) -> Iterator[tuple[Peer, Conditions, int]]:
    for conditions in CONDITIONS:
        sizes = (FAULTS_SIZE[quick],) if conditions is FAULTS else SIZES[quick]
        for targets in sizes:
            yield from ((peer, conditions, targets) for peer in ALL if peer.sends or conditions is NO_LIMIT)


def _note_not_run(comparison: Comparison, peer: Peer, conditions: Conditions, targets: int, expected: float) -> None:
    comparison.not_run.append(
        NotRun(peer=peer.name, conditions=conditions.name, targets=targets, expected_seconds=round(expected, 1))
    )
    print(f"{peer.name:<24} {conditions.name:<9} {targets:>6}  not run: about {expected:.0f} s", file=sys.stderr)


def _say(row: Measurement) -> Measurement:
    line = f"{row.peer:<24} {row.conditions:<9} {row.targets:>6}  {row.seconds:7.1f} s  {row.requests:>6} requests"
    line += f"  {row.duplicates} duplicates  {row.lost} lost  exit code {row.exit_code}"
    print(line, file=sys.stderr, flush=True)
    return row


def _wait_until_idle(prefect: str, seconds: float = 60.0) -> None:
    """Wait until the Prefect server has recorded what it was sent, so that the next program has it for itself."""
    deadline, counts = time.monotonic() + seconds, [-2, -1]
    while counts[-1] != counts[-2] and time.monotonic() < deadline:
        time.sleep(2.0)
        counts.append(int(httpx.post(f"{prefect}/task_runs/count", json={}, timeout=60, trust_env=False).json()))


def _machine() -> Machine:
    ansible = _output(str(TOOLS / "ansible-playbook"), "--version").partition("]")[0].rpartition(" ")[2]
    return Machine(
        cores=os.cpu_count() or 1,
        system=platform.system(),
        python=platform.python_version(),
        prefect=version("prefect"),
        ansible=ansible,
    )


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - ours


if __name__ == "__main__":
    sys.exit(main())
