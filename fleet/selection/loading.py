"""From a fleet file on disk to what one run covers."""

from datetime import datetime
from pathlib import Path

from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.reading import read, source_of
from fleet.fleet_file.resolution import resolve
from fleet.inventory.inventory import Inventory
from fleet.inventory.narrowing import Narrowing
from fleet.inventory.request import PAST
from fleet.ledger.reading import sent_plans
from fleet.selection.rerun import unfinished_in
from fleet.selection.selection import narrowed
from fleet.serveravatar.text import one_line


async def load_inventory(
    fleet_file: Path, limit: list[str], now: datetime, failed_from: str | None, ledger_url: str, fleet: str = ""
) -> tuple[Inventory, str | None]:
    """Read, validate and select; with rules, `fleet.selection.living` selects when it resolves them.

    Args:
        fleet_file: the YAML inventory.
        limit: patterns of `--limit`.
        now: the time; start times must be after it.
        failed_from: a report, or `last` for the last run of this fleet; only its failures are kept.
        ledger_url: where the ledger is.
        fleet: the name by which the ledger knows its runs; by default the fleet file's.

    Returns:
        What the run covers, and the run key of the earlier run it continues, if any.

    Raises:
        FleetFileError: with every mistake of the file.
        SelectionError: a pattern of `limit` names no server, or nothing is left to do.
        LedgerError: the ledger is needed (`last`, or a start time that has passed) and cannot be read.
    """
    inventory = await _resolved(fleet_file, now, ledger_url)
    unfinished = await unfinished_in(failed_from, ledger_url, fleet or fleet_file.name) if failed_from else None
    narrowing = Narrowing(tuple(map(one_line, limit)), unfinished)
    return narrowed(inventory, narrowing), unfinished.run_key if unfinished else None


async def _resolved(fleet_file: Path, now: datetime, ledger_url: str) -> Inventory:
    """Read and validate; the ledger is read only if a start time has passed, since that plan may already exist."""
    values = read(fleet_file)
    try:
        return resolve(values, now, source_of(fleet_file))
    except FleetFileError as error:
        if not any(mistake.kind == PAST for mistake in error.mistakes):
            raise
    return resolve(values, now, source_of(fleet_file), await sent_plans(ledger_url))
