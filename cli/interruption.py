"""How signals end a command."""

import signal


def end_at_sigterm_as_at_ctrl_c() -> None:
    """Make SIGTERM end the command as Ctrl-C does; while a flow runs, Prefect raises `TerminationSignal` for it."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
