"""The verifying phase of a run: what was accepted is proven, and the proof is recorded."""

import asyncio
from collections.abc import Mapping, Sequence

from fleet.creation.fault_points import FaultPoint, reach
from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.entry import proven
from fleet.ledger.groups import LostLeaseError
from fleet.proof.proof import Proof
from fleet.report.outcome import Exit, Halt, Outcome, Result
from tasks.claim import AT_ONCE
from tasks.run_context import RunContext
from tasks.unvisited import unvisited
from tasks.verify import verify


async def verify_all(context: RunContext, seconds: float) -> None:
    """Prove the backups that were started; a plan that starts later stays `created`."""
    accepted = [result.target for result in context.results.values() if _is_to_be_proven(result, context)]
    if not accepted:
        return
    context.listener.phase("verify", len(accepted))
    await verify(len(accepted), unvisited(accepted), context, seconds)
    await _record_all(accepted, context.proofs, context)
    reach(FaultPoint.AFTER_PROOF)


async def record_seen(context: RunContext) -> None:
    """Without a verifying phase, record at least what was seen while places under a cap were waited for."""
    seen = {key: sweep.watch.proofs[key] for sweep in context.sweeps.values() for key in sweep.ended_at}
    accepted = [result.target for result in context.results.values() if _is_to_be_proven(result, context)]
    await _record_all(accepted, seen, context)


def _is_to_be_proven(result: Result, context: RunContext) -> bool:
    request = result.target.request
    if result.outcome not in (Outcome.CREATED, Outcome.ADOPTED, Outcome.UNVERIFIED) or not request.starts_now:
        return False
    # Of a plan that was there already the backups are no concern of this run, but for one that was never seen complete.
    is_new = context.attempts(result.target).acted or result.outcome is Outcome.UNVERIFIED
    return is_new or not request.automatic_backup


async def _record_all(targets: Sequence[Target], proofs: Mapping[str, Proof], context: RunContext) -> None:
    """Record what was proven, so many at a time: all at once would take as much memory as the run did."""
    found = [(target, proof) for target in targets if (proof := proofs.get(context.entry(target).key)) is not None]
    for start in range(0, len(found), AT_ONCE):
        await asyncio.gather(*(_record(*each, context) for each in found[start : start + AT_ONCE]))


async def _record(target: Target, proof: Proof, context: RunContext) -> None:
    result = context.settle(context.results[target.place].proven(proof))
    try:
        await context.save(proven(context.entry(target), result.outcome, proof))
    except LostLeaseError:
        return  # Another run of the key acts on it and records it itself.
    except LedgerError as error:
        context.stop(Halt(Exit.UNEXPECTED, str(error)))  # What was proven is told all the same.
