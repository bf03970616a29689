"""Sends the create of a target: its intent is recorded first, and a request in flight is not dropped lightly."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from fleet.creation.brakes import Brakes
from fleet.creation.create_error import CreateError
from fleet.creation.fault_points import FaultPoint, reach
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, answered, ended, sending, sent_again
from fleet.proof.sought import Mark
from fleet.report.outcome import Exit, Halt, Outcome
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.client import Client
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wire import create_backup
from tasks.creating.recheck import Recheck
from tasks.run.entries import Entries
from tasks.run.results import Results

LAST_RESPONSE: Final = 3.0
"""Seconds that an interrupted run waits for the response to what is in flight, so that less is left in doubt."""


RECORDED_SECONDS: Final = 2.0
"""How old the recorded time of an intent may be when it has been saved: the time that the list gets to show its backup
counts from there."""


class WindowClosedError(Exception):
    """The window of a target is closed, so nothing was sent; the text says when it opens."""


class Sender:
    """Sends creates for a run, unless the run has stopped or a brake holds."""

    def __init__(
        self,
        client: Client,
        entries: Entries,
        results: Results,
        brakes: Brakes,
        recheck: Recheck,
        clock: Callable[[], datetime],
    ) -> None:
        """Prepare.

        Args:
            client: sends the requests.
            entries: where intents and outcomes are recorded.
            results: count the attempts, and know whether the run has stopped.
            brakes: stop what keeps failing.
            recheck: looks up trusted targets after a refusal.
            clock: the time, for windows.
        """
        self._client = client
        self._entries = entries
        self._results = results
        self._brakes = brakes
        self._recheck = recheck
        self._clock = clock

    @property
    def halt(self) -> Halt | None:
        """Why the run sends nothing more; None while it may send."""
        return self._results.halt

    def outside_window(self, target: Target) -> str:
        """Why a target's backup may not start now; empty if it may."""
        return target.outside_window(self._clock())

    async def send(self, target: Target, marked: Mark) -> Entry:
        """Send the create, and record what the response means.

        Args:
            target: whose create.
            marked: where its backup list ended before the run.

        Returns:
            The entry after the response.

        Raises:
            CreateError: the run sends nothing more of this kind, or a precondition turned out not to be met.
            WindowClosedError: the target's window closed before it was sent.
            ApiUnusableError: no request of this run will fare better, and this one was not sent.
            LedgerError: the intent cannot be recorded, so nothing was sent.
            LostLeaseError: another run has taken the target over.
            asyncio.CancelledError: the run was interrupted.
        """
        before = self._entries.of(target)
        if before.attempts:
            await self._recheck.problem(target)
        meaning, reason = await self.response_to(target, marked)
        reach(FaultPoint.AFTER_ANSWER)
        now = self._entries.now()
        entry = answered(self._entries.of(target), meaning, reason, now, doubtful_before=before.doubtful)
        if entry.outcome is Outcome.CREATED:
            self._brakes.accepted(target)
        await self._entries.save(entry)
        return await self._refused(target, entry) if entry.outcome is Outcome.REJECTED else entry

    async def _refused(self, target: Target, entry: Entry) -> Entry:
        """Find out whether a precondition is not met: that is no reason to stop what keeps failing."""
        if problem := await self._recheck.problem(target):
            return await self._entries.save(ended(entry, Outcome.UNMET, problem))
        self._brakes.failed(target, entry.reason)
        return entry

    async def response_to(self, target: Target, marked: Mark) -> tuple[Meaning, str]:
        """Send the create; return what the response means, and its message. An interrupted run waits a little for it.

        Raises:
            As `send`.
        """
        attempts = self._results.attempts(target)
        request = create_backup(target.organization, target.server_id, self._entries.body(target))
        attempt = asyncio.ensure_future(self._client.send(request, partial(self.record_intent, target, marked)))
        try:
            await asyncio.shield(attempt)
        except asyncio.CancelledError:
            done, _ = await asyncio.wait([attempt], timeout=LAST_RESPONSE if attempts.in_flight else 0)
            attempt.cancel()
            if done and attempts.count:
                await self._record_last_response(attempt, target)
            raise
        except ApiUnusableError as error:
            if not attempts.in_flight:
                raise  # Nothing was sent, and nothing recorded.
            self._results.stop(Halt(Exit.API_UNUSABLE, error.reason))
            return Meaning.IN_DOUBT if error.in_doubt else Meaning.TOKEN_REFUSED, error.reason
        except ApiError as error:
            return error.meaning, error.message
        finally:
            attempts.end()
        return Meaning.ACCEPTED, ""

    async def record_intent(self, target: Target, marked: Mark) -> None:
        """Record durably that the create is being sent: the last step before it leaves, also after waiting for a 429.

        Raises:
            CreateError: the run sends nothing more of this kind, or a precondition turned out not to be met.
            WindowClosedError: the target's window is closed.
            LedgerError: the ledger cannot be written.
            LostLeaseError: another run has taken the target over.
        """
        entries, attempts = self._entries, self._results.attempts(target)
        if attempts.in_flight:
            # A 429 was waited for: it is the same attempt, but it leaves only now.
            await self._record_time(target)
            reach(FaultPoint.AFTER_INTENT)
            return
        if stopped := self.halt.reason if self.halt else self._brakes.reason_to_stop(target):
            raise CreateError(Outcome.NOT_TRIED, stopped, retry=False)
        if problem := self._recheck.known_problem(target):
            await entries.save(ended(entries.of(target), Outcome.UNMET, problem))
            raise CreateError(Outcome.UNMET, problem, retry=False)
        self._check_window(target)
        entry = await entries.save(sending(entries.of(target), entries.now(), marked, entries.body(target)))
        if self._is_late(entry):
            await self._record_time(target)
        attempts.begin(self._clock())
        reach(FaultPoint.AFTER_INTENT)

    async def _record_time(self, target: Target) -> None:
        """Record when the create leaves, again where the ledger had to be waited for."""
        entries = self._entries
        while True:
            self._check_window(target)
            if not self._is_late(await entries.save(sent_again(entries.of(target), entries.now()))):
                return

    def _is_late(self, entry: Entry) -> bool:
        return self._entries.now() - (entry.sent_at or 0.0) > RECORDED_SECONDS

    def _check_window(self, target: Target) -> None:
        """Refuse to send outside the window, whatever was waited for."""
        if why := self.outside_window(target):
            raise WindowClosedError(why)

    async def _record_last_response(self, attempt: asyncio.Future[Any], target: Target) -> None:
        """Record the response that came while the run was interrupted: neither refusal nor acceptance leaves doubt."""
        error = attempt.exception()
        if error is None:
            meaning, reason = Meaning.ACCEPTED, ""
        elif isinstance(error, ApiError):
            meaning, reason = error.meaning, error.message
        else:
            return
        entry = self._entries.of(target)
        # Whether an earlier attempt is in doubt is not known here: only a first attempt leaves none behind.
        doubtful_before = entry.attempts > 1
        now = self._entries.now()
        await self._entries.save(answered(entry, meaning, reason, now, doubtful_before=doubtful_before))
