"""Dialects: what a run makes of each API that the sandbox can be, and what it costs beside the documented one.

    .venv/bin/python benchmarks/dialects.py --targets 20

For each preset a new sandbox and a new ledger; a first run, which knows nothing of the API, and a second one under
another run key, which knows what the first has learned. Exit code 0 only if every run has verified every target within
a tenth more requests than on `documented`.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.chaos.api import ChaosApi, serving
from benchmarks.chaos.fleet import write_fleet
from benchmarks.chaos.runs import Runner
from deployments.server.local_server import local_server

DOCUMENTED: Final = "documented"
PRESETS: Final = (
    *(DOCUMENTED, "nameless", "no-configuration", "cut-names", "dated-names", "slugged-names", "top-names"),
    *("prefixed-names", "other-words", "yes-no", "sizes-with-units", "no-sizes", "no-flags", "empty-sizes"),
    *("oldest-first", "no-totals", "local-time", "iso-stamps", "text-ids"),
)
"""Those that tell enough for a proof. Where every archive shows as 0, the rest of it decides, and that is said."""
MORE_REQUESTS: Final = 1.1
"""So many times the requests of `documented` a run may take."""
SETTLE_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Measured:
    """What one run came to.

    Attributes:
        preset: the dialect of the API.
        number: 1 for the run that knows nothing of it.
        code: exit code.
        outcomes: how often each.
        evidence: how often each.
        calls: requests by call.
        seconds: of the whole process.
        words: the first reason that was given, if any.
    """

    preset: str
    number: int
    code: int
    outcomes: Counter[str]
    evidence: Counter[str]
    calls: Counter[str]
    seconds: float
    words: str


def main() -> int:
    """Run on each dialect and print a table."""
    parser = argparse.ArgumentParser(description="Back up a fleet through each dialect of the API; count requests.")
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--older", type=int, default=30, help="backups of other times that the list has already")
    parser.add_argument("--calls", action="store_true", help="print the requests by call, too")
    parser.add_argument("presets", nargs="*", default=PRESETS, help="only these, beside `documented`")
    options = parser.parse_args()
    presets = dict.fromkeys([DOCUMENTED, *options.presets])
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="dialects-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        with local_server(place / "prefect") as prefect:
            print(_HEAD, flush=True)
            for preset in presets:
                for run in _runs(place / preset, prefect, preset, options.targets, options.older):
                    measured.append(run)
                    print(_line(run, measured), flush=True)
                    if options.calls:
                        print(f"    {dict(sorted(run.calls.items()))}", flush=True)
    return 0 if all(is_good(run, measured, options.targets) for run in measured) else 1


def is_good(run: Measured, measured: Sequence[Measured], targets: int) -> bool:
    """Whether a run has proven all that can be proven on its dialect, with few enough requests."""
    if _share(run, measured) > MORE_REQUESTS:
        return False
    return run.code == 0 and run.outcomes == {"verified": targets}


def _runs(folder: Path, prefect: str, preset: str, targets: int, older: int) -> Iterator[Measured]:
    with serving(folder / "api", targets, 1, "--dialect", preset) as api:
        api.make_older_backups(older)
        runner = Runner(folder, api.url, prefect, settle_seconds=SETTLE_SECONDS)
        write_fleet(folder, api, targets)
        yield _measured(runner, api, preset, 1)
        yield _measured(runner, api, preset, 2)


def _measured(runner: Runner, api: ChaosApi, preset: str, number: int) -> Measured:
    api.count_anew()
    began = time.monotonic()
    ended = runner.run(f"night-{number}")
    report: dict[str, Any] = ended.report or {"targets": []}
    rows = report["targets"]
    return Measured(
        preset,
        number,
        ended.code,
        Counter(row["outcome"] for row in rows),
        Counter(str(row.get("evidence")) for row in rows),
        Counter(api.requests()["by_call"]),
        time.monotonic() - began,
        next((row["reason"] for row in rows if row["reason"]), ""),
    )


def _share(run: Measured, measured: Sequence[Measured]) -> float:
    """Requests of a run as a share of those on `documented`."""
    usual = next(one for one in measured if (one.preset, one.number) == (DOCUMENTED, run.number))
    return run.calls.total() / usual.calls.total()


_HEAD: Final = f"{'dialect':<18} run exit requests  share seconds  outcomes, evidence, the first reason"


def _line(run: Measured, measured: Sequence[Measured]) -> str:
    counted = f"{dict(run.outcomes)} {dict(run.evidence)} {run.words[:150]}"
    numbers = f"{run.calls.total():>8} {_share(run, measured):>6.2f} {run.seconds:>7.1f}"
    return f"{run.preset:<18} {run.number:>3} {run.code:>4} {numbers}  {counted}"


if __name__ == "__main__":
    sys.exit(main())
