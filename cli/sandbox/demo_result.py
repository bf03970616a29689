"""What the demo shows at its end: the contents of the archives, and whether anything is not as expected."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from fleet.report.outcome import Outcome
from sandbox.backups.inspection import ArchiveInspection

UNREACHABLE: Final = frozenset({"web-0002", "web-0008"})
"""The servers of the demo's world with a full disk and a dead agent."""


def problems_in(report: Mapping[str, Sequence[Mapping[str, str]]], found: Sequence[ArchiveInspection]) -> list[str]:
    """What is not as expected, a line each.

    Args:
        report: of the run.
        found: in the archives.
    """
    good = {Outcome.VERIFIED, Outcome.ADOPTED, Outcome.CREATED}
    unexpected = [
        f"{target['server']} · {target['application']}: {target['outcome']} {target['reason']}"
        for target in report["targets"]
        if (target["server"] in UNREACHABLE) == (target["outcome"] in good)
    ]
    damaged = [f"backup {it.backup_id} of {it.server} · {it.application}: {it.problem}" for it in found if it.problem]
    return unexpected + (damaged if found else ["there are no archives"])


def findings(found: Sequence[ArchiveInspection], folder: Path) -> list[str]:
    """What the archives hold, and where to look further."""
    names = [it.name for it in found if it.name]
    twice = len(names) - len(set(names))
    archives, size = sum(len(it.archives) for it in found), sum(it.bytes for it in found) / 1e6
    files, compared = sum(it.files for it in found), sum(it.files_compared for it in found)
    tables, rows = sum(it.tables for it in found), sum(it.rows for it in found)
    prefect = typed(Path(sys.executable).parent / "prefect")
    return [
        f"  {archives} archives of {len(found)} backups opened, {size:.1f} MB; {twice} made twice",
        f"  {files} files, {compared} of them compared with their source byte by byte",
        f"  {tables} tables restored from the dumps, {rows} rows, as in the source",
        f"Archives: {typed(folder / 'sandbox' / 'storage')}; report: {typed(folder / 'report.json')}.",
        "To see the run in the Prefect UI at http://127.0.0.1:4200:",
        f"  PREFECT_HOME={typed(folder / 'prefect')} {prefect} server start",
    ]


def typed(path: Path) -> str:
    """A path as people type it: relative if it is in the working folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
