"""What a person has to fix before a run can begin: shown as the state of the flow run, without a traceback."""

from collections.abc import Awaitable
from typing import Any, Final, cast

from prefect.client.schemas.objects import State
from prefect.states import Failed

from fleet.fleet_file.mistakes import FleetFileError
from fleet.ledger.database.engine import LedgerError
from fleet.selection.selection import SelectionError
from fleet.settings.settings import SettingsError

MISTAKES: Final = (FleetFileError, SelectionError, SettingsError, LedgerError)
"""Errors whose text is all that a person needs."""


def refused(error: Exception) -> State[Any]:
    """The final state of a run that could not begin: its message is the mistake."""
    return Failed(message=str(error), data=error)


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
