"""Task: prove that what was accepted is complete, by one shared sweep over the list of backups."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.look_times import next_interval
from fleet.creation.fault_points import FaultPoint, reach
from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.entry import shown_by
from fleet.proof.proof import Proof
from fleet.proof.sought import Sought
from fleet.report.outcome import Exit, Halt
from fleet.serveravatar.catalogue import REFUSALS
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tasks.run_context import RunContext
from tasks.sweep import Sweep

FIRST_OF_A_PLAN: Final = 20.0
"""Seconds within which the first backup of a plan that starts at once shows; if none does, the plan stays `created`."""


@task(name="verify", task_run_name="verify {count} backups", cache_policy=NO_CACHE, persist_result=False)
async def verify(count: int, targets: Iterable[Target], context: RunContext, seconds: float) -> None:  # noqa: ARG001 - the first is for the name that Prefect's UI shows
    """Sweep the list at growing intervals until every backup is complete, has failed, or is overdue.

    The proofs are in the context then, by the key of their target; there is none of a plan whose first backup has not
    shown. They are not returned: Prefect would keep a state for each of them.

    Args:
        count: how many they are.
        targets: those whose backup was started.
        context: of the run.
        seconds: after which what is not complete is overdue.
    """
    awaited: defaultdict[int, dict[str, Sought]] = defaultdict(dict)
    for target in targets:
        sought = context.sought(target)
        awaited[target.organization][sought.key] = sought
    await asyncio.gather(*(_sweep(number, keys, seconds, context) for number, keys in awaited.items()))


async def _sweep(organization: int, sought: dict[str, Sought], seconds: float, context: RunContext) -> None:
    """Sweep the list of one organization until nothing is awaited any more."""
    began = time.monotonic()
    sweep = _only(context.sweep_over(organization, sought.values()), sought, context)
    watch = sweep.watch
    unseen = (key for key, each in sought.items() if not each.target.request.automatic_backup)
    proofs = dict.fromkeys(unseen, Proof())
    halted, is_last = "", False
    while watch.awaited and not is_last and not halted:
        reach(FaultPoint.IN_VERIFICATION)
        elapsed = time.monotonic() - began
        interval = next_interval(elapsed, watch.pages_in_vain)
        is_last = interval >= seconds - elapsed
        interval = min(interval, max(0.0, seconds - elapsed))
        context.listener.waiting(f"{len(watch.awaited)} backups to be complete", interval)
        await asyncio.sleep(interval)
        elapsed = time.monotonic() - began
        try:
            await sweep.look(last=is_last)
        except ApiUnusableError as error:
            context.stop(Halt(Exit.API_UNUSABLE, error.reason))
            halted = f"not proven: {error.reason}"
        except LedgerError as error:
            context.stop(Halt(Exit.UNEXPECTED, str(error)))
            halted = f"not proven: {error}"
        except ApiError as error:
            context.listener.waiting(f"the list of backups could not be read: {error}", 0)
            if error.meaning in REFUSALS:
                halted = f"not proven: the list of backups cannot be read: {error}"
        if elapsed >= FIRST_OF_A_PLAN:
            watch.give_up_unseen_plans()
    proofs |= watch.proofs
    if not halted:
        proofs |= await _twins(context.backups_of(organization), sought, proofs, context)
    proofs |= _unproven({*watch.awaited, *sweep.overdue}, proofs, halted or f"not complete after {seconds:.0f} s")
    context.proofs |= proofs


def _only(sweep: Sweep, sought: Mapping[str, Sought], context: RunContext) -> Sweep:
    """A sweep that went on beside the creates goes on with what was accepted; what has ended already is done."""
    for key in sweep.watch.awaited.keys() - sought.keys():
        sweep.watch.give_up(key)
    for _ in sweep.ended_at.keys() & sought.keys():
        context.listener.advance()
    sweep.watch.proving.ended, sweep.watch.reads_on = context.listener.advance, False
    return sweep


def _unproven(awaited: Iterable[str], proofs: dict[str, Proof], why: str) -> dict[str, Proof]:
    return {key: replace(proofs[key], reason=f"{why}: {proofs[key].reason}") for key in awaited if key in proofs}


async def _twins(
    backups: BackupList, sought: dict[str, Sought], proofs: dict[str, Proof], context: RunContext
) -> dict[str, Proof]:
    """Read once more, to where the run began, for what was sent more than once: a second backup is never silent."""
    resent = [sought[key] for key in proofs if context.entries[key].attempts > 1]
    if not resent:
        return {}
    await _until_all_show(resent, context)
    try:
        found = await backups.find(resent, thorough=True)
    except (ApiError, ApiUnusableError, LedgerError) as error:
        context.listener.waiting(f"what was made twice could not be looked for: {error}", 0)
        return {}
    return {
        each.key: replace(proofs[each.key], twins=twins)
        for each in resent
        if (twins := found.recognition.twins_of(each.key))
    }


async def _until_all_show(resent: Iterable[Sought], context: RunContext) -> None:
    """Wait until the list had time to show the last attempts, too: it may be later than their twins took to end."""
    shown_at = max(shown_by(context.entries[each.key], context.rules_for(each.target)) for each in resent)
    if (seconds := shown_at - context.now()) > 0:
        context.listener.waiting("second backups of what was sent again", seconds)
        await asyncio.sleep(seconds)
