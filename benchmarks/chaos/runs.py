"""Runs of `fleet-backup run` that are killed: at every named step of the protocol, and at random moments."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from benchmarks.chaos.api import SETTLE_SECONDS, TOKEN
from fleet.creation.fault_points import FaultPoint

HANGS_AFTER: Final = 900.0
"""Seconds after which a run without a kill is taken for hanging."""
RANDOM: Final = "random"
OTHERS: Final = ("SERVERAVATAR_", "PREFECT_", "FLEET_", "XDG_")
ONCE: Final = frozenset({FaultPoint.BEFORE_CLAIM, FaultPoint.AFTER_CLAIM})
"""Reached once a run, before anything is sent."""
LOOKING: Final = frozenset({FaultPoint.BEFORE_LOOK, FaultPoint.AFTER_LOOK})
"""Reached where an earlier run has left doubt."""
LAST: Final = (FaultPoint.IN_VERIFICATION, FaultPoint.AFTER_PROOF, FaultPoint.BEFORE_PUBLISH)
"""Reached when nothing is left to send."""
ORDER: Final[tuple[FaultPoint | None, ...]] = (
    *(FaultPoint.BEFORE_CLAIM, None, FaultPoint.AFTER_CLAIM, None, FaultPoint.AFTER_OUTCOME, None),
    *(FaultPoint.AFTER_INTENT, FaultPoint.BEFORE_LOOK, None, FaultPoint.AFTER_ANSWER, FaultPoint.AFTER_LOOK),
    *(None, None, None, None),
)
"""Where the runs are killed that have something to send; None: at a random moment. A look follows a sure doubt."""
RANDOM_SHARE: Final = 3
"""How much more new work a run gets that is killed at a random moment than one that is killed at a step."""


@dataclass(frozen=True)
class Kill:
    """How one run is to die.

    Attributes:
        targets: how many it is asked for: the fleet grows from run to run, so that each has something to send.
        step: at this step of the protocol; None: from outside, at a random moment.
        times: when it comes to the step for so many-th time.
        seconds: after its claim, when it is killed at a random moment.
    """

    targets: int
    step: FaultPoint | None = None
    times: int = 1
    seconds: float = 0.0


def kills(targets: int, seed: int) -> Iterator[Kill]:
    """Draw the kills: at every step, in an order in which each can be reached, and at random moments between.

    The steps of the end come last: after them nothing is left to be killed in.
    """
    draw = random.Random(seed)  # noqa: S311 - chaos, not cryptography
    shares = [RANDOM_SHARE if step is None else 1 for step in ORDER]
    for number, step in enumerate(ORDER):
        asked = targets * sum(shares[: number + 1]) // sum(shares)
        new = asked - targets * sum(shares[:number]) // sum(shares)
        often = 1 if step in ONCE else 3 if step in LOOKING else max(1, new // 2)
        yield Kill(asked, step, draw.randint(1, often), draw.uniform(-1.0, 1.0 + new / 50))
    yield Kill(targets, LAST[0], draw.randint(1, 2))
    yield Kill(targets, LAST[1])
    yield Kill(targets, LAST[2])


@dataclass(frozen=True)
class Ended:
    """One run that is over.

    Attributes:
        death: the step that it died at, or `random` if it was killed from outside; None if it came to its end.
        code: its exit code.
        report: what it reported; None of one that was killed.
    """

    death: str | None
    code: int
    report: dict[str, Any] | None


@dataclass
class Runner:
    """Runs `fleet-backup run` again and again, on one ledger and one Prefect server.

    Attributes:
        folder: the fleet file, the ledger and what each run said lie there.
        api: URL of the API.
        prefect: URL of the Prefect server.
        ledger: URL of the ledger; None: SQLite in the folder.
        settle_seconds: for how long the runs take the list to be late; None: as the product does.
        seconds_to_claim: how long a run takes until it claims its targets; measured by the first kill.
        ended: the runs so far.
    """

    folder: Path
    api: str
    prefect: str
    ledger: str | None = None
    settle_seconds: float | None = SETTLE_SECONDS
    seconds_to_claim: float = 0.0
    ended: list[Ended] = field(default_factory=list)
    _number: int = 0

    def run(self, run_key: str, kill: Kill | None = None) -> Ended:
        """Run once, to the end or to its death."""
        step = kill.step if kill else None
        began = time.monotonic()
        process, report = self._start(run_key, f"{step}:{kill.times}" if kill and step else "")
        try:
            process.wait(self._patience(kill))
            death = str(step) if process.returncode == -signal.SIGKILL else None
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            if kill is None or step:
                raise RuntimeError(f"a run did not end within {HANGS_AFTER:.0f} s") from None
            death = RANDOM
        if step is FaultPoint.BEFORE_CLAIM:
            self.seconds_to_claim = time.monotonic() - began
        written = json.loads(report.read_text("utf-8")) if report.exists() else None
        self.ended.append(Ended(death, process.returncode, written))
        return self.ended[-1]

    @contextmanager
    def beside(self, others: Callable[[], None]) -> Iterator[None]:
        """Let others act for the time of the context, in a thread of their own."""
        with ThreadPoolExecutor(1) as threads:
            acting = threads.submit(others)
            yield
            acting.result()

    def run_to_step(self, run_key: str, kill: Kill) -> bool:
        """Run until it dies at a step; again, at the first time it comes there, if it did not come as often.

        Returns:
            Whether it has died there.
        """
        return any(self.run(run_key, replace(kill, times=times)).death == kill.step for times in (kill.times, 1))

    def _patience(self, kill: Kill | None) -> float:
        """Seconds until a run is killed from outside."""
        if kill is None or kill.step:
            return HANGS_AFTER
        return self.seconds_to_claim + kill.seconds

    def _start(self, run_key: str, die_at: str) -> tuple[subprocess.Popen[bytes], Path]:
        self._number += 1
        report = self.folder / f"report-{self._number:02}.json"
        options = ["--run-key", run_key, "--concurrency", "20", "--report", report.name]
        with (self.folder / f"run-{self._number:02}.txt").open("wb") as said:
            process = subprocess.Popen(  # noqa: S603 - ours
                [sys.executable, "-m", "cli", "run", "fleet.yaml", *options],
                cwd=self.folder,
                env=self._environment(die_at),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        return process, report

    def _environment(self, die_at: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
        return kept | {
            "SERVERAVATAR_API_URL": self.api,
            "SERVERAVATAR_API_TOKEN": TOKEN,
            "SERVERAVATAR_REQUESTS_PER_MINUTE": "100000",
            "FLEET_BACKUP_LEDGER_URL": self.ledger or f"sqlite:///{self.folder / 'ledger.sqlite'}",
            **({} if self.settle_seconds is None else {"FLEET_BACKUP_SETTLE_SECONDS": f"{self.settle_seconds:g}"}),
            "FLEET_BACKUP_DIE_AT": die_at,
            "PREFECT_API_URL": self.prefect,
            "PREFECT_HOME": str(self.folder / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
