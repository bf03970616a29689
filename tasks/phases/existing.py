"""What earlier runs have created already: confirmed where it is a plan, adopted, and updated if that was asked for."""

from fleet.creation.plans import described, drift
from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.group_commit import LostLeaseError
from fleet.report.outcome import Exit, Halt, Outcome, Result
from fleet.serveravatar.errors import ApiUnusableError
from fleet.serveravatar.listing import Send
from tasks.creating.confirm_plan import confirm_plan
from tasks.creating.in_flight import Leave
from tasks.run.backup_lists import BackupLists
from tasks.run.entries import Entries
from tasks.run.results import Results
from tasks.run.unvisited import unvisited
from tasks.update_plan import update_plan


class Existing:
    """Settles the targets that an earlier run has ended, or that another run with the same key is working on."""

    def __init__(self, entries: Entries, lists: BackupLists, results: Results, update: Send | None) -> None:
        """Prepare.

        Args:
            entries: what the ledger knows.
            lists: the backup lists.
            results: how the targets stand.
            update: sends the updates of plans that differ from the fleet file; None where they are left as they are.
        """
        self._entries = entries
        self._lists = lists
        self._results = results
        self._update = update

    async def exists(self, target: Target, leave: Leave) -> bool:
        """Whether nothing has to be created, after a look at what the backup list shows of a plan by now."""
        entry = self._entries.of(target)
        if not entry.is_settled or not entry.automatic or self._results.halt:
            return entry.is_settled
        try:
            return (await confirm_plan(target, self._entries, self._lists)).is_settled
        except ApiUnusableError as error:
            self._results.stop(Halt(Exit.API_UNUSABLE, error.reason))
        except LedgerError as error:
            self._results.stop(Halt(Exit.UNEXPECTED, str(error)))
        except LostLeaseError:
            leave()  # Another run acts on it.
        return True

    async def adopt(self, target: Target, *, is_ours: bool = True) -> Result:
        """Settle a target as the ledger has it; a plan that differs from the fleet file is updated, or its drift shown.

        Args:
            target: what exists.
            is_ours: whether it is this run's to act on.
        """
        entry = self._entries.of(target)
        outcome, reason = entry.outcome or Outcome.ADOPTED, entry.reason
        if outcome is Outcome.CREATED:
            outcome = Outcome.ADOPTED
        differences = drift(entry.request, target.request.body()) if entry.automatic and entry.is_settled else {}
        if differences and self._update and is_ours and not self._results.halt:
            outcome, reason = await self._updated(target, self._update)
        elif differences:
            reason = f"drift: {described(differences)}; --update-plans changes it"
        return self._results.settle(target, outcome, reason, entry.backup_id, entry.evidence)

    async def _updated(self, target: Target, send: Send) -> tuple[Outcome, str]:
        """Update a plan; what stops the whole run is noted, and stops no other target half-way."""
        label = self._results.observed.label(target)
        try:
            return await update_plan(label, unvisited(target), self._entries, self._lists, send)
        except ApiUnusableError as error:
            self._results.stop(Halt(Exit.API_UNUSABLE, error.reason))
            return Outcome.NOT_TRIED, error.reason
        except LedgerError as error:
            self._results.stop(Halt(Exit.UNEXPECTED, str(error)))
            return Outcome.ADOPTED, f"perhaps updated: {error}"
        except LostLeaseError as error:
            return Outcome.ADOPTED, f"perhaps updated: {error}"
