"""Chaos beside others: people and plans back up the same applications while the runs go on, are killed, and go on.

On a list without names a backup of theirs may stand in for one whose create was in doubt: then that is said, nothing
that was done is sent again, and nothing is lost.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.chaos.api import ChaosApi, Rule, serving
from benchmarks.chaos.fleet import write_fleet
from benchmarks.chaos.runs import Ended, Kill, Runner
from fleet.creation.fault_points import FaultPoint

FAULTS: Final[tuple[Rule, ...]] = (
    {"kind": "answer", "call": "create", "status": 500, "moment": "before", "probability": 0.12},
    {"kind": "answer", "call": "create", "status": 500, "moment": "after", "probability": 0.12},
    {"kind": "drop", "call": "create", "moment": "after", "probability": 0.06},
)
POINTS: Final = (FaultPoint.AFTER_INTENT, FaultPoint.AFTER_ANSWER, FaultPoint.AFTER_OUTCOME, FaultPoint.AFTER_INTENT)
"""Where the runs die, each with backups of its own that were begun."""
OLDER_BACKUPS: Final = 60
SETTLE_SECONDS: Final = 1.0
ALL: Final = "beside"
PLAN: Final[Rule] = {"automatic_backup": True, "schedule": "Every Day"}


@dataclass(frozen=True)
class Beside:
    """How a round is to go: targets, backups of others, seed, and the dialect of the API."""

    targets: int
    others: int
    seed: int
    dialect: str


@dataclass(frozen=True)
class BesideRound:
    """What a round came to.

    Attributes:
        asked: how it was to go.
        runs: all runs, in their order; the last two had no kill.
        made: how many backups the runs made, by application.
        rows: every backup since, by id.
        faults: drawn, by kind.
        again: creates that one more run has sent.
    """

    asked: Beside
    runs: tuple[Ended, ...]
    made: Counter[int]
    rows: Mapping[int, Mapping[str, Any]]
    faults: Counter[str]
    again: int

    @property
    def targets(self) -> list[dict[str, Any]]:
        """What the last report says of each target."""
        return list((self.runs[-1].report or {"targets": []})["targets"])

    def _row(self, target: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.rows.get(target["backup_id"], {"application_id": None, "status": None, "made_by": None})

    @property
    def good(self) -> list[dict[str, Any]]:
        """The targets that are said to be done, with a complete backup of their application."""
        return [
            target
            for target in self.targets
            if target["outcome"] in {"verified", "adopted"}
            and self._row(target)["status"] == "Completed"
            and self._row(target)["application_id"] == target["application_id"]
        ]

    @property
    def stand_ins(self) -> list[dict[str, Any]]:
        """The targets that are said to be done with a backup that is somebody else's."""
        return [each for each in self.targets if self._row(each)["made_by"] == "person" or self._row(each)["automatic"]]

    @property
    def untold(self) -> list[dict[str, Any]]:
        """Those of them whose reason does not say so."""
        return [each for each in self.stand_ins if each["evidence"] == "named" or "shows no name" not in each["reason"]]

    @property
    def twice(self) -> list[int]:
        """The applications that the runs have backed up more than once."""
        return [application for application, times in self.made.items() if times > 1]

    @property
    def shared(self) -> int:
        """How many backups are said to be those of more than one target."""
        return sum(times - 1 for times in Counter(each["backup_id"] for each in self.targets).values())

    @property
    def is_good(self) -> bool:
        """Whether the promise was kept."""
        # What was sent twice and has two backups without a name is told as that: 3.
        usual = {0, 3} if any(each["twins"] for each in self.targets) else {0}
        is_whole = len(self.good) == self.asked.targets and self.runs[-1].code in usual
        return is_whole and not (self.twice or self.untold or self.shared or self.again)

    def lines(self) -> Iterator[str]:
        """What people want to know."""
        killed = sum(run.death is not None for run in self.runs)
        numbers: list[tuple[str, object]] = [
            ("targets", self.asked.targets),
            ("backups of people and plans beside", sum(row["made_by"] != "api" for row in self.rows.values())),
            ("runs, killed -9", f"{len(self.runs)}, {killed}"),
            *((f"drawn · {kind}", hits) for kind, hits in sorted(self.faults.items())),
            ("good", len(self.good)),
            ("made by the runs", self.made.total()),
            ("made twice by the runs", len(self.twice)),
            ("stand-ins", len(self.stand_ins)),
            ("... of them not said", len(self.untold)),
            ("backups of two targets", self.shared),
            ("may exist twice, told", sum(bool(each["twins"]) for each in self.targets)),
            ("exit code", self.runs[-1].code),
            ("creates sent by one more run", self.again),
        ]
        width = max(len(name) for name, _ in numbers)
        yield from (f"  {name:<{width}}  {value}" for name, value in numbers)


def beside_round(folder: Path, prefect: str, asked: Beside) -> BesideRound:
    """Kill four runs of one key while others back up the same applications; then run to the end, and once more."""
    with serving(folder / "api", asked.targets, asked.seed, "--dialect", asked.dialect) as api:
        older = api.make_older_backups(min(OLDER_BACKUPS, asked.targets))
        api.add(FAULTS)
        runner = Runner(folder, api.url, prefect, settle_seconds=SETTLE_SECONDS)
        write_fleet(folder, api, asked.targets)
        others = _others(api, asked)
        for number, point in enumerate(POINTS):
            kill = Kill(asked.targets, point, max(1, asked.targets // (len(POINTS) + 2)))
            with runner.beside(partial(_make, api, others[number :: len(POINTS) + 1])):
                runner.run(ALL, kill)
        with runner.beside(partial(_make, api, others[len(POINTS) :: len(POINTS) + 1])):
            runner.run(ALL)
        api.settle()
        rows = {row["id"]: row for row in api.backups() if row["id"] > older}
        before = api.requests()["by_call"]["create"]
        runs, faults = tuple(runner.ended), api.faults()
        runner.run(ALL)
        made = Counter(row["application_id"] for row in rows.values() if row["made_by"] == "api")
        return BesideRound(asked, runs, made, rows, faults, api.requests()["by_call"]["create"] - before)


def _others(api: ChaosApi, asked: Beside) -> list[Rule]:
    """What others make: instant backups and plans in turn, of applications that are drawn."""
    draw = random.Random(asked.seed)  # noqa: S311 - chaos, not cryptography
    applications = [row["id"] for row in api.world()["applications"][: asked.targets]]
    chosen = draw.sample(applications, asked.others)
    return [{"application_id": each, **(PLAN if turn % 2 else {})} for turn, each in enumerate(chosen)]


def _make(api: ChaosApi, rows: list[Rule]) -> None:
    """Make them one by one, from when the run beside sends its creates."""
    before = api.requests()["by_call"].get("create", 0)
    for _ in range(600):
        if api.requests()["by_call"].get("create", 0) > before:
            break
        time.sleep(0.05)
    for row in rows:
        api.make_as_people([row])
        time.sleep(0.05)
