"""Proves that what a run has started is complete."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from heapq import nsmallest

from fleet.backup_list.look_times import next_interval, until_expected
from fleet.creation.fault_points import FaultPoint, reach
from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.next_step import shown_by
from fleet.proof.proof import Proof
from fleet.proof.sought import Sought
from fleet.report.least_requests import BACKUPS_A_PAGE
from fleet.report.outcome import Exit, Halt
from fleet.report.progress import listener
from fleet.serveravatar.catalogue import REFUSALS
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tasks.proving.organization_watch import FIRST_OF_A_PLAN, OrganizationWatch
from tasks.proving.watches import Watches
from tasks.run.backup_lists import BackupLists
from tasks.run.entries import Entries
from tasks.run.results import Results


class Prover:
    """Watches the backup lists until nothing is awaited any more, then looks for second backups."""

    def __init__(self, entries: Entries, lists: BackupLists, watches: Watches, results: Results) -> None:
        """Prepare.

        Args:
            entries: what the ledger knows.
            lists: the backup lists.
            watches: over them; those of the creates are continued.
            results: told what stops the run.
        """
        self._entries = entries
        self._lists = lists
        self._watches = watches
        self._results = results

    async def proofs_of(self, targets: Iterable[Target], seconds: float) -> dict[str, Proof]:
        """Prove what was started for these targets; see `tasks.verify`."""
        awaited: defaultdict[int, dict[str, Sought]] = defaultdict(dict)
        for target in targets:
            sought = self._entries.sought(target)
            awaited[target.organization][sought.key] = sought
        proven = await asyncio.gather(*(self._proofs_in(number, keys, seconds) for number, keys in awaited.items()))
        return {key: proof for proofs in proven for key, proof in proofs.items()}

    async def _proofs_in(self, organization: int, sought: dict[str, Sought], seconds: float) -> dict[str, Proof]:
        """Prove what was started in one organization."""
        watch = self._continued(organization, sought)
        unseen = (key for key, each in sought.items() if not each.target.request.automatic_backup)
        proofs = dict.fromkeys(unseen, Proof())
        stopped = await self._watched(watch, seconds)
        proofs |= watch.watch.proofs
        if not stopped:
            proofs |= await self._twins(organization, sought, proofs)
        why = stopped or f"not complete after {seconds:.0f} s"
        return proofs | _unproven({*watch.watch.awaited, *watch.overdue}, proofs, why)

    def _continued(self, organization: int, sought: Mapping[str, Sought]) -> OrganizationWatch:
        """A watch that ran beside the creates continues with what was accepted; what has ended already is done."""
        watch = self._watches.over(organization, sought.values())
        for key in watch.watch.awaited.keys() - sought.keys():
            watch.watch.give_up(key)
        for _ in watch.ended_at.keys() & sought.keys():
            listener.get().advance()
        watch.watch.proving.ended, watch.watch.reads_on = listener.get().advance, False
        return watch

    async def _watched(self, watch: OrganizationWatch, seconds: float) -> str:
        """Look until nothing is awaited, or time is up; return why it stopped before, empty if it did not."""
        began, stopped, is_last = time.monotonic(), "", False
        while watch.watch.awaited and not is_last and not stopped:
            reach(FaultPoint.IN_VERIFICATION)
            elapsed = time.monotonic() - began
            interval = max(next_interval(elapsed, watch.watch.pages_in_vain), self._until_expected(watch))
            is_last = interval >= seconds - elapsed
            interval = min(interval, max(0.0, seconds - elapsed))
            listener.get().waiting(f"{len(watch.watch.awaited)} backups to be complete", interval)
            await asyncio.sleep(interval)
            elapsed = time.monotonic() - began
            stopped = await self._look(watch, is_last=is_last)
            if elapsed >= FIRST_OF_A_PLAN:
                watch.watch.give_up_unseen_plans()
        return stopped

    async def _look(self, watch: OrganizationWatch, *, is_last: bool) -> str:
        """Look once; return why no further look helps, empty if one may."""
        before = dict(watch.watch.awaited)
        try:
            await watch.look(last=is_last)
        except ApiUnusableError as error:
            self._results.stop(Halt(Exit.API_UNUSABLE, error.reason))
            return f"not proven: {error.reason}"
        except LedgerError as error:
            self._results.stop(Halt(Exit.UNEXPECTED, str(error)))
            return f"not proven: {error}"
        except ApiError as error:
            listener.get().waiting(f"the backup list could not be read: {error}", 0)
            if error.meaning in REFUSALS:
                return f"not proven: the backup list cannot be read: {error}"
        finally:
            for key in before.keys() - watch.watch.awaited.keys():
                self._results.attempts(before[key].target).complete = time.monotonic()
        return ""

    def _until_expected(self, watch: OrganizationWatch) -> float:
        """How long until the page that is read first is complete, by how long its backups took the last time."""
        trusted = self._results.observed.trusted
        awaited = [each.target for each in watch.watch.awaited.values()]
        oldest = nsmallest(BACKUPS_A_PAGE, awaited, key=lambda target: self._results.attempts(target).ended)
        now = time.monotonic()
        return until_expected(
            (now - self._results.attempts(target).ended, trusted[target.place].seconds)
            for target in oldest
            if target.place in trusted
        )

    async def _twins(self, organization: int, sought: dict[str, Sought], proofs: dict[str, Proof]) -> dict[str, Proof]:
        """Read once more, to where the run began, for what was sent more than once: a second backup is never silent."""
        resent = [sought[key] for key in proofs if self._entries.of(sought[key].target).attempts > 1]
        if not resent:
            return {}
        await self._until_all_show(resent)
        try:
            found = await self._lists.of(organization).find(resent, thorough=True)
        except (ApiError, ApiUnusableError, LedgerError) as error:
            listener.get().waiting(f"what was made twice could not be looked for: {error}", 0)
            return {}
        return {
            each.key: replace(proofs[each.key], twins=twins)
            for each in resent
            if (twins := found.recognition.twins_of(each.key))
        }

    async def _until_all_show(self, resent: Iterable[Sought]) -> None:
        """Wait until the list had time to show the last attempts, too: it may lag behind their twins' completion."""
        shown_at = max(shown_by(self._entries.of(each.target), self._lists.rules_for(each.target)) for each in resent)
        if (seconds := shown_at - self._entries.now()) > 0:
            listener.get().waiting("second backups of what was sent again", seconds)
            await asyncio.sleep(seconds)


def _unproven(awaited: Iterable[str], proofs: dict[str, Proof], why: str) -> dict[str, Proof]:
    return {key: replace(proofs[key], reason=f"{why}: {proofs[key].reason}") for key in awaited if key in proofs}
