"""What `doctor` shows: differences first; for each assumption what is documented, what was seen, what follows."""

from typing import Final

from rich.table import Table
from rich.text import Text

from cli.terminal.counting import counted
from cli.terminal.tables import new_table
from cli.terminal.terminal import Terminal
from cli.verbosity import Verbosity
from fleet.doctor.checks.seen import Status
from fleet.doctor.report import DoctorReport, Finding, ReportedProof

_COLOURS: Final = {Status.DIFFERS: "yellow", Status.UNKNOWN: "dim", Status.ASSUMED: "green"}


def show(report: DoctorReport, terminal: Terminal) -> None:
    """Show a report on standard error."""
    is_quiet = terminal.verbosity is Verbosity.QUIET
    terminal.show(_table([each for each in report.findings if not is_quiet or each.status is Status.DIFFERS]))
    if report.proof:
        for line in proof_lines(report.proof):
            terminal.say(line)
    for line in report.changes:
        terminal.say(f"changed: {line}")
    left_out = report.organizations.left_out
    if left_out:
        terminal.say(f"{counted(left_out, 'organization')} not examined")
    terminal.verdict(report.verdict, good=report.exit_code == 0)
    terminal.say(counted(report.requests.total, "request"))


def proof_lines(proof: ReportedProof) -> list[str]:
    """What the real backup has shown, in lines."""
    lines = [f"the backup: {proof.outcome.words} ({proof.how})"]
    if proof.name:
        lines.append(f"its name: {proof.name}")
    if proof.candidates:
        others = counted(proof.candidates, "other row")
        lines.append(f"{others} may be it: somebody else backed up the same at the same time")
    if proof.shown_after is not None:
        not_yet = f", and not yet after {proof.absent_at:.1f} s" if proof.absent_at else ""
        lines.append(f"it appeared within {proof.shown_after:.1f} s{not_yet}")
    if proof.words:
        lines.append(f"its status: {', then '.join(proof.words)}")
    if proof.took is not None:
        lines.append(f"it took {proof.took:.1f} s")
    return lines


def _table(findings: list[Finding]) -> Table:
    table = new_table("status", "assumption", "")
    order = list(Status)
    for finding in sorted(findings, key=lambda each: order.index(each.status)):
        colour = _COLOURS[finding.status]
        table.add_row(Text(finding.status, style=colour), Text(finding.name), _words(finding))
    return table


def _words(finding: Finding) -> Text:
    text = Text(f"seen: {finding.seen}")
    if finding.earlier:
        text.append(f"; in earlier runs: {finding.earlier}")
    text.append(f"\ndocumented: {finding.documented} ({finding.source})", style="dim")
    if finding.follows:
        text.append(f"\nso: {finding.follows}", style="yellow" if finding.status is Status.DIFFERS else "dim")
    return text
