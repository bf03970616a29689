"""What a run has found out about its targets: how each stands, and what has stopped the run."""

from collections import defaultdict
from collections.abc import Iterable

from fleet.inventory.target import Target
from fleet.observed.observed import Observed
from fleet.proof.proof import Evidence
from fleet.report.outcome import Halt, Outcome, Result
from fleet.report.selection import Selection
from tasks.run.attempts import Attempts


class Results:
    """How each target of a run stands now; its report is made from this, also if the run is interrupted.

    Attributes:
        targets: what the run is about; empty until they are selected.
        selection: how the run came to its targets.
        observed: what servers and applications are called.
        halt: why the run sends nothing more; None while it may send.
    """

    def __init__(self) -> None:
        self.targets: tuple[Target, ...] = ()
        self.selection = Selection()
        self.observed = Observed({})
        self.halt: Halt | None = None
        self._results: dict[str, Result] = {}
        self._attempts: defaultdict[str, Attempts] = defaultdict(Attempts)

    def stop(self, halt: Halt) -> None:
        """Send nothing more; the first reason stays."""
        self.halt = self.halt or halt

    def attempts(self, target: Target) -> Attempts:
        """What was sent for a target in this run."""
        return self._attempts[target.place]

    def settle(
        self,
        target: Target,
        outcome: Outcome,
        reason: str = "",
        backup_id: int | None = None,
        evidence: Evidence | None = None,
    ) -> Result:
        """Note how a target stands now, with what was sent for it so far."""
        result = Result(
            target,
            self.observed.server_name(target),
            self.observed.application_name(target),
            outcome,
            reason,
            backup_id,
            self.attempts(target).count,
            self.attempts(target).seconds,
            self.observed.domain(target),
            evidence,
        )
        return self.replace(result)

    def replace(self, result: Result) -> Result:
        """Note a target's result in place of the one before."""
        self._results[result.target.place] = result
        return result

    def leave_out(self, targets: Iterable[Target], reason: str) -> None:
        """Settle targets that nothing is sent for, since the run stopped first."""
        for target in targets:
            self.settle(target, Outcome.NOT_TRIED, reason)

    def of(self, target: Target) -> Result:
        """How a target stands; `not_tried` if nothing has settled it yet."""
        return self._results.get(target.place) or self.settle(target, Outcome.NOT_TRIED)

    def settled(self) -> list[Result]:
        """The results so far, in the order in which their targets were first settled."""
        return list(self._results.values())

    def all(self) -> list[Result]:
        """A result for every target, in their order."""
        return [self.of(target) for target in self.targets]
