"""The checking phase: what cannot be backed up is `unmet`, and no create is wasted on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fleet.inventory.target import Target
from fleet.observed.disk_space import DiskRules
from fleet.observed.observed import Listed, Observed
from fleet.observed.trust import LastGood
from fleet.report.outcome import Exit, Halt, Outcome
from fleet.report.progress import listener
from fleet.serveravatar.errors import ApiUnusableError
from fleet.serveravatar.listing import Send
from tasks.check_disks import check_disks
from tasks.check_targets import check_targets
from tasks.run.mistakes import result_of
from tasks.run.results import Results
from tasks.run.unvisited import unvisited


class Preconditions:
    """Checks the preconditions of a run's targets."""

    def __init__(self, send: Send, rules: DiskRules, ledger_url: str) -> None:
        """Prepare.

        Args:
            send: sends a request and returns the JSON of its response.
            rules: how much room on its server's disk a backup needs.
            ledger_url: the ledger names what the API does not show now.
        """
        self._send = send
        self._rules = rules
        self._ledger_url = ledger_url

    async def check(
        self, results: Results, listed: Mapping[int, Listed], trusted: Mapping[str, LastGood], now: datetime
    ) -> list[Target]:
        """Check every target; if the API cannot be used, the run stops and everything is `not_tried`.

        Args:
            results: how the targets stand; what the API calls servers and applications is noted there.
            listed: what was read already and is not read again, by organization.
            trusted: by place, what is known of targets of which only the server is looked up.
            now: the time.

        Returns:
            The targets that can be backed up.
        """
        listener.get().phase("check", len(results.targets))
        try:
            observed, problems = await self._check_targets(results.targets, listed, trusted)
            results.observed = observed
            healthy = _without(problems, results.targets, results)
            ready = await self._check_disks(healthy, observed, results, now)
        except ApiUnusableError as error:
            results.stop(Halt(Exit.API_UNUSABLE, error.reason))
            results.leave_out(results.targets, error.reason)
            return []
        for target in ready:
            listener.get().advance(results.settle(target, Outcome.PLANNED))
        return ready

    async def _check_targets(
        self, targets: Sequence[Target], listed: Mapping[int, Listed], trusted: Mapping[str, LastGood]
    ) -> tuple[Observed, list[str | None]]:
        known = unvisited(listed), unvisited(trusted)
        checking = check_targets(unvisited(targets), *known, self._send, self._ledger_url, return_state=True)
        observed, problems = await result_of(checking)
        return observed, problems

    async def _check_disks(
        self, targets: Sequence[Target], observed: Observed, results: Results, now: datetime
    ) -> list[Target]:
        checking = check_disks(unvisited(targets), unvisited(observed), self._rules, now, self._send, return_state=True)
        problems, notes = await result_of(checking)
        ready = _without(problems, targets, results)
        for note in notes:
            listener.get().notice(note)
        return ready


def _without(problems: Sequence[str | None], targets: Sequence[Target], results: Results) -> list[Target]:
    """Settle the targets that have a problem, and return the others."""
    for target, problem in zip(targets, problems, strict=True):
        if problem:
            listener.get().advance(results.settle(target, Outcome.UNMET, problem))
    return [target for target, problem in zip(targets, problems, strict=True) if not problem]
