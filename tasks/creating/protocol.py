"""The protocol of one create: look before sending again, send, record. The decisions are `fleet.ledger.entry`'s."""

import asyncio
from dataclasses import dataclass

from fleet.creation.create_error import CreateError
from fleet.creation.doubt import doubt
from fleet.creation.fault_points import FaultPoint, reach
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, ended, expired, found, not_found
from fleet.ledger.next_step import Step, next_step, settled_at
from fleet.proof.absence import Looked, Rules, absence_of
from fleet.proof.proof import Evidence
from fleet.report.outcome import Outcome
from fleet.serveravatar.catalogue import REFUSALS
from fleet.serveravatar.errors import ApiError
from tasks.creating.in_flight import Leave
from tasks.creating.sender import Sender, WindowClosedError
from tasks.run.backup_lists import BackupLists
from tasks.run.entries import Entries


@dataclass(frozen=True, slots=True)
class Created:
    """A create that succeeded: accepted now, or found to exist already."""

    outcome: Outcome
    backup_id: int | None = None
    evidence: Evidence | None = None
    reason: str = ""


class CreateProtocol:
    """Takes the steps of the protocol, for one target at a time."""

    def __init__(self, entries: Entries, lists: BackupLists, sender: Sender) -> None:
        """Prepare.

        Args:
            entries: what the ledger knows.
            lists: where to look for what is in doubt.
            sender: sends the creates.
        """
        self._entries = entries
        self._lists = lists
        self._sender = sender

    async def create(self, target: Target, leave: Leave, *, is_last_attempt: bool) -> Created:
        """Take steps until the target has ended, or another attempt must be made.

        Args:
            target: whose backup.
            leave: gives the place in flight back, before a wait for anything but the API.
            is_last_attempt: whether no attempt follows this one.

        Raises:
            CreateError: refused, failed or in doubt; it says whether another attempt is worth making.
            ApiUnusableError: no request of this run will fare better.
            LedgerError: the ledger cannot be written, so nothing may be sent.
            LostLeaseError: another run has taken the target over.
        """
        entry, sent, looked, now = self._entries.of(target), False, None, self._entries.now()
        while True:
            rules = self._lists.rules_for(target)
            # A look proves nothing about what has appeared since it began.
            now = now if looked else self._entries.now()
            match next_step(entry, now, rules, looked):
                case Step.DONE:
                    return Created(entry.outcome or Outcome.ADOPTED, entry.backup_id, entry.evidence, entry.reason)
                case Step.WAIT:
                    leave()
                    await asyncio.sleep(max(0.0, settled_at(entry, rules, looked) - self._entries.now()))
                    looked = None
                case Step.LOOK:
                    entry, looked = await self._look(entry, target, is_last_attempt=is_last_attempt)
                case Step.ASK:
                    raise await self._in_doubt(entry, looked or Looked(), rules)
                case Step.SEND if sent:
                    raise await self._failed(entry, is_last_attempt=is_last_attempt)
                case Step.SEND:
                    entry, sent, looked = await self._send(entry, target), True, None
                    # The next attempt looks, right before it would send; a plan's doubt is settled within this one.
                    must_look_now = entry.doubtful and (entry.automatic or is_last_attempt)
                    if entry.outcome is None and not must_look_now:
                        raise await self._failed(entry, is_last_attempt=is_last_attempt)

    def why_not_now(self, target: Target) -> str:
        """Why nothing may be sent for a target now: its window is closed, and nothing of it is in doubt."""
        return "" if self._entries.of(target).doubtful else self._sender.outside_window(target)

    async def expire(self, target: Target, why: str, *, doubtful_before: bool = False) -> CreateError:
        """Record that the window closed first: another run of the key continues, and looks first if it is in doubt.

        Args:
            target: whose window.
            why: what people read.
            doubtful_before: whether an earlier create of it is in doubt.

        Returns:
            What ends the target's task.

        Raises:
            LedgerError: the ledger cannot be written.
            LostLeaseError: another run has taken the target over.
        """
        reason = f"it may have been created, and is not sent again {why}" if doubtful_before else why
        entry = expired(self._entries.of(target), reason, doubtful_before=doubtful_before)
        await self._entries.save(entry)
        return CreateError(entry.outcome or Outcome.EXPIRED, entry.reason, retry=False)

    async def _send(self, entry: Entry, target: Target) -> Entry:
        """Send, within the window; a refusal ends the target."""
        if why := self._sender.outside_window(target):
            raise await self.expire(target, why, doubtful_before=entry.doubtful)
        backups = self._lists.of(target.organization)
        try:
            sent = await self._sender.send(target, backups.marked)
        except WindowClosedError as closed:
            raise await self.expire(target, str(closed), doubtful_before=entry.doubtful) from None
        backups.own.note_sent(self._entries.sought(target))
        reach(FaultPoint.AFTER_OUTCOME)
        if sent.outcome in (Outcome.REJECTED, Outcome.UNMET):
            raise CreateError(sent.outcome, sent.reason, retry=False)
        return sent

    async def _look(self, entry: Entry, target: Target, *, is_last_attempt: bool) -> tuple[Entry, Looked]:
        reach(FaultPoint.BEFORE_LOOK)
        try:
            looked = await self._lists.of(target.organization).look(self._entries.sought(target))
        except ApiError as error:
            reason = f"it may have been created, and the backup list could not be read: {error}"
            raise CreateError(
                Outcome.IN_DOUBT, reason, retry=not is_last_attempt and error.meaning not in REFUSALS
            ) from None
        reach(FaultPoint.AFTER_LOOK)
        return await self._entries.save(found(entry, looked) if looked.rows else not_found(entry)), looked

    async def _failed(self, entry: Entry, *, is_last_attempt: bool) -> CreateError:
        """An attempt has failed: another one follows, and the last one ends the entry."""
        if halt := self._sender.halt:
            outcome = Outcome.IN_DOUBT if entry.doubtful else Outcome.NOT_TRIED
            return CreateError(outcome, halt.reason, retry=False)
        if not is_last_attempt:
            return CreateError(Outcome.EXHAUSTED, entry.reason, retry=True)
        await self._entries.save(ended(entry, Outcome.EXHAUSTED, entry.reason))
        return CreateError(Outcome.EXHAUSTED, entry.reason, retry=False)

    async def _in_doubt(self, entry: Entry, looked: Looked, rules: Rules) -> CreateError:
        """It may exist, and its absence is not proven: say until when, and what a person can do."""
        absence = absence_of(entry.attempt, looked, rules, self._entries.now())
        entry = await self._entries.save(ended(entry, Outcome.IN_DOUBT, doubt(entry, absence)))
        return CreateError(Outcome.IN_DOUBT, entry.reason, retry=False)
