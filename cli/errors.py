"""How a command that failed ends: one line for people, one exit code of the contract."""

import os
import traceback

import click

from cli import log
from fleet.report.system_error import in_words
from fleet.serveravatar.text import one_line

_UNEXPECTED, _USAGE, _API_UNUSABLE, _INTERRUPTED = 1, 2, 6, 130
_BY_CLASS = {
    "FleetFileError": _USAGE,
    "SelectionError": _USAGE,
    "NothingLeftError": _USAGE,
    "SettingsError": _USAGE,
    "HomeError": _USAGE,
    "ApiUnusableError": _API_UNUSABLE,
    "ServerStartError": _UNEXPECTED,
    "LedgerError": _UNEXPECTED,
    "DeclarationError": _USAGE,
    "ScheduleError": _USAGE,
    "PrefectServerError": _UNEXPECTED,
    "RegistrationError": _UNEXPECTED,
    "UsageProblem": _USAGE,
    "PageError": _USAGE,
    "ChoiceError": _USAGE,
    "DiscoveryError": _USAGE,
    "OutputError": _UNEXPECTED,
    "AutomationsError": _UNEXPECTED,
}
"""By name, so that ending a command imports nothing slow."""


class UsageProblem(ValueError):  # noqa: N818 - click's own name for it is taken
    """A command line that is well formed but cannot be carried out."""


class OutputError(RuntimeError):
    """A file or folder that cannot be written."""


def exit_code_of(error: BaseException) -> int:
    """Print an error for people, on standard error.

    Args:
        error: what ended the command.

    Returns:
        The exit code.
    """
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else _UNEXPECTED
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        if log.is_json():
            _say(error.format_message())
        else:
            error.show()
        return _USAGE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        _say("interrupted; accepted backups continue on the server")
        return _INTERRUPTED
    known = _BY_CLASS.get(type(error).__name__)
    if known is not None:
        _say(str(error))
        return known
    _say(in_words(error) or _unexpected(error))
    return _UNEXPECTED


def _unexpected(error: BaseException) -> str:
    if os.environ.get("FLEET_BACKUP_TRACEBACK"):
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1:] if error.__traceback__ else []
    where = f" at {place[0].filename}:{place[0].lineno}" if place else ""
    return f"unexpected {type(error).__name__}{where}: {error}. Please report it; FLEET_BACKUP_TRACEBACK=1 shows more"


def _say(text: str) -> None:
    for line in text.splitlines():
        shown = one_line(line)
        log.write(shown if log.is_json() else f"fleet-backup: {shown}", "error")
