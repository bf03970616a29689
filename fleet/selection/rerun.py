"""`--failed-from`: the failed targets of an earlier run, to be retried under its run key."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from fleet.fleet_file.home import at_home
from fleet.fleet_file.regular_file import read_regular
from fleet.inventory.narrowing import Failed, Unfinished
from fleet.ledger.reports import last_report
from fleet.report.outcome import GOOD, Outcome
from fleet.report.selection import Selection
from fleet.selection.selection import SelectionError
from fleet.serveravatar.text import one_line

LAST: Final = "last"
_LARGEST: Final = 256 * 1024**2
"""Bytes. A report has about 500 per target."""
_FIELDS: Final = ("organization", "server_id", "application_id", "database_id", "type", "automatic_backup")


async def unfinished_in(failed_from: str, ledger_url: str, fleet: str) -> Unfinished:
    """Read what an earlier run left unfinished.

    Args:
        failed_from: the path of a report, or `last` for the last run of this fleet in the ledger.
        ledger_url: where the ledger is.
        fleet: the name of the fleet or of its fleet file, by which the ledger knows its runs.

    Raises:
        SelectionError: there is no such report, or its run ended before its rules were resolved.
        LedgerError: the ledger cannot be read.
    """
    report = await _last(ledger_url, fleet) if failed_from == LAST else _read(Path(failed_from))
    source = one_line(failed_from)
    try:
        failed = frozenset(
            cast("Failed", tuple(target[name] for name in _FIELDS))
            for target in report["targets"]
            if Outcome(target["outcome"]) not in GOOD
        )
        selection = Selection.model_validate(report.get("selection", {}))
        run_key = one_line(str(report["run_key"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SelectionError(f"--failed-from {source}: not a report of fleet-backup") from None
    if selection.scope == "unknown":
        raise SelectionError(
            f"--failed-from {source}: run {run_key} ended before its rules were resolved, so what is left of it "
            f"is unknown; repeat all of it with --run-key {run_key}"
        )
    unread = frozenset((server.organization, server.server_id) for server in selection.unread)
    closed = frozenset(each.organization for each in selection.unread_organizations)
    return Unfinished(source, run_key, failed, unread, closed)


async def _last(ledger_url: str, fleet: str) -> Mapping[str, Any]:
    report = await last_report(ledger_url, fleet)
    if report is None:
        raise SelectionError(f"--failed-from last: no runs of {one_line(fleet)} in the ledger")
    return report.model_dump(mode="json")


def _read(path: Path) -> Mapping[str, Any]:
    try:
        report: Mapping[str, Any] = json.loads(read_regular(at_home(path), _LARGEST).decode())
    except (OSError, ValueError, RecursionError) as error:
        problem = (error.strerror if isinstance(error, OSError) else None) or error
        raise SelectionError(one_line(f"--failed-from {path}: cannot be read: {problem}")) from None
    return report
