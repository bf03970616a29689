"""What the tasks of one run share. It lives in the flow's process and is never stored: it holds the client."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.ownership import Claims, NoClaims, Ownership
from fleet.creation.brakes import Brakes
from fleet.creation.intent import body_of
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.inventory.window import still_running
from fleet.ledger.entry import Entry, sought_of
from fleet.ledger.rows import Subject
from fleet.ledger.store import Ledger
from fleet.observed.observed import Listed, Observed
from fleet.proof.absence import Rules
from fleet.proof.proof import Evidence, Proof
from fleet.proof.sought import Sought
from fleet.report.outcome import STARTED, Halt, Outcome, Result
from fleet.report.progress import Listener
from fleet.report.report import Selection
from fleet.serveravatar.client import Client
from tasks.sweep import Sweep


@dataclass(slots=True)
class Attempts:
    """How often the create of one target was sent in this run, and how long that took.

    Attributes:
        count: how often it was sent.
        began: when first, in seconds of the monotonic clock.
        ended: when the last answer came or was lost.
        under_way: whether one is under way.
        sent_at: when last, by the clock of the run; None if never.
        acted: whether this run took the target on, and did not only find it ended by another.
    """

    count: int = 0
    began: float = 0.0
    ended: float = 0.0
    under_way: bool = False
    sent_at: datetime | None = None
    acted: bool = False

    def begin(self) -> None:
        """Count an attempt that is being made."""
        self.began = self.began or time.monotonic()
        self.count += 1
        self.under_way = True

    def end(self) -> None:
        """Note the time of an answer, or of its absence."""
        self.ended = time.monotonic()
        self.under_way = False


class RunContext:
    """One run: its key, its client, its ledger, and what is known so far.

    Not a dataclass: Prefect looks into those for futures, at every task.

    Attributes:
        nothing: what every create returns, in Prefect's own wrapping.
        learners: of the API's dialect, by organization.
        known_plans: the ids of the plans that the ledger knows, by organization.
        claims: whose rows of the list of backups are.
        api_changes: what the API shows otherwise than earlier runs have learned.
    """

    def __init__(
        self,
        run_key: str,
        client: Client,
        listener: Listener,
        rules: Rules,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.run_key = run_key
        self.client = client
        self.listener = listener
        self.rules = rules
        self.clock = clock
        self.targets: tuple[Target, ...] = ()
        self.selection = Selection()
        self.listed: Mapping[int, Listed] = {}
        self.observed = Observed({})
        self.brakes = Brakes(0)
        self.halt: Halt | None = None
        self.entries: dict[str, Entry] = {}
        self.results: dict[str, Result] = {}
        self.proofs: dict[str, Proof] = {}
        self._ledger: Ledger | None = None
        self.sweeps: dict[int, Sweep] = {}
        self.nothing: object = None
        self.learners: defaultdict[int, Learner] = defaultdict(Learner)
        self.known_plans: Mapping[int, frozenset[int]] = {}
        self.claims: Claims = NoClaims()
        self.api_changes: list[str] = []
        self._lists: dict[int, BackupList] = {}
        self._attempts: defaultdict[str, Attempts] = defaultdict(Attempts)

    @property
    def ledger(self) -> Ledger:
        """The open ledger; a dry run has none."""
        if self._ledger is None:
            raise RuntimeError("a dry run writes no ledger")
        return self._ledger

    @ledger.setter
    def ledger(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def save(self, entry: Entry) -> Entry:
        """Record an entry durably, and keep it as what is known.

        Raises:
            LedgerError: the ledger cannot be written.
            LostLeaseError: another run has taken the entry over.
        """
        self.entries[entry.key] = await self.ledger.save(entry)
        return entry

    def entry(self, target: Target) -> Entry:
        """What the ledger knows of a target that was claimed."""
        return self.entries[target.key(self.run_key)]

    def fresh(self, target: Target) -> tuple[Entry, Subject]:
        """A target's entry as it is before anything was done, and what it is about."""
        automatic = target.request.automatic_backup
        entry = Entry(target.key(self.run_key), self.run_key, automatic, request=self.body(target))
        names = self.observed.server_name(target), self.observed.application_name(target)
        identifiers = target.organization, target.server_id
        return entry, Subject(*identifiers, names[0], target.request.application_id, names[1])

    def body(self, target: Target) -> dict[str, Any]:
        """The body of a target's create, as the fleet file asks for it now."""
        return body_of(target, self.run_key)

    def backups_of(self, organization: int) -> BackupList:
        """The list of backups of an organization, shared by all who look."""
        if organization not in self._lists:
            plans = self.known_plans.get(organization, frozenset())
            own = Ownership(organization, self.learners[organization], self.claims, plans, self.now)
            self._lists[organization] = BackupList(self.client.send, organization, own)
        return self._lists[organization]

    def now(self) -> float:
        """Epoch seconds, by the ledger's clock where there is one."""
        return self._ledger.now() if self._ledger else time.time()

    def rules_for(self, target: Target) -> Rules:
        """The rules of the protocol towards the API that a target's organization was met on."""
        return self.learners[target.organization].dialect.rules(self.rules)

    def sweep_over(self, organization: int, sought: Collection[Sought], covered: int | None = None) -> Sweep:
        """The sweep over the list of an organization: begun with what is sought, or made to await this, too.

        Args:
            organization: whose list.
            sought: what was sent.
            covered: as far as the list was read before it was sent; by default as it is now.
        """
        sweep = self.sweeps.get(organization)
        if sweep is None:
            sweep = self.sweeps[organization] = Sweep(self.backups_of(organization), sought, self.clock)
        else:
            sweep.await_too(sought, covered)
        return sweep

    def outside_window(self, target: Target) -> str:
        """Why a target's backup may not be started now; empty if it may. A plan that starts later starts nothing."""
        now = self.clock()
        if target.window is None or not target.request.starts_now or target.window.is_open(now):
            return ""
        return target.window.closed_reason(now)

    def ran_beyond(self) -> list[str]:
        """Say what ran beyond the end of its window."""
        ended = {key: at for sweep in self.sweeps.values() for key, at in sweep.ended_at.items()}
        spans = (
            (target.window, sent_at, ended.get(target.key(self.run_key)))
            for target in (result.target for result in self.results.values() if result.outcome in STARTED)
            if target.window and target.request.starts_now and (sent_at := self.attempts(target).sent_at)
        )
        return still_running(spans, self.clock())

    async def close(self) -> None:
        """End what is still under way beside the tasks."""
        while self._lists:
            _, backups = self._lists.popitem()
            await backups.close()

    def forget(self) -> None:
        """Let go of what was found out, before it is reported: to tell the report takes as much memory as the run did.

        Prefect holds the last task runs with their arguments, and so this context, until the flow ends.
        """
        self.listed, self.observed = {}, Observed({})
        for known in (self.entries, self.results, self.proofs, self.sweeps, self._attempts):
            known.clear()

    def sought(self, target: Target) -> Sought:
        """What to look for in the list to find a target's backup."""
        return sought_of(self.entry(target), target)

    def attempts(self, target: Target) -> Attempts:
        """What was sent for a target in this run."""
        return self._attempts[target.place]

    def stop(self, halt: Halt) -> None:
        """Send nothing more; the first reason stays."""
        self.halt = self.halt or halt

    def settle(self, result: Result) -> Result:
        """Keep how a target stands now, for the report."""
        self.results[result.target.place] = result
        return result

    def leave_out(self, targets: Iterable[Target], reason: str) -> None:
        """Settle targets that nothing is sent for, since the run stopped first."""
        for target in targets:
            self.settle(self.result(target, Outcome.NOT_TRIED, reason))

    def result(
        self,
        target: Target,
        outcome: Outcome,
        reason: str = "",
        backup_id: int | None = None,
        evidence: Evidence | None = None,
    ) -> Result:
        """Put together how a target stands, with what was sent for it so far."""
        attempts = self.attempts(target)
        return Result(
            target,
            self.observed.server_name(target),
            self.observed.application_name(target),
            outcome,
            reason,
            backup_id,
            attempts.count,
            max(0.0, attempts.ended - attempts.began) if attempts.count else 0.0,
            self.observed.domain(target),
            evidence,
        )
