"""What a person has to fix, or has refused, before a run can begin: shown as its state, without a traceback."""

from collections.abc import Awaitable
from typing import Any, Final, cast

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from fleet.fleet_file.mistakes import FleetFileError
from fleet.ledger.database.engine import LedgerError
from fleet.report.parameters import as_parameters
from fleet.selection.selection import SelectionError
from fleet.serveravatar.text import lines
from fleet.settings.settings import SettingsError

NOT_APPROVED: Final = "NotApproved"
"""The name of the state (a kind of Completed) in which a run ends that a person did not approve."""


class NotApprovedError(Exception):
    """A person has answered that nothing is to be created."""

    def __init__(self, count: int) -> None:
        super().__init__(f"not approved: {count} backups were not created; start a new run to be asked again")


class ParameterError(ValueError):
    """A parameter of the run that cannot be carried out."""


MISTAKES: Final = (FleetFileError, SelectionError, SettingsError, LedgerError, ParameterError, NotApprovedError)
"""Errors whose text is all that a person needs; they end a run before it has created anything."""


def refused(error: Exception) -> State[Any]:
    """The final state of a run that ends before it begins: its message is the reason."""
    if isinstance(error, NotApprovedError):
        return Completed(name=NOT_APPROVED, message=str(error))
    return Failed(message=as_parameters(lines(str(error))), data=error)


async def result_of(task_run: object) -> Any:  # noqa: ANN401 - whatever the task returns
    """What a task returned that was called with `return_state=True`.

    Raises:
        Exception: the mistake that the task was `refused` for. It was its state and not raised in it, because Prefect
            would log a traceback.
    """
    # Prefect's overloads take the call for a synchronous one when it returns a state.
    state = await cast("Awaitable[State[Any]]", task_run)
    result = await state.aresult(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    return result
