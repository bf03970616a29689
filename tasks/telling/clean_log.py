"""Keeps the log in lines: whatever an API, a parameter or an exception brings, it is text on one line.

A filter of the handlers, where every record passes, Prefect's own included: state messages, parameters that it refuses,
names of runs. Escape sequences would act on the terminal, and a newline would begin a line that nobody logged.
"""

import logging
from typing import Final

from fleet.serveravatar.text import one_line

_PREFECT: Final = "prefect"
_formatter: Final = logging.Formatter()


class CleanLines(logging.Filter):
    """Lets every record pass: its message on one line, a traceback without control characters."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record for this handler and all after it."""
        try:
            record.msg, record.args = one_line(record.getMessage()), None
        except Exception:  # noqa: BLE001 - a message that does not fit its arguments is reported by the handler
            return True
        if record.exc_info and record.exc_info[0] is None:  # There is no exception, and the line would end in "None".
            record.exc_info = None
        if record.exc_info and not record.exc_text:
            record.exc_text = _printable(_formatter.formatException(record.exc_info))
        return True


def _printable(text: str) -> str:
    lines = ("".join(letter if letter.isprintable() else " " for letter in line) for line in text.split("\n"))
    return "\n".join(lines)


_clean_lines: Final = CleanLines()


def clean_log() -> None:
    """Clean what Prefect's handlers receive; called again, it changes nothing."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith(_PREFECT)]
    for handler in {handler for logger in (logging.root, *loggers) for handler in logger.handlers}:
        handler.addFilter(_clean_lines)
