"""How a command is ended from outside."""

import signal


def end_at_sigterm_as_at_ctrl_c() -> None:
    """Let SIGTERM end the command as Ctrl-C does; while a flow runs, Prefect makes a `TerminationSignal` of it."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
