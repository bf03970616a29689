"""Tables cut nothing: on a terminal of 80 columns they break only what may be broken, elsewhere each row is a line."""

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.terminal.tables import new_table, print_table

KEY = "0123456789abcdef"
DATE = "Fri 2026-11-27 01:30 +0545"
ROW = ("web-0001.customer-of-an-agency.example.com", "shop-of-another-customer.example.org", f"unknown: see {KEY}")


def shown(table: Table, *, terminal: bool) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=80, color_system=None, highlight=False)
    print_table(console, table)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def filled() -> Table:
    table = new_table("outcome", "server", "application", "")
    table.add_row(Text("unverified", style="red"), *ROW)
    return table


def test_at_80_columns_names_go_on_in_the_next_line_and_a_key_is_whole() -> None:
    lines = shown(filled(), terminal=True)
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "…" not in text
    assert KEY in text
    assert "unverified" in text
    assert len(lines) > 2


def test_at_80_columns_a_date_is_never_broken() -> None:
    table = new_table("deployment", "schedule", "local time", "UTC", whole={"local time", "UTC"})
    zone = "America/Argentina/ComodRivadavia"
    table.add_row("nightly", f"Every Day at 01:30\n{zone}", f"{DATE}\n{DATE}", "19:45\n19:45")
    text = "\n".join(shown(table, terminal=True))
    assert text.count(DATE) == text.count("19:45") == 2


def test_elsewhere_a_row_is_one_line_without_cuts_or_blanks_at_its_end() -> None:
    header, row = shown(filled(), terminal=False)
    assert header.split() == ["outcome", "server", "application"]
    assert row.split() == ["unverified", ROW[0], ROW[1], "unknown:", "see", KEY]


def test_elsewhere_a_cell_of_several_lines_stays_in_its_column() -> None:
    table = new_table("a", "b", caption="and 3 more")
    table.add_row("日本", "one\ntwo")
    assert shown(table, terminal=False) == ["a     b", "日本  one", "      two", "and 3 more"]
