"""A run without Prefect: it takes the product's own steps, as `tasks.create` and `tasks.verify` take them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.look_times import next_interval
from fleet.backup_list.ownership import Ownership
from fleet.creation.create_error import CreateError
from fleet.creation.doubt import doubt
from fleet.creation.intent import body_of
from fleet.dialect.combining import combined
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, answered, ended, found, not_found, proven, sending, sent_again, sought_of
from fleet.ledger.next_step import Step, next_step, settled_at, shown_by
from fleet.proof.absence import Looked, Rules, absence_of
from fleet.proof.proof import Proof
from fleet.proof.sought import Sought
from fleet.report.outcome import Outcome, Result
from fleet.serveravatar.catalogue import Meaning
from tests.property.durable import CrashError, Ledger
from tests.property.truth import is_not_sent_in_vain, is_true
from tests.property.world import World

RETRIES: Final = 6
FIRST_OF_A_PLAN: Final = 20.0
VERIFY_SECONDS: Final = 240.0
_TO_BE_PROVEN: Final = (Outcome.CREATED, Outcome.ADOPTED, Outcome.UNVERIFIED)


class Run:
    """One run over some targets."""

    def __init__(
        self, world: World, ledger: Ledger, targets: Sequence[Target], run_key: str, steps: int | None = None
    ) -> None:
        """Prepare.

        Args:
            world: what it acts on.
            ledger: what it knows, and writes.
            targets: what is asked for.
            run_key: what makes two runs the same run.
            steps: after so many micro-steps it is killed; None: never.
        """
        self.world, self.ledger, self.targets, self.run_key = world, ledger, targets, run_key
        self.results: dict[str, Result] = {}
        self._steps = steps
        self._acted: set[str] = set()
        self._looked_at: dict[str, float] = {}
        self._learner = Learner(ledger.dialect)
        plans = frozenset(entry.plan_id for entry in ledger.entries.values() if entry.automatic and entry.plan_id)
        self._own = Ownership(5, self._learner, ledger, plans, lambda: world.now)
        self._list = BackupList(world.send, 5, self._own)

    async def go(self) -> bool:
        """Create, verify, record, remember; return whether it came to its end."""
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._list.mark(exactly=any(each.request.automatic_backup for each in self.targets))
            tasks += [asyncio.create_task(self._one(each)) for each in self.targets]
            await asyncio.gather(*tasks)
            await self._verify()
        except CrashError:
            return False
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._list.close()
        self.ledger.dialect = combined(self.ledger.dialect, self._learner.dialect)
        for key, result in self.results.items():
            self.ledger.told[key] = f"{self.ledger.told.get(key, '')} | {result.outcome}: {result.reason}"
        return True

    def entry(self, target: Target) -> Entry:
        """What the ledger knows of a target."""
        key = target.key(self.run_key)
        fresh = Entry(key, self.run_key, target.request.automatic_backup, request=body_of(target, self.run_key))
        return self.ledger.entries.setdefault(key, fresh)

    def _step(self) -> None:
        if self._steps is not None:
            self._steps -= 1
            if self._steps < 0:
                raise CrashError

    def _save(self, entry: Entry) -> Entry:
        self._step()
        self.ledger.entries[entry.key] = entry
        self._step()
        return entry

    def _sought(self, target: Target) -> Sought:
        return sought_of(self.entry(target), target)

    @property
    def _rules(self) -> Rules:
        return self._learner.dialect.rules(Rules())

    def _settle(self, target: Target, outcome: Outcome, reason: str = "", backup_id: int | None = None) -> None:
        evidence = self.entry(target).evidence
        result = Result(target, "web", "shop", outcome, reason, backup_id, evidence=evidence)
        self.results[self.entry(target).key] = result

    async def _one(self, target: Target) -> None:
        entry = self.entry(target)
        if entry.is_settled:
            was = entry.outcome or Outcome.ADOPTED
            as_it_is = Outcome.ADOPTED if was is Outcome.CREATED else was
            self._settle(target, as_it_is, entry.reason, entry.backup_id)
            return
        self._acted.add(entry.key)
        for attempt in range(RETRIES + 1):
            try:
                entry = await self._created(target, is_last=attempt == RETRIES)
            except CreateError as error:
                if not error.retry:
                    self._settle(target, error.outcome, error.reason)
                    return
                await asyncio.sleep(1.25 * 2.0**attempt)
            else:
                self._settle(target, entry.outcome or Outcome.ADOPTED, entry.reason, entry.backup_id)
                return

    async def _created(self, target: Target, *, is_last: bool) -> Entry:
        """As `tasks.create._created`."""
        entry, sent, looked = self.entry(target), False, None
        while True:
            rules, now = self._rules, self.world.now
            match next_step(entry, now, rules, looked):
                case Step.DONE:
                    return entry
                case Step.WAIT:
                    await asyncio.sleep(max(0.0, settled_at(entry, rules, looked) - self.world.now))
                    looked = None
                case Step.LOOK:
                    entry, looked = await self._look(entry, target)
                case Step.ASK:
                    reason = doubt(entry, absence_of(entry.attempt, looked or Looked(), rules, now))
                    self._save(ended(entry, Outcome.IN_DOUBT, reason))
                    raise CreateError(Outcome.IN_DOUBT, reason, retry=False)
                case Step.SEND if sent:
                    raise self._failed(entry, is_last=is_last)
                case Step.SEND:
                    entry, sent, looked = await self._send(target), True, None
                    if entry.outcome is None and not (entry.doubtful and (entry.automatic or is_last)):
                        raise self._failed(entry, is_last=is_last)

    def _failed(self, entry: Entry, *, is_last: bool) -> CreateError:
        if is_last:
            self._save(ended(entry, Outcome.EXHAUSTED, entry.reason))
        return CreateError(Outcome.EXHAUSTED, entry.reason, retry=not is_last)

    async def _send(self, target: Target) -> Entry:
        before = self.entry(target)
        entry = self._save(sending(before, self.world.now, self._list.marked, body_of(target, self.run_key)))
        is_not_sent_in_vain(self.world, before, entry, self._looked_at.get(entry.key, 0.0))
        meaning = await self._called(target, entry)
        while meaning is Meaning.RATE_LIMITED:
            await asyncio.sleep(7.0)
            entry = self._save(sent_again(self.entry(target), self.world.now))
            meaning = await self._called(target, entry)
        self._step()
        now, reason = self.world.now, f"the API's words of {meaning}"
        entry = self._save(answered(self.entry(target), meaning, reason, now, doubtful_before=before.doubtful))
        self._own.note_sent(self._sought(target))
        if entry.outcome is Outcome.REJECTED:
            raise CreateError(Outcome.REJECTED, entry.reason, retry=False)
        return entry

    async def _called(self, target: Target, entry: Entry) -> Meaning:
        return await self.world.create(target, entry.key, target.backup_name(self.run_key))

    async def _look(self, entry: Entry, target: Target) -> tuple[Entry, Looked]:
        self._step()
        self._looked_at[entry.key] = self.world.now
        looked = await self._list.look(self._sought(target))
        self._step()
        return self._save(found(entry, looked) if looked.rows else not_found(entry)), looked

    async def _verify(self) -> None:
        """As `tasks.phases.verify` and `tasks.verify`."""
        targets = {
            key: result.target
            for key, result in self.results.items()
            if result.outcome in _TO_BE_PROVEN
            and result.target.request.starts_now
            and (key in self._acted or result.outcome is Outcome.UNVERIFIED or not self.entry(result.target).automatic)
        }
        sought = {key: self._sought(target) for key, target in targets.items()}
        if not sought:
            return
        proofs = {key: Proof() for key, each in sought.items() if not each.target.request.automatic_backup}
        proofs |= await self._swept(sought)
        resent = [each for key, each in sought.items() if key in proofs and self.ledger.entries[key].attempts > 1]
        if resent:
            by = max(shown_by(self.ledger.entries[each.key], self._rules) for each in resent)
            await asyncio.sleep(max(0.0, by - self.world.now))
            again = await self._list.find(resent, thorough=True)
            for each in resent:
                if twins := again.recognition.twins_of(each.key):
                    proofs[each.key] = replace(proofs[each.key], twins=twins)
        for key, proof in proofs.items():
            result = self.results[key] = self.results[key].proven(proof)
            self._save(proven(self.entry(targets[key]), result.outcome, proof))

    async def _swept(self, sought: Mapping[str, Sought]) -> dict[str, Proof]:
        watch, began, is_last = self._list.watch(sought.values(), lambda: None), self.world.now, False
        while watch.awaited and not is_last:
            self._step()
            elapsed = self.world.now - began
            interval = next_interval(elapsed, watch.pages_in_vain)
            is_last = interval >= VERIFY_SECONDS - elapsed
            await asyncio.sleep(min(interval, max(0.0, VERIFY_SECONDS - elapsed)))
            awaited, since = set(watch.awaited), self.world.now
            await self._list.look_for_progress(watch, self.world.now - began, last=is_last)
            for key in awaited - watch.awaited.keys():
                is_true(self.world, watch.proofs[key], since, self._learner.dialect)
            if self.world.now - began >= FIRST_OF_A_PLAN:
                watch.give_up_unseen_plans()
        late = f"not complete after {VERIFY_SECONDS:.0f} s"
        overdue = {
            key: replace(proof, reason=f"{late}: {proof.reason}")
            for key, proof in watch.proofs.items()
            if key in watch.awaited
        }
        return {**watch.proofs, **overdue}
