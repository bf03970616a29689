"""The verifying phase: what was accepted is proven, and the proof is recorded."""

import asyncio
from collections.abc import Mapping
from typing import cast

from fleet.creation.fault_points import FaultPoint, reach
from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.entry import proven
from fleet.ledger.group_commit import LostLeaseError
from fleet.proof.proof import Proof
from fleet.report.outcome import Exit, Halt, Outcome, Result
from fleet.report.progress import listener
from tasks.proving.prover import Prover
from tasks.run.entries import AT_ONCE, Entries
from tasks.run.mistakes import result_of
from tasks.run.results import Results
from tasks.run.unvisited import unvisited
from tasks.verify import verify


async def verify_backups(prover: Prover, entries: Entries, results: Results, seconds: float) -> None:
    """Prove the backups that were started; a plan that starts later stays `created`.

    Args:
        prover: watches the backup lists.
        entries: where the proofs are recorded.
        results: how the targets stand.
        seconds: after which an incomplete backup is overdue.
    """
    accepted = _to_be_proven(results)
    if not accepted:
        return
    listener.get().phase("verify", len(accepted))
    verifying = verify(len(accepted), unvisited(accepted), prover, seconds, return_state=True)
    await record_proofs(cast("dict[str, Proof]", await result_of(verifying)), entries, results)
    reach(FaultPoint.AFTER_PROOF)


async def record_proofs(proofs: Mapping[str, Proof], entries: Entries, results: Results) -> None:
    """Record what was proven of the backups that were started.

    Args:
        proofs: by the key of their target.
        entries: where they are recorded.
        results: how the targets stand.
    """
    found = [
        (target, proof) for target in _to_be_proven(results) if (proof := proofs.get(entries.key(target))) is not None
    ]
    for start in range(0, len(found), AT_ONCE):
        await asyncio.gather(*(_record(*each, entries, results) for each in found[start : start + AT_ONCE]))


def _to_be_proven(results: Results) -> list[Target]:
    return [result.target for result in results.settled() if _is_to_be_proven(result, results)]


def _is_to_be_proven(result: Result, results: Results) -> bool:
    request = result.target.request
    if result.outcome not in (Outcome.CREATED, Outcome.ADOPTED, Outcome.UNVERIFIED) or not request.starts_now:
        return False
    # The backups of a plan that existed already do not concern this run, unless it was never seen complete.
    is_new = results.attempts(result.target).acted or result.outcome is Outcome.UNVERIFIED
    return is_new or not request.automatic_backup


async def _record(target: Target, proof: Proof, entries: Entries, results: Results) -> None:
    result = results.replace(results.of(target).proven(proof))
    try:
        await entries.save(proven(entries.of(target), result.outcome, proof))
    except LostLeaseError:
        return  # Another run of the key acts on it and records it itself.
    except LedgerError as error:
        results.stop(Halt(Exit.UNEXPECTED, str(error)))  # What was proven is reported all the same.
