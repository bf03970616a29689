"""How signals end a command."""

import os
import signal
import sys
from typing import NoReturn


def end_at_sigterm_as_at_ctrl_c() -> None:
    """Make SIGTERM end the command as Ctrl-C does; while a flow runs, Prefect raises `TerminationSignal` for it."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def exit_without_waiting(code: int) -> NoReturn:
    """Exit at once: at a regular exit Prefect waits minutes for a server that does not respond."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
