"""Outages: what becomes of a run when a machine or a server is lost in its middle.

    .venv/bin/python -m benchmarks.outages [NAME ...]

As root, since each machine has a process and a network namespace of its own; with PostgreSQL's programs installed.
Real Prefect servers, workers and kills, Prefect's own intervals. Exit code 0 only if nothing was made twice or lost,
and each run ended as it should.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.outages.scenes import SCENES, Ending
from benchmarks.outages.stage import Stage, stage
from tests.postgresql import cluster

CREATE_SECONDS: Final = 2.0
_WRONG: Final = "NOT AS IT SHOULD BE"


def main() -> int:
    """Play the outages, and print what came of each."""
    parser = argparse.ArgumentParser(description="Lose machines and servers in the middle of runs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of them: {', '.join(SCENES)} (default: all)")
    parser.add_argument("--folder", type=Path, help="keep what the programs wrote there (default: nothing is kept)")
    options = parser.parse_args()
    print(f"$ .venv/bin/python -m benchmarks.outages {' '.join(sys.argv[1:])}".rstrip())
    good = True
    with tempfile.TemporaryDirectory() as temporary, cluster() as postgresql:
        for name in options.names or SCENES:
            play, targets = SCENES[name]
            with stage((options.folder or Path(temporary)) / name, postgresql.url, targets, CREATE_SECONDS) as here:
                began = time.monotonic()
                ending = play(here)
                is_good = ending.ends_well and _is_whole(here, name)
                print("\n".join(_lines(name, ending, here, time.monotonic() - began, is_good)), flush=True)
                good = good and is_good
    print(f"\nverdict: {'nothing made twice or lost, and each run ended as it should' if good else _WRONG}")
    return 0 if good else 1


def _is_whole(here: Stage, name: str) -> bool:
    made = here.made()
    once = set(made.values()) == {1} or name == "serve-loses-power"  # Its next run makes backups of its own.
    return len(made) == here.targets and once


def _lines(name: str, ending: Ending, here: Stage, seconds: float, is_good: bool) -> Iterator[str]:
    made = here.made()
    yield f"\n{name}{'' if is_good else f'  -- {_WRONG}'}"
    yield f"  done      {ending.done}"
    yield f"  API       {len(made)} of {here.targets} applications have a backup, {max(made.values())} at most"
    for state, message in ending.states:
        yield f"  run       {state}: {message}"
    if ending.next_after is not None:
        yield f"  next run  after {ending.next_after:.0f} s"
    yield f"  in all    {seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
