"""Reports on standard output: CSV that a spreadsheet shows and never runs."""

import csv
import io
from dataclasses import dataclass

import pytest
from pydantic import BaseModel

from cli.output_format import Format
from cli.terminal.printing import cell, print_csv, print_report


class Row(BaseModel):
    name: str
    number: int | None = None
    flag: bool = False
    parts: list[str] = []


@dataclass
class QuickRow:
    """The rows of a run's report are made in great numbers, and are no models."""

    name: str


class Report(BaseModel):
    rows: list[Row]
    quick: list[QuickRow] = []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001 - as spreadsheets take them
def test_what_a_spreadsheet_would_run_is_shown_as_text(start: str) -> None:
    assert cell(f"{start}HYPERLINK(A1)") == f"'{start}HYPERLINK(A1)"


@pytest.mark.parametrize("text", ["web-1", "a=b", "", " =1", "'=1", "1+1", "ops@example.com"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize(("value", "shown"), [(-5, -5), (None, None), (True, "true"), ({"a": ["ö"]}, '{"a": ["ö"]}')])
def test_other_values_are_cells_too(value: object, shown: object) -> None:
    assert cell(value) == shown


def test_a_table_has_a_header_and_a_row_for_each_entry_whatever_names_hold(capsys: pytest.CaptureFixture[str]) -> None:
    names = ['a,"b"', "two\nlines", "=1+1", "ö"]
    print_report(Report(rows=[Row(name=name, number=-1, parts=["x"]) for name in names]), Format.CSV, "rows")
    header, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert header == ["name", "number", "flag", "parts"]
    assert [row[0] for row in rows] == ['a,"b"', "two\nlines", "'=1+1", "ö"]
    assert {tuple(row[1:]) for row in rows} == {("-1", "false", '["x"]')}


def test_an_empty_table_is_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(Report(rows=[]), Format.CSV, "rows")
    print_csv(["a"], [{}, {"a": 1, "b": 2}])
    print_report(Report(rows=[], quick=[QuickRow("b")]), Format.CSV, "quick")
    assert capsys.readouterr().out == 'name,number,flag,parts\na\n""\n1\nname\nb\n'


def test_for_people_nothing_is_printed_twice(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(Report(rows=[]), Format.TABLE, "rows")
    assert capsys.readouterr().out == ""
