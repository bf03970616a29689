"""The report for people: rows for a table and a summary in Markdown, both with problems first."""

from collections.abc import Sequence
from typing import Final

from fleet.outcome import GOOD, MEANINGS, Outcome
from fleet.report import Report, ReportedTarget

_ORDER: Final = {outcome: place for place, outcome in enumerate(Outcome)}
_LONGEST: Final = 50
"""So many problems are listed in the summary; the table has them all."""


def problems_first(targets: Sequence[ReportedTarget]) -> list[ReportedTarget]:
    """The targets with the worst outcomes first; within one outcome as in the fleet file."""
    return sorted(targets, key=lambda target: _ORDER[target.outcome])


def table(report: Report) -> list[dict[str, object]]:
    """Rows for a table: what it is, how it ended, why."""
    return [
        {
            "outcome": target.outcome.replace("_", " "),
            "server": target.server,
            "application": target.application,
            "type": _kind(target),
            "reason": target.reason,
            "backup": target.backup_id or "",
            "attempts": target.attempts,
            "seconds": target.seconds,
        }
        for target in problems_first(report.targets)
    ]


def _kind(target: ReportedTarget) -> str:
    return f"{target.type}, plan" if target.automatic_backup else target.type


def markdown(report: Report) -> str:
    """Summarize a run: the verdict, the counts, the problems, what to do."""
    problems = [target for target in problems_first(report.targets) if target.outcome not in GOOD]
    lines = [
        f"# {report.verdict}",
        "",
        "| outcome | targets | meaning |",
        "| --- | ---: | --- |",
        *(f"| {name.replace('_', ' ')} | {count} | {MEANINGS[name]} |" for name, count in report.totals.items()),
        "",
    ]
    if problems:
        lines += ["## Problems", "", "| server | application | outcome | reason |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {_cell(target.server)} | {_cell(target.application)} | {target.outcome.replace('_', ' ')} "
            f"| {_cell(target.reason)} |"
            for target in problems[:_LONGEST]
        ]
        if len(problems) > _LONGEST:
            lines.append(f"\n… and {len(problems) - _LONGEST} more in the table.")
        lines.append("")
    duration = (report.ended_at - report.started_at).total_seconds()
    lines.append(f"Run key `{report.run_key}`, {report.requests.total} requests, {duration:.0f} s.")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Keep text inside its cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")
