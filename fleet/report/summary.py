"""The report for people: rows for a table and a summary in Markdown, both with problems first."""

from collections.abc import Sequence
from typing import Final

from fleet.report.markdown_text import LONGEST_SENTENCE, code, is_domain, linked, plain, sentence, shortened
from fleet.report.outcome import GOOD, MEANINGS, NEXT_STEPS, Outcome, Result
from fleet.report.parameters import as_parameters
from fleet.report.report import Report, ReportedTarget

_ORDER: Final = {outcome: place for place, outcome in enumerate(Outcome)}
_LONGEST: Final = 50
"""Problems listed in the summary."""
TABLE_ROWS: Final = 2000
"""Most rows of the table, worst first: the whole table is in the memory of the run, of Prefect's server and of the
browser."""


def problems_first(targets: Sequence[ReportedTarget]) -> list[ReportedTarget]:
    """The targets with the worst outcomes first; within one outcome in the order of the fleet file."""
    return sorted(targets, key=lambda target: _ORDER[target.outcome])


def table(report: Report) -> list[dict[str, object]]:
    """Rows for a table: what it is, how it ended, why. At most `TABLE_ROWS`, unlike the report."""
    return [
        {
            "outcome": target.outcome.words,
            "server": shortened(target.server),
            "application": shortened(target.application),
            "reason": shortened(as_parameters(target.reason), LONGEST_SENTENCE),
            "type": _kind(target),
            "domain": f"https://{target.domain}" if is_domain(target.domain) else "",
            "backup": target.backup_id or "",
            "attempts": target.attempts,
            "seconds": target.seconds,
        }
        for target in problems_first(report.targets)[:TABLE_ROWS]
    ]


def caption(report: Report) -> str:
    """What the table shows, and where to find the rest if it does not show everything."""
    run, total = f"run {code(report.run_key)}", len(report.targets)
    if total <= TABLE_ROWS:
        return f"Every target of {run}: {sentence(report.verdict)}"
    return (
        f"{TABLE_ROWS:,} of {total:,} targets of {run}, problems first: {sentence(report.verdict)}. "
        "The log lists every problem, "
        f"{code(f'fleet-backup history --run-key {report.run_key}')} every create"
    )


def _kind(target: ReportedTarget) -> str:
    return f"{target.type}, plan" if target.automatic_backup else target.type


def line(target: ReportedTarget | Result) -> str:
    """One target in one line: which, how it ended, why."""
    parts = (f"{target.server} · {target.application}", target.outcome.words, target.reason)
    return ": ".join(part for part in parts if part)


def markdown(report: Report) -> str:
    """Summarize a run: the verdict, the counts, the problems, what to do."""
    lines = [
        f"# {_headline(report)}",
        "",
        "| outcome | targets | meaning |",
        "| --- | ---: | --- |",
        *(f"| {name.words} | {count} | {MEANINGS[name]} |" for name, count in report.totals.items()),
        "",
        *_problems([target for target in problems_first(report.targets) if target.outcome not in GOOD]),
        *_next_steps(report),
        *_selection(report),
    ]
    lines += [f"{sentence(note)}.\n" for note in report.notes]
    duration = (report.ended_at - report.started_at).total_seconds()
    spent = ", ".join(f"{count:,} {call}" for call, count in report.requests.by_call.items())
    lines.append(f"Run key {code(report.run_key)}, {duration:.0f} s, {report.requests.words}: {spent}.")
    return "\n".join(lines)


def _headline(report: Report) -> str:
    """The verdict itself is above it, in the artifact's description."""
    total = len(report.targets)
    well = sum(count for outcome, count in report.totals.items() if outcome in GOOD)
    return f"All {total} targets succeeded" if well == total else f"{well} of {total} targets succeeded"


def _problems(problems: Sequence[ReportedTarget]) -> list[str]:
    if not problems:
        return []
    lines = ["## Problems", "", "| server | application | outcome | reason |", "| --- | --- | --- | --- |"]
    for target in problems[:_LONGEST]:
        name = linked(target.application, target.domain)
        lines.append(f"| {plain(target.server)} | {name} | {target.outcome.words} | {sentence(target.reason)} |")
    if len(problems) > _LONGEST:
        lines.append(f"\n… and {len(problems) - _LONGEST} more in the table and the log.")
    return [*lines, ""]


def _next_steps(report: Report) -> list[str]:
    steps = [outcome for outcome in report.totals if outcome in NEXT_STEPS]
    if not steps:
        return []
    again = f"`run_key:` {code(report.run_key)}"  # Not `last`: by the time it is read, another run may be.
    lines = [f"- **{outcome.words}**: {NEXT_STEPS[outcome].format(again=again)}" for outcome in steps]
    return ["## What to do next", "", *lines, ""]


def _selection(report: Report) -> list[str]:
    if not report.selection.lines:
        return []
    return ["## What the rules found", "", *(f"- {sentence(line)}" for line in report.selection.lines), ""]
