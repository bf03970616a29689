"""The end of an audit, as the state of the flow run."""

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from fleet.audit.report import AuditReport
from fleet.report.outcome import Exit
from fleet.serveravatar.text import one_line
from tasks.telling.run_report import WITH_WARNINGS


def state_of_audit(report: AuditReport) -> State[None]:
    """The final state of the flow run: it tells findings from an audit that could not be made."""
    verdict = one_line(report.verdict)
    if report.exit_code == Exit.DONE:
        return Completed(message=verdict)
    if report.exit_code == Exit.TO_DO:
        return Completed(name=WITH_WARNINGS, message=verdict)
    return Failed(message=verdict)
