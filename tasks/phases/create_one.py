"""One target's create as the run sees it: whether a task is run for it at all, and how it ended."""

from collections.abc import Awaitable
from typing import cast

from prefect.client.schemas.objects import State

from fleet.creation.brakes import Brakes
from fleet.creation.create_error import CreateError
from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.group_commit import LostLeaseError
from fleet.report.outcome import Exit, Halt, Outcome, Result
from fleet.report.progress import listener
from fleet.serveravatar.errors import ApiUnusableError
from tasks.create import create
from tasks.creating.in_flight import Leave
from tasks.creating.protocol import Created, CreateProtocol
from tasks.run.entries import Entries
from tasks.run.results import Results
from tasks.run.unvisited import unvisited


class CreateOne:
    """Runs the create task of one target at a time, and reads from its final state how the target ended."""

    def __init__(self, protocol: CreateProtocol, entries: Entries, results: Results, brakes: Brakes) -> None:
        """Prepare.

        Args:
            protocol: of the creates.
            entries: what the ledger knows.
            results: how the targets stand.
            brakes: are told how each create ended.
        """
        self._protocol = protocol
        self._entries = entries
        self._results = results
        self._brakes = brakes

    def expect(self, creates: int) -> None:
        """Expect this many more creates in the run; a share of them may fail."""
        self._brakes.total += creates

    async def create(self, target: Target, leave: Leave) -> Result:
        """Create one backup, unless the run has stopped or the target's window is closed.

        Args:
            target: whose backup.
            leave: gives the place in flight back, before a wait for anything but the API.
        """
        if self._results.halt:
            return self._results.settle(target, Outcome.NOT_TRIED, self._results.halt.reason)
        if why := self._protocol.why_not_now(target):
            return await self._left_out(target, why)
        self._results.attempts(target).acted = True
        listener.get().acting()
        label = self._results.observed.label(target)
        # Prefect's overloads take the call for a synchronous one when it returns a state.
        creating = create(label, unvisited(target), self._protocol, leave, return_state=True)
        result = await self._settled(target, await cast("Awaitable[State[Created]]", creating))
        # What was accepted or refused has told the brakes at once, for those that are about to be sent.
        if result.outcome is Outcome.ADOPTED:
            self._brakes.accepted(target)
        elif result.attempts and result.outcome in (Outcome.EXHAUSTED, Outcome.IN_DOUBT):
            self._brakes.failed(target, None)
        return result

    async def _left_out(self, target: Target, why: str) -> Result:
        """What cannot start now and is not in doubt needs no task."""
        try:
            error = await self._protocol.expire(target, why)
        except LedgerError as failure:
            self._results.stop(Halt(Exit.UNEXPECTED, str(failure)))
            return self._results.settle(target, Outcome.NOT_TRIED, str(failure))
        except LostLeaseError as failure:
            return self._results.settle(target, Outcome.NOT_TRIED, str(failure))
        return self._results.settle(target, error.outcome, error.reason)

    async def _settled(self, target: Target, state: State[Created]) -> Result:
        settle = self._results.settle
        outcome: object = await state.aresult(raise_on_failure=False)
        if isinstance(outcome, Created):
            return settle(target, outcome.outcome, outcome.reason, outcome.backup_id, outcome.evidence)
        if isinstance(outcome, CreateError):
            return settle(target, outcome.outcome, outcome.reason)
        if isinstance(outcome, ApiUnusableError):
            self._results.stop(Halt(Exit.API_UNUSABLE, outcome.reason))
        if isinstance(outcome, LedgerError):
            self._results.stop(Halt(Exit.UNEXPECTED, str(outcome)))
        known = isinstance(outcome, ApiUnusableError | LedgerError | LostLeaseError)
        reason = str(outcome) if known else f"the task ended unexpectedly: {state.message or state.type.value}"
        doubtful = self._entries.of(target).doubtful
        return settle(target, Outcome.IN_DOUBT if doubtful else Outcome.NOT_TRIED, reason)
