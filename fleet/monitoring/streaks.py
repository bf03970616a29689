"""Consecutive failed runs of each target, from the reports in the ledger. Pure."""

from dataclasses import dataclass

from fleet.report.outcome import GOOD
from fleet.report.report import Report, ReportedTarget


@dataclass(slots=True)
class _Streak:
    """A target in the newest run, and its consecutive failed runs.

    Attributes:
        target: its row in the newest report.
        bad: consecutive failed runs, up to the newest; of a recovered target, before the newest.
        over: whether older runs cannot add anything.
    """

    target: ReportedTarget
    bad: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """A target and its consecutive failed runs, lasting or just over."""

    target: ReportedTarget
    runs: int


class Streaks:
    """Takes reports, the newest first, until nothing older matters.

    A run that left a target out (`--limit`) does not count for it. Several reports of one run key are one run, which
    ended as the last of them shows.
    """

    def __init__(self, newest: Report) -> None:
        """Begin with the run that has just ended."""
        self._streaks = {
            target.subject: _Streak(target, bad=int(target.outcome not in GOOD)) for target in newest.targets
        }
        self._run_keys = {newest.run_key}

    @property
    def complete(self) -> bool:
        """Whether older reports cannot change anything."""
        return all(streak.over for streak in self._streaks.values())

    def take(self, report: Report) -> None:
        """Count a report, older than those before it."""
        if report.run_key in self._run_keys:
            return
        self._run_keys.add(report.run_key)
        for target in report.targets:
            streak = self._streaks.get(target.subject)
            if streak is None or streak.over:
                continue
            if target.outcome in GOOD:
                streak.over = True
            else:
                streak.bad += 1

    def lasting(self) -> list[Repeated]:
        """What failed in the newest run, in its order."""
        return self._repeated(good=False)

    def recovered(self, after: int) -> list[Repeated]:
        """What has recovered, after at least `after` consecutive failed runs."""
        return [each for each in self._repeated(good=True) if each.runs >= after]

    def _repeated(self, *, good: bool) -> list[Repeated]:
        return [
            Repeated(streak.target, streak.bad)
            for streak in self._streaks.values()
            if (streak.target.outcome in GOOD) is good
        ]
