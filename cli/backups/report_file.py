"""The file of `--report`."""

import tempfile
from pathlib import Path

import click
from pydantic import BaseModel

from cli.errors import OutputError


def check_writable(report_file: Path | None) -> None:
    """Check before anything is sent that the report can be written; an older one stays until the new one is complete.

    Raises:
        OutputError: it cannot be written.
    """
    if report_file is None or _is_stream(report_file):
        return
    try:
        with tempfile.TemporaryFile(dir=report_file.parent):
            pass
    except OSError as error:
        raise _not_written(report_file, error) from None


def write_report(report: BaseModel, report_file: Path | None, *, as_json: bool) -> None:
    """Write a report as JSON: to its file, if any, in one step; and to standard output, if requested.

    Raises:
        OutputError: its file cannot be written.
    """
    text = report.model_dump_json(indent=2)
    if as_json:
        click.echo(text)
    if report_file is None:
        return
    try:
        if _is_stream(report_file):
            report_file.write_text(f"{text}\n", "utf-8")
        else:
            _replace(report_file, f"{text}\n")
    except OSError as error:
        raise _not_written(report_file, error) from None


def _is_stream(report_file: Path) -> bool:
    """Whether it is a terminal or a pipe: nothing that could be replaced."""
    return report_file.exists() and not report_file.is_file()


def _replace(report_file: Path, text: str) -> None:
    """Write a file beside it first, so that a reader finds a whole report at any time; keep its mode."""
    real = report_file.resolve()
    beside = real.with_name(f".{real.name}.new")
    beside.write_text(text, "utf-8")
    if real.exists():
        beside.chmod(real.stat().st_mode)
    beside.replace(real)


def _not_written(report_file: Path, error: OSError) -> OutputError:
    return OutputError(f"--report {report_file}: cannot be written: {error.strerror}")
