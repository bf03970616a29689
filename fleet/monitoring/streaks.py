"""How often in a row a target has ended badly, run by run: pure, told from the reports that the ledger keeps."""

from dataclasses import dataclass

from fleet.report.outcome import GOOD
from fleet.report.report import Report, ReportedTarget


@dataclass(slots=True)
class _Streak:
    """How a target stands, and how many runs in a row before that it ended badly.

    Attributes:
        target: as the newest run tells it.
        bad: runs in a row that it ended badly: up to the newest, or, of one that is well again, before it.
        over: whether an older run can add nothing.
    """

    target: ReportedTarget
    bad: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """A target and its bad runs in a row: that lasts, or that have just ended."""

    target: ReportedTarget
    runs: int


class Streaks:
    """Takes reports, the newest first, until nothing older matters.

    A run of which a target was no part (`--limit`) says nothing of it. Several reports of one run key are one run: the
    last of them says how it ended.
    """

    def __init__(self, newest: Report) -> None:
        """Begin with the run that has just ended."""
        self._streaks = {
            target.subject: _Streak(target, bad=int(target.outcome not in GOOD)) for target in newest.targets
        }
        self._run_keys = {newest.run_key}

    @property
    def complete(self) -> bool:
        """Whether older reports can change nothing."""
        return all(streak.over for streak in self._streaks.values())

    def take(self, report: Report) -> None:
        """Learn from a report that is older than those before it."""
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
        """What ended badly in the newest run, in its order."""
        return self._repeated(good=False)

    def recovered(self, after: int) -> list[Repeated]:
        """What is well again, after so many bad runs in a row or more."""
        return [each for each in self._repeated(good=True) if each.runs >= after]

    def _repeated(self, *, good: bool) -> list[Repeated]:
        return [
            Repeated(streak.target, streak.bad)
            for streak in self._streaks.values()
            if (streak.target.outcome in GOOD) is good
        ]
