"""The verifying phase of a run: what was accepted is proven, and the proof is recorded."""

import asyncio

from fleet.fault_points import FaultPoint, reach
from fleet.ledger.engine import LedgerError
from fleet.ledger.entry import proven
from fleet.ledger.groups import LostLeaseError
from fleet.outcome import Exit, Halt, Outcome, Result
from fleet.target import Target
from fleet.verification import Proof
from tasks.run_context import RunContext
from tasks.unvisited import unvisited
from tasks.verify import verify


async def verify_all(context: RunContext, seconds: float) -> None:
    """Prove the backups that were started; a plan that starts later stays `created`."""
    accepted = [result.target for result in context.results.values() if _is_to_be_proven(result, context)]
    if not accepted:
        return
    context.listener.phase("verify", len(accepted))
    proofs = await verify(len(accepted), unvisited(accepted), context, seconds)
    found = [(target, proof) for target in accepted if (proof := proofs.get(context.entry(target).key)) is not None]
    await asyncio.gather(*(_record(target, proof, context) for target, proof in found))
    reach(FaultPoint.AFTER_PROOF)


async def record_seen(context: RunContext) -> None:
    """Without a verifying phase, record at least what was seen while places under a cap were waited for."""
    seen = {key: sweep.watch.proofs[key] for sweep in context.sweeps.values() for key in sweep.ended_at}
    accepted = [result.target for result in context.results.values() if _is_to_be_proven(result, context)]
    found = [(target, proof) for target in accepted if (proof := seen.get(context.entry(target).key)) is not None]
    await asyncio.gather(*(_record(target, proof, context) for target, proof in found))


def _is_to_be_proven(result: Result, context: RunContext) -> bool:
    request = result.target.request
    if result.outcome not in (Outcome.CREATED, Outcome.ADOPTED, Outcome.UNVERIFIED) or not request.starts_now:
        return False
    # Of a plan that was there already the backups are no concern of this run, but for one that was never seen complete.
    is_new = context.attempts(result.target).acted or result.outcome is Outcome.UNVERIFIED
    return is_new or not request.automatic_backup


async def _record(target: Target, proof: Proof, context: RunContext) -> None:
    result = context.settle(context.results[target.place].proven(proof))
    try:
        await context.save(proven(context.entry(target), result.outcome, proof))
    except LostLeaseError:
        return  # Another run of the key acts on it and records it itself.
    except LedgerError as error:
        context.stop(Halt(Exit.UNEXPECTED, str(error)))  # What was proven is told all the same.
