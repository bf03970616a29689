"""Prints a report on standard output: as JSON, or its table as CSV."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final, get_args

import click
from pydantic import BaseModel

from cli.output_format import Format

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets take them, too


def print_report(report: BaseModel, form: Format, table: str) -> None:
    """Print a report, if it is asked for.

    Args:
        report: for programs.
        form: what is asked for; nothing is printed for people, who have read it.
        table: the field of the report whose list is its table.
    """
    if form is Format.JSON:
        click.echo(report.model_dump_json(indent=2))
    elif form is Format.CSV:
        (model,) = get_args(type(report).model_fields[table].annotation)
        columns = [each.name for each in fields(model)] if is_dataclass(model) else list(model.model_fields)
        print_csv(columns, report.model_dump(mode="json", include={table})[table])


def print_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows as CSV with a header; what is missing in a row is an empty cell."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows([cell(row.get(name)) for name in columns] for row in rows)
    click.echo(text.getvalue(), nl=False)


def cell(value: object) -> object:
    """A value as a cell; before a text that a spreadsheet would run as a formula stands an apostrophe (OWASP)."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False)
    return value
