"""The file of `--report`."""

import tempfile
from pathlib import Path
from stat import S_IMODE
from typing import Final

from pydantic import BaseModel

from cli.errors import OutputError
from tasks.telling.replace_file import replace_file

_PRIVATE: Final = 0o600
"""A report shows what is not backed up; an older one keeps the mode that somebody gave it."""


def check_writable(report_file: Path | None) -> None:
    """Check before anything is sent that the report can be written; an older one stays until the new one is complete.

    Raises:
        OutputError: it cannot be written.
    """
    if report_file is None:
        return
    if report_file.exists() and not report_file.is_file():
        raise OutputError(f"--report {report_file}: is not a file; `--json` writes the report to standard output")
    try:
        with tempfile.TemporaryFile(dir=report_file.resolve().parent):
            pass
    except OSError as error:
        raise _not_written(report_file, error) from None


def write_report(report: BaseModel, report_file: Path | None) -> None:
    """Write a report as JSON: to its file, if any, in one step.

    Raises:
        OutputError: its file cannot be written.
    """
    if report_file is None:
        return
    text = report.model_dump_json(indent=2)
    try:
        mode = S_IMODE(report_file.stat().st_mode) if report_file.exists() else _PRIVATE
        replace_file(report_file.resolve(), f"{text}\n", mode)
    except OSError as error:
        raise _not_written(report_file, error) from None


def _not_written(report_file: Path, error: OSError) -> OutputError:
    return OutputError(f"--report {report_file}: cannot be written: {error.strerror}")
