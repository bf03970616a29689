"""The file of `--report`."""

import tempfile
from pathlib import Path

import click
from pydantic import BaseModel

from cli.errors import OutputError


def check_writable(report_file: Path | None) -> None:
    """Check before anything is sent that the report can be written, and remove an old one that would look current.

    Raises:
        OutputError: it cannot be written.
    """
    if report_file is None or (report_file.exists() and not report_file.is_file()):
        return  # Nothing, a terminal, a pipe.
    try:
        report_file.unlink(missing_ok=True)
        with tempfile.TemporaryFile(dir=report_file.parent):
            pass
    except OSError as error:
        raise OutputError(f"--report {report_file}: cannot be written: {error.strerror}") from None


def write_report(report: BaseModel, report_file: Path | None, *, as_json: bool) -> None:
    """Write a report as JSON: to its file, if any, and to standard output, if asked for."""
    text = report.model_dump_json(indent=2)
    if report_file is not None:
        report_file.write_text(text + "\n", "utf-8")
    if as_json:
        click.echo(text)
