"""What people see of an examination: what differs first; of each assumption what is documented, seen and follows."""

from typing import Final

from rich.table import Table
from rich.text import Text

from cli.terminal import Terminal
from fleet.doctor.checks.seen import Status
from fleet.doctor.report import DoctorReport, Finding, ReportedProof

_COLOURS: Final = {Status.DIFFERS: "yellow", Status.UNKNOWN: "dim", Status.ASSUMED: "green"}


def show(report: DoctorReport, terminal: Terminal) -> None:
    """Show a report on standard error."""
    terminal.show(_table(report.findings))
    if report.proof:
        for line in proof_lines(report.proof):
            terminal.say(line)
    for line in report.changes:
        terminal.say(f"changed: {line}")
    left_out = report.organizations.left_out
    if left_out:
        terminal.say(f"{left_out} organization{'' if left_out == 1 else 's'} not looked at")
    terminal.verdict(report.verdict, good=report.exit_code == 0)
    terminal.say(f"{report.requests.total} requests")


def proof_lines(proof: ReportedProof) -> list[str]:
    """What the real backup has shown, a line each."""
    lines = [f"the backup: {proof.outcome.words} ({proof.how})"]
    if proof.name:
        lines.append(f"its name: {proof.name}")
    if proof.candidates:
        others = "1 other row" if proof.candidates == 1 else f"{proof.candidates} other rows"
        lines.append(f"{others} may be it: somebody backed up the same at the same time")
    if proof.shown_after is not None:
        not_yet = f", and not yet after {proof.absent_at:.1f} s" if proof.absent_at else ""
        lines.append(f"it showed within {proof.shown_after:.1f} s{not_yet}")
    if proof.words:
        lines.append(f"its status: {', then '.join(proof.words)}")
    if proof.took is not None:
        lines.append(f"it took {proof.took:.1f} s")
    return lines


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("status", no_wrap=True)
    table.add_column("assumption", no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    order = list(Status)
    for finding in sorted(findings, key=lambda each: order.index(each.status)):
        colour = _COLOURS[finding.status]
        table.add_row(Text(finding.status, style=colour), Text(finding.name), _told(finding))
    return table


def _told(finding: Finding) -> Text:
    text = Text(f"seen: {finding.seen}")
    if finding.earlier:
        text.append(f"; in earlier runs: {finding.earlier}")
    text.append(f"\ndocumented: {finding.documented} ({finding.source})", style="dim")
    if finding.follows:
        text.append(f"\nso: {finding.follows}", style="yellow" if finding.status is Status.DIFFERS else "dim")
    return text
