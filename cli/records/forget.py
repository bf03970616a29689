"""`fleet-backup forget`: the ledger forgets automatic plans that were deleted in the panel."""

import asyncio
import sys

from cli.errors import UsageProblem
from fleet.ledger.forgetting import forget_plans
from fleet.settings import settings as environment


def forget_all(keys: tuple[str, ...]) -> int:
    """Take plans out of the ledger, and say which.

    Returns:
        The exit code, 0.

    Raises:
        UsageProblem: the ledger has no plan of one of these keys, or a run is at it; the others are forgotten.
        LedgerError: the ledger cannot be written.
    """
    forgotten = asyncio.run(forget_plans(environment.load().ledger_url(), keys))
    for key, about in forgotten.items():
        print(f"forgot the plan of {about.server} · {about.application} ({key})", file=sys.stderr)  # noqa: T201 - the command line speaks
    if unknown := [key for key in keys if key not in forgotten]:
        raise UsageProblem(f"{', '.join(unknown)}: the ledger has no such automatic plan, or a run is at it now")
    return 0
