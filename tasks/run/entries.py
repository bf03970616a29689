"""What the ledger knows about the targets of one run."""

import time
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

from fleet.creation.fault_points import FaultPoint, reach
from fleet.creation.intent import body_of
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, sought_of
from fleet.ledger.entry_rows import Subject
from fleet.ledger.group_commit import LostLeaseError
from fleet.ledger.store import Ledger
from fleet.observed.observed import Observed
from fleet.proof.sought import Sought

AT_ONCE: Final = 500
"""Targets in one statement of the ledger."""


class Entries:
    """The ledger's entries of a run's targets, under its run key: claimed once, then changed and saved.

    A dry run has no ledger, and so no entries.

    Attributes:
        are_lost: whether another run has taken one over, since this process was silent for longer than its lease.
    """

    def __init__(self, ledger: Ledger | None, run_key: str) -> None:
        """Prepare; nothing is claimed yet.

        Args:
            ledger: open; None in a dry run.
            run_key: the idempotency key of the run.
        """
        self._ledger = ledger
        self._run_key = run_key
        self._entries: dict[str, Entry] = {}
        self.are_lost = False

    def now(self) -> float:
        """Epoch seconds, by the ledger's clock if there is a ledger."""
        return self._ledger.now() if self._ledger else time.time()

    def key(self, target: Target) -> str:
        """A target's key in the ledger."""
        return target.key(self._run_key)

    def body(self, target: Target) -> dict[str, Any]:
        """The body of a target's create, as the fleet file asks for it now."""
        return body_of(target, self._run_key)

    def of(self, target: Target) -> Entry:
        """The entry of a target that was claimed."""
        return self._entries[self.key(target)]

    def find(self, target: Target) -> Entry | None:
        """The entry of a target; None if it was not claimed."""
        return self._entries.get(self.key(target))

    def sought(self, target: Target) -> Sought:
        """What to look for in the backup list to find a target's backup."""
        return sought_of(self.of(target), target)

    async def save(self, entry: Entry) -> Entry:
        """Record an entry durably.

        Raises:
            LedgerError: the ledger cannot be written.
            LostLeaseError: another run has taken the entry over.
        """
        try:
            self._entries[entry.key] = await self._open().save(entry)
        except LostLeaseError:
            self.are_lost = True
            raise
        return entry

    async def claim(self, targets: Sequence[Target], observed: Observed) -> list[bool]:
        """Create or take over the targets' entries, so that of all runs with the same key one acts on each target.

        Args:
            targets: of the run.
            observed: what servers and applications are called.

        Returns:
            For each target, in their order, whether this run is the one.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        reach(FaultPoint.BEFORE_CLAIM)
        keys = [self.key(target) for target in targets]
        # In the order of the ledger's own locks, so that two runs never wait for each other.
        in_order = sorted(zip(keys, targets, strict=True), key=itemgetter(0))
        ours = set[str]()
        for start in range(0, len(in_order), AT_ONCE):
            wanted = [self._new(target, observed) for _, target in in_order[start : start + AT_ONCE]]
            claims = await self._open().claim(wanted)
            self._entries |= {key: claim.entry for key, claim in claims.items()}
            ours.update(key for key, claim in claims.items() if claim.ours)
        reach(FaultPoint.AFTER_CLAIM)
        return [key in ours for key in keys]

    def _new(self, target: Target, observed: Observed) -> tuple[Entry, Subject]:
        """A target's entry as it is before anything was done, and what it is about."""
        automatic = target.request.automatic_backup
        entry = Entry(self.key(target), self._run_key, automatic, request=self.body(target))
        names = observed.server_name(target), observed.application_name(target)
        identifiers = target.organization, target.server_id
        return entry, Subject(*identifiers, names[0], target.request.application_id, names[1])

    def _open(self) -> Ledger:
        if self._ledger is None:
            raise RuntimeError("a dry run writes no ledger")
        return self._ledger
