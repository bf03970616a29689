"""The report of an audit for people: rows for a table and a summary in Markdown, both with the gravest first."""

from collections.abc import Mapping, Sequence
from typing import Final

from fleet.audit.finding import WELL, Status
from fleet.audit.report import AuditedTarget, AuditReport, label
from fleet.proof.ages import in_words
from fleet.report.summary import cell, linked

MEANINGS: Final[Mapping[Status, str]] = {
    Status.UNCOVERED: "nothing in the fleet file wants it",
    Status.GONE: "its application, database or server is not where the fleet file says",
    Status.NEVER: "the list holds no backup of it",
    Status.UNPROVEN: "the newest backup failed, is unfinished, or lacks a part",
    Status.STALE: "the newest good backup is too old, or of unknown age",
    Status.SHRUNK: "the newest good backup is too small",
    Status.MUTED: "left alone on purpose, with a reason and a last day",
    Status.FINE: "backed up as expected",
}
NEXT_STEPS: Final[Mapping[Status, str]] = {
    Status.UNCOVERED: "Add it to the fleet file, or say under `muted` why it needs no backup.",
    Status.GONE: "Correct its server in the fleet file, or take it out of the file if it is no longer needed.",
    Status.NEVER: "Look at the last run's report for it, or run `fleet-backup run` now.",
    Status.UNPROVEN: "Look at this backup in the panel, and make a new one.",
    Status.STALE: "Find out why no newer one was made: the report of the last run, the plan in the panel.",
    Status.SHRUNK: "Open the archive: something may be missing in it, or on the site.",
}
"""What a person does about it."""
_LONGEST: Final = 50
"""So many problems are listed in the summary; the table has them all."""


def table(report: AuditReport) -> list[dict[str, object]]:
    """Rows for a table: what it is, how it stands, why."""
    return [
        {
            "status": target.status,
            "server": target.server,
            "application": target.application,
            "database": target.database,
            "type": target.type or "",
            "reason": target.reason,
            "newest good": f"{target.newest_good_at:%Y-%m-%d %H:%M}" if target.newest_good_at else "",
            "MB": target.newest_good_mb if target.newest_good_mb is not None else "",
            "backup": target.newest_good_id or "",
            "fleet file": target.place,
        }
        for target in report.targets
    ]


def line(target: AuditedTarget) -> str:
    """One target in one line: which, how it stands, why."""
    return f"{label(target)}: {target.status}: {target.reason}"


def oldest_in_words(report: AuditReport) -> str:
    """Say how old the oldest of the newest good backups is; empty where there is none."""
    oldest = report.oldest_newest_good
    if oldest is None or oldest.newest_good_at is None:
        return ""
    age = in_words(report.audited_at - oldest.newest_good_at)
    return f"The oldest of the newest good backups is {age} old: {label(oldest)}"


def markdown(report: AuditReport) -> str:
    """Summarize an audit: the verdict, the counts, the problems, what to do."""
    lines = [
        f"# {_headline(report)}",
        "",
        *(f"- **Not read**: {words}" for words in report.unread),
        *(f"- {words}" for words in [*report.selection.rules, *report.selection.unmatched, *report.notes]),
        "",
        "| status | number | meaning |",
        "| --- | ---: | --- |",
        *(f"| {status} | {count} | {MEANINGS[status]} |" for status, count in report.totals.items()),
        "",
        *_problems([target for target in report.targets if target.status not in WELL]),
        *_next_steps(report),
        *([f"{words}.", ""] if (words := oldest_in_words(report)) else []),
        f"{report.requests.total} requests.",
    ]
    return "\n".join(lines)


def _headline(report: AuditReport) -> str:
    """The verdict itself stands above it, as the artifact's description; what is not known is never a good number."""
    if report.unread or not report.targets:
        return report.verdict
    well = sum(count for status, count in report.totals.items() if status in WELL)
    return f"{well:,} of {len(report.targets):,} are as they should be"


def _problems(problems: Sequence[AuditedTarget]) -> list[str]:
    if not problems:
        return []
    lines = ["## Problems", "", "| status | server | application | reason |", "| --- | --- | --- | --- |"]
    for target in problems[:_LONGEST]:
        name = linked(target.application, target.domain) if target.application_id else cell(target.database)
        lines.append(f"| {target.status} | {cell(target.server)} | {name} | {cell(target.reason)} |")
    if len(problems) > _LONGEST:
        lines.append(f"\n… and {len(problems) - _LONGEST} more in the table.")
    return [*lines, ""]


def _next_steps(report: AuditReport) -> list[str]:
    lines = [f"- **{status}**: {NEXT_STEPS[status]}" for status in report.totals if status in NEXT_STEPS]
    return ["## What to do next", "", *lines, ""] if lines else []
