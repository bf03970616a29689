"""How many requests a fleet takes night after night: `python -m benchmarks.nights` prints a table.

One sandbox, one ledger, a run for each night; only the calendar is moved. The first night knows nothing; those after it
trust what was verified before, and look up the servers whose turn it is (docs/decisions/0030-trusted-targets.md). Exit
code 0 if the later nights keep what docs/costs.md says.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.engine import APPLICATIONS, environment, new_home, sandbox
from deployments.server.local_server import local_server

MOST_MEAN, MOST_WORST = 1.15, 1.2
"""Requests a verified backup, from the second night on."""


def nights_of(targets: int, nights: int, options: list[str]) -> list[dict[str, Any]]:
    """Run the nights; return for each its report, without targets, and the size of the ledger after it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with local_server(folder / "prefect") as prefect, sandbox(folder / "fleet", targets, *options) as api:
            module = [sys.executable, "-m", "benchmarks.nights.process", str(folder / "fleet.yaml"), str(nights)]
            variables = environment(prefect, new_home(folder), api)
            done = subprocess.run(module, env=variables, check=True, stdout=subprocess.PIPE)  # noqa: S603 - ours
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> int:
    """Run the nights, print them, and say whether they keep what is promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nights", description=__doc__)
    parser.add_argument("--targets", type=int, default=300, help=f"{APPLICATIONS} on each server")
    parser.add_argument("--nights", type=int, default=8)
    parser.add_argument("--sandbox", action="append", default=[], metavar="OPTION", help="handed to the sandbox")
    options = parser.parse_args()
    nights = nights_of(options.targets, options.nights, options.sandbox)
    reports = [night["report"] for night in nights]
    calls = sorted({call for report in reports for call in report["requests"]["by_call"]})
    print(f"| night | {' | '.join(calls)} | all | a backup | more than least | verdict |")
    print(f"| ---: |{' ---: |' * (len(calls) + 3)} --- |")
    for number, report in enumerate(reports, start=1):
        sent = report["requests"]
        cells = [number, *(sent["by_call"].get(call, 0) for call in calls), sent["total"]]
        cells += [f"{sent['total'] / options.targets:.3f}", sent["total"] - sent["least"], report["verdict"]]
        print(f"| {' | '.join(map(str, cells))} |")
    later = [report["requests"]["total"] / options.targets for report in reports[1:]]
    print(f"\nfrom the second night on: {sum(later) / len(later):.3f} requests a backup, at worst {max(later):.3f}")
    first, last = nights[0]["ledger"], nights[-1]["ledger"]
    each = {what: (last[what] - first[what]) / options.targets / max(1, len(later)) for what in first}
    print(f"entries and reports: {each['rows']:.2f} rows and {each['bytes'] / 1000:.2f} KB a target and night")
    verified = all(report["verdict"] == f"{options.targets} verified" for report in reports)
    return 0 if verified and sum(later) / len(later) <= MOST_MEAN and max(later) <= MOST_WORST else 1


if __name__ == "__main__":
    sys.exit(main())
