"""`--failed-from`: the targets of an earlier run that did not end well, to be run again under its run key."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fleet.inventory import Inventory
from fleet.ledger.history import last_report
from fleet.outcome import GOOD, Outcome
from fleet.selection import SelectionError
from fleet.target import Target

LAST: Final = "last"
_FIELDS: Final = ("organization", "server_id", "application_id", "database_id", "type", "automatic_backup")


async def failed_of(inventory: Inventory, failed_from: str, ledger_url: str) -> tuple[Inventory, str]:
    """Keep only what did not end well in an earlier run.

    Args:
        inventory: of the fleet file.
        failed_from: the path of a report, or `last` for the last run that the ledger knows.
        ledger_url: where the ledger is.

    Returns:
        The inventory of these targets, and the run key of the earlier run.

    Raises:
        SelectionError: there is no such report, or nothing of it is left to do.
        LedgerError: the ledger cannot be read.
    """
    report = await _last(ledger_url) if failed_from == LAST else _read(Path(failed_from))
    try:
        failed = {
            tuple(target[name] for name in _FIELDS)
            for target in report["targets"]
            if Outcome(target["outcome"]) not in GOOD
        }
        run_key = str(report["run_key"])
    except (KeyError, TypeError, ValueError):
        raise SelectionError(f"--failed-from {failed_from}: is not a report of fleet-backup") from None
    servers = tuple(
        replace(server, targets=targets)
        for server in inventory.servers
        if (targets := tuple(target for target in server.targets if _identity(target) in failed))
    )
    if not servers:
        raise SelectionError(f"--failed-from {failed_from}: nothing of run {run_key} is left to do in this fleet file")
    return replace(inventory, servers=servers), run_key


def _identity(target: Target) -> tuple[Any, ...]:
    request = target.request
    names = {"organization": target.organization, "server_id": target.server_id}
    return tuple(names[name] if name in names else getattr(request, name) for name in _FIELDS)


async def _last(ledger_url: str) -> Mapping[str, Any]:
    report = await last_report(ledger_url)
    if report is None:
        raise SelectionError("--failed-from last: the ledger knows of no run")
    return report


def _read(path: Path) -> Mapping[str, Any]:
    try:
        report: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SelectionError(f"--failed-from {path}: cannot be read: {error}") from None
    return report
