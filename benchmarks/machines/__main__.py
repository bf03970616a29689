"""Many machines, by Prefect alone: how long `all-fleets` takes on one, two and three workers.

    .venv/bin/python -m benchmarks.machines [--kill] [--workers N ...]

As root, since each worker has a process and a network namespace of its own; with PostgreSQL's programs installed.
Ten fleets of ten accounts, each with a rate limit of its own; a real Prefect server and a ledger on PostgreSQL;
deployed with `fleet-backup deploy fleets.yaml`. Exit code 0 only if every application has one backup, and each more
worker shortens it.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.machines.accounts import APPLICATIONS, LIMIT, SERVERS
from benchmarks.machines.evening import PLACES, play
from benchmarks.machines.table import Evening, problems, table
from tests.postgresql import cluster

_BEFORE_KILL: Final = 2
"""Workers, of which one is lost."""


def main() -> int:
    """Play the evenings, and print them side by side."""
    parser = argparse.ArgumentParser(description="Back up fleets of many accounts on one, two and three workers.")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 3], metavar="N", help="(default: 1 2 3)")
    parser.add_argument("--kill", action="store_true", help="and on two workers, one of which loses its power")
    parser.add_argument("--fleets", type=int, default=10, help="fleets, each of an account of its own (default: 10)")
    parser.add_argument("--folder", type=Path, help="keep what the programs wrote there (default: nothing is kept)")
    options = parser.parse_args()
    print(f"$ .venv/bin/python -m benchmarks.machines {' '.join(sys.argv[1:])}".rstrip())
    print(
        f"\n{options.fleets} fleets of {options.fleets} accounts, each of {SERVERS * APPLICATIONS} backups and {LIMIT} "
        f"requests a minute; {PLACES} runs at a time on each worker\n",
        flush=True,
    )
    evenings = list(_played(options))
    for line in table(evenings, LIMIT):
        print(line)
    print("\nleast: the seconds that the requests of the busiest account take at its full limit")
    print("last begins, longest run: seconds until the last fleet's run begins; of the longest run of a fleet")
    for evening in evenings:
        if evening.lost_at is not None:
            print(f"one lost: after {evening.lost_at} creates; {evening.continued} dead runs were continued")
    wrong = problems(evenings)
    print(f"\nverdict: {'; '.join(wrong) or 'each backup made once, and each more worker shortens it'}")
    return 1 if wrong else 0


def _played(options: argparse.Namespace) -> Iterator[Evening]:
    wanted = [(workers, False) for workers in options.workers] + [(_BEFORE_KILL, True)] * options.kill
    with tempfile.TemporaryDirectory() as temporary, cluster() as postgresql:
        for workers, kill in wanted:
            folder = (options.folder or Path(temporary)) / f"{workers}{'-one-lost' if kill else ''}"
            evening = play(folder, postgresql.url, options.fleets, workers, kill=kill)
            print(f"{folder.name}: {evening.seconds:.0f} s, {': '.join(evening.verdict)}", file=sys.stderr, flush=True)
            yield evening


if __name__ == "__main__":
    sys.exit(main())
