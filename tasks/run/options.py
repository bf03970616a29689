"""The options of one run."""

from dataclasses import dataclass

from fleet.creation.concurrency import USUAL_CONCURRENCY


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How one run is to go.

    Attributes:
        run_key: the idempotency key: runs with the same key create each backup once.
        fleet: the name by which the ledger knows the runs of the fleet: its own, or its fleet file's.
        dry_run: check everything, report what would be done, and do nothing.
        verify: wait until what starts now is proven complete.
        verify_timeout: seconds after which an incomplete backup is unverified.
        concurrency: maximum concurrent requests.
        max_failures: stop sending when more than this percentage of the creates has failed; 100 never stops.
        resend_plans: which automatic plans in doubt to send again (`fleet.creation.resending`).
        update_plans: change automatic plans that differ from the fleet file.
        approve_above: ask for approval before creating more backups than this; 0 never asks.
        allow_empty: allow `select` rules that match nothing.
    """

    run_key: str
    fleet: str
    dry_run: bool = False
    verify: bool = True
    verify_timeout: float = 3600.0
    concurrency: int = USUAL_CONCURRENCY
    max_failures: float = 100.0
    resend_plans: tuple[str, ...] = ()
    update_plans: bool = False
    approve_above: int = 0
    allow_empty: bool = False
