"""The report of an audit for people: rows for a table and a summary in Markdown, the gravest first."""

from collections.abc import Mapping, Sequence
from typing import Final

from fleet.audit.backups.ages import in_words
from fleet.audit.finding import WELL, Status
from fleet.audit.report import AuditedTarget, AuditReport, label
from fleet.report.markdown_text import LONGEST_SENTENCE, linked, plain, sentence, shortened

MEANINGS: Final[Mapping[Status, str]] = {
    Status.UNCOVERED: "nothing in the fleet file wants it",
    Status.GONE: "its application, database or server is not where the fleet file says",
    Status.NEVER: "no backup found",
    Status.UNPROVEN: "the newest backup failed, is unfinished, or lacks a part",
    Status.STALE: "the newest good backup is too old, or its age is unknown",
    Status.SHRUNK: "the newest good backup is too small",
    Status.MUTED: "left alone deliberately, with a reason and an end date",
    Status.FINE: "backed up as expected",
}
NEXT_STEPS: Final[Mapping[Status, str]] = {
    Status.UNCOVERED: "Add it to the fleet file, or give a reason under `muted` why it needs no backup.",
    Status.GONE: "Correct its server in the fleet file, or remove it from the file if it is no longer needed.",
    Status.NEVER: "Check the last run's report for it, or run `fleet-backup run` now.",
    Status.UNPROVEN: "Check this backup in the panel, and make a new one.",
    Status.STALE: "Find out why no newer one was made: check the last run's report and the plan in the panel.",
    Status.SHRUNK: "Open the archive: something may be missing in it, or on the site.",
}
"""What a person can do about it."""
_LONGEST: Final = 50
"""Most problems that the summary lists; the table has them all."""


def table(report: AuditReport) -> list[dict[str, object]]:
    """Rows for a table: one for each target."""
    return [
        {
            "status": target.status,
            "server": shortened(target.server),
            "application": shortened(target.application),
            "database": shortened(target.database),
            "type": target.type or "",
            "reason": shortened(target.reason, LONGEST_SENTENCE),
            "newest good": f"{target.newest_good_at:%Y-%m-%d %H:%M}" if target.newest_good_at else "",
            "MB": target.newest_good_mb if target.newest_good_mb is not None else "",
            "backup": target.newest_good_id or "",
            "fleet file": target.place,
        }
        for target in report.targets
    ]


def line(target: AuditedTarget) -> str:
    """One target in one line: its name, status and reason."""
    return f"{label(target)}: {target.status}: {target.reason}"


def oldest_in_words(report: AuditReport) -> str:
    """The age of the oldest latest-good backup, in a sentence; empty if there is none."""
    oldest = report.oldest_newest_good
    if oldest is None or oldest.newest_good_at is None:
        return ""
    age = in_words(report.audited_at - oldest.newest_good_at)
    return f"Oldest latest-good backup: {age} old, {label(oldest)}"


def markdown(report: AuditReport) -> str:
    """Summarize an audit: the verdict, the counts, the problems, the next steps."""
    lines = [
        f"# {_headline(report)}",
        "",
        *(f"- **Not read**: {sentence(words)}" for words in report.unread),
        *(f"- {sentence(words)}" for words in [*report.selection.rules, *report.selection.unmatched, *report.notes]),
        "",
        "| status | number | meaning |",
        "| --- | ---: | --- |",
        *(f"| {status} | {count} | {MEANINGS[status]} |" for status, count in report.totals.items()),
        "",
        *_problems([target for target in report.targets if target.status not in WELL]),
        *_next_steps(report),
        *([f"{sentence(words)}.", ""] if (words := oldest_in_words(report)) else []),
        f"{report.requests.total} requests.",
    ]
    return "\n".join(lines)


def _headline(report: AuditReport) -> str:
    """The artifact's description shows the verdict already; the unknown never counts as good."""
    if report.unread or not report.targets:
        return sentence(report.verdict)
    well = sum(count for status, count in report.totals.items() if status in WELL)
    return f"{well:,} of {len(report.targets):,} are as they should be"


def _problems(problems: Sequence[AuditedTarget]) -> list[str]:
    if not problems:
        return []
    lines = ["## Problems", "", "| status | server | application | reason |", "| --- | --- | --- | --- |"]
    for target in problems[:_LONGEST]:
        name = linked(target.application, target.domain) if target.application_id else plain(target.database)
        lines.append(f"| {target.status} | {plain(target.server)} | {name} | {sentence(target.reason)} |")
    if len(problems) > _LONGEST:
        lines.append(f"\n… and {len(problems) - _LONGEST} more in the table.")
    return [*lines, ""]


def _next_steps(report: AuditReport) -> list[str]:
    lines = [f"- **{status}**: {NEXT_STEPS[status]}" for status in report.totals if status in NEXT_STEPS]
    return ["## What to do next", "", *lines, ""] if lines else []
