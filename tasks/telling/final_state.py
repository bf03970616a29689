"""The final state of a run or an audit: what people see of it on Prefect's dashboard.

Backups that are missing are red, as everything else that somebody has to act on; FLEET_BACKUP_INCOMPLETE_STATE makes
them mild. Source: docs/decisions/0033-incomplete-is-red.md.
"""

from typing import Any, Final

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from fleet.audit.report import AuditReport
from fleet.report.outcome import Exit, Verdict
from fleet.report.parameters import as_parameters
from fleet.report.report import Report
from fleet.serveravatar.text import one_line
from fleet.settings import settings as environment

INCOMPLETE: Final = "Incomplete"
"""The name of a failed state: some backups are missing or not proven, the others are."""
WITH_WARNINGS: Final = "WithWarnings"
"""The name of a completed state that says the same mildly."""
PARTIAL: Final = frozenset({INCOMPLETE, WITH_WARNINGS})


def state_of(report: Report) -> State[Any]:
    """The final state of a run."""
    verdict = report.verdict or "nothing to do: the fleet has no such backup"
    return state_of_verdict(Verdict(Exit(report.exit_code), verdict))


def state_of_verdict(verdict: Verdict) -> State[Any]:
    """The final state that follows from a verdict, about one fleet or several; the message shows the verdict."""
    text = as_parameters(one_line(verdict.text))
    if verdict.exit is Exit.DONE:
        return Completed(message=text)
    return _incomplete(text) if verdict.exit is Exit.SOME_FAILED else Failed(message=text)


def state_of_audit(report: AuditReport) -> State[Any]:
    """The final state of an audit: it tells findings from an audit that could not be made."""
    text = as_parameters(one_line(report.verdict))
    if report.exit_code == Exit.DONE:
        return Completed(message=text)
    return _incomplete(text) if report.exit_code == Exit.TO_DO else Failed(message=text)


def _incomplete(text: str) -> State[Any]:
    return Completed(name=WITH_WARNINGS, message=text) if _is_mild() else Failed(name=INCOMPLETE, message=text)


def _is_mild() -> bool:
    try:
        return environment.load().fleet_backup_incomplete_state == "completed"
    except environment.SettingsError:
        return False
