"""Sends the create of one target: its intent is recorded before, and what is under way is not dropped lightly."""

import asyncio
from functools import partial
from typing import Any, Final

from fleet.creation.create_error import CreateError
from fleet.creation.fault_points import FaultPoint, reach
from fleet.inventory.target import Target
from fleet.ledger.entry import answered, sending, sent_again
from fleet.report.outcome import Exit, Halt, Outcome
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wire import create_backup as create_request
from tasks.run_context import RunContext

LAST_ANSWER: Final = 3.0
"""Seconds that an interrupted run waits for the answer to what is under way, so that less is left in doubt."""


class WindowClosedError(Exception):
    """The window of a target is closed, so nothing was sent; the text says when it opens."""


async def send_create(target: Target, context: RunContext) -> tuple[Meaning, str]:
    """Send the create, and say what its answer means and in which words.

    An interrupted run waits a little for what is under way, so that less is left in doubt.

    Raises:
        CreateError: the run sends nothing more of this kind.
        WindowClosedError: the target's window closed before it left.
        ApiUnusableError: no request of this run will fare better, and this one was not sent.
        LedgerError: the intent cannot be recorded, so nothing was sent.
        LostLeaseError: another run has taken the target over.
        asyncio.CancelledError: the run was interrupted.
    """
    attempts = context.attempts(target)
    request = create_request(target.organization, target.server_id, context.body(target))
    attempt = asyncio.ensure_future(context.client.send(request, partial(record_intent, target, context)))
    try:
        await asyncio.shield(attempt)
    except asyncio.CancelledError:
        done, _ = await asyncio.wait([attempt], timeout=LAST_ANSWER if attempts.under_way else 0)
        attempt.cancel()
        if done and attempts.count:
            await _record_last_answer(attempt, target, context)
        raise
    except ApiUnusableError as error:
        if not attempts.under_way:
            raise  # Nothing was sent, and nothing recorded.
        context.stop(Halt(Exit.API_UNUSABLE, error.reason))
        return Meaning.IN_DOUBT if error.in_doubt else Meaning.TOKEN_REFUSED, error.reason
    except ApiError as error:
        return error.meaning, error.message
    finally:
        attempts.end()
    return Meaning.ACCEPTED, ""


async def _record_last_answer(attempt: asyncio.Future[Any], target: Target, context: RunContext) -> None:
    """What was answered while the run was being interrupted: a refusal leaves no doubt, an acceptance neither."""
    error = attempt.exception()
    if error is None:
        meaning, reason = Meaning.ACCEPTED, ""
    elif isinstance(error, ApiError):
        meaning, reason = error.meaning, error.message
    else:
        return
    entry = context.entry(target)
    # Whether an earlier attempt is in doubt is not known here: only one that is the first leaves none behind.
    doubtful_before = entry.attempts > 1
    await context.save(answered(entry, meaning, reason, context.ledger.now(), doubtful_before=doubtful_before))


async def record_intent(target: Target, context: RunContext) -> None:
    """Record durably that the create is being sent: the last thing before it leaves, also after each wait for a 429.

    Raises:
        CreateError: the run sends nothing more of this kind.
        WindowClosedError: the target's window is closed.
        LedgerError: the ledger cannot be written.
        LostLeaseError: another run has taken the target over.
    """
    attempts = context.attempts(target)
    if attempts.under_way:
        _check_window(target, context)
        # A 429 was waited for: it is the same attempt, but it leaves only now.
        await context.save(sent_again(context.entry(target), context.ledger.now()))
        reach(FaultPoint.AFTER_INTENT)
        return
    if context.halt:
        raise CreateError(Outcome.NOT_TRIED, context.halt.reason, retry=False)
    if why := context.brakes.reason_to_stop(target):
        raise CreateError(Outcome.NOT_TRIED, why, retry=False)
    _check_window(target, context)
    marked = context.backups_of(target.organization).marked
    await context.save(sending(context.entry(target), context.ledger.now(), marked, context.body(target)))
    attempts.begin()
    attempts.sent_at = context.clock()
    reach(FaultPoint.AFTER_INTENT)


def _check_window(target: Target, context: RunContext) -> None:
    """Refuse to send outside the window: the last thing before a request leaves, whatever was waited for."""
    if why := context.outside_window(target):
        raise WindowClosedError(why)
