"""What was asked for on the command line of `plan` and `run`."""

from dataclasses import dataclass
from pathlib import Path

from fleet.creation.concurrency import USUAL_CONCURRENCY
from fleet.inventory.caps import UNCAPPED, Caps
from fleet.serveravatar.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which targets of a fleet file, and as which run."""

    fleet: Path
    limit: tuple[str, ...] = ()
    run_key: str | None = None
    failed_from: str | None = None
    resend_plans: tuple[str, ...] = ()
    update_plans: bool = False
    allow_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRun(Wanted):
    """How to run them, too.

    Attributes:
        listed_as: the name of the fleet, if a file lists several.
        account: of such a fleet, if no block and not the environment has it.
        credentials: the block that has it.
        caps: in place of the fleet file's.
    """

    dry_run: bool = False
    max_failures: float | None = None
    concurrency: int = USUAL_CONCURRENCY
    verify: bool = True
    verify_timeout: float = 3600.0
    listed_as: str = ""
    account: Account | None = None
    credentials: str = ""
    caps: Caps = UNCAPPED
