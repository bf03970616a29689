"""What a person has to mend before a run can begin; told as the state of the flow run, without a traceback."""

from typing import Any, Final

from prefect.client.schemas.objects import State
from prefect.states import Failed

from fleet.ledger.engine import LedgerError
from fleet.mistakes import FleetFileError
from fleet.selection import SelectionError
from fleet.settings import SettingsError

MISTAKES: Final = (FleetFileError, SelectionError, SettingsError, LedgerError)
"""Errors whose text is all that a person needs."""


def refused(error: Exception) -> State[Any]:
    """The final state of a run that could not begin: its message is the mistake, for whoever reads it."""
    return Failed(message=str(error), data=error)
