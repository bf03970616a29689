"""What strangers wrote is shown on a terminal as text: no markup, no escape sequence, and no name breaks a table."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from cli.terminal.literal import literal
from cli.terminal.tables import WIDEST, new_table

HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example.com\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x9b31m",
    "\x90q\x9c",
    "a\rb",
    "a\x08\x08b",
    "\u202edlrow",
    "\u2066x\u2069",
    "\u200bx",
    "a\u2028b",
    "[red]markup[/red]",
    "[link=https://evil.example.com]x[/link]",
    "[/]",
    "\\[x]",
]


def printed(content: object) -> str:
    out = io.StringIO()
    Console(file=out, force_terminal=True, width=200, highlight=False, color_system=None).print(content)
    return out.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_line_holds_nothing_that_a_terminal_acts_on(text: str) -> None:
    shown = printed(literal(f"before\n{text}"))
    assert all(letter.isprintable() for letter in shown.replace("\n", ""))
    assert shown.startswith("before\n")
    if text.isprintable():
        assert text in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_nor_does_a_cell_of_a_table_and_markup_in_it_is_text(text: str) -> None:
    table = new_table("a", "b", "c")
    table.add_row(text, Text(text, style="red"), text)
    shown = printed(table)
    assert all(letter.isprintable() for letter in shown.replace("\n", ""))
    if text.isprintable():
        assert shown.count(text) == 3


def test_a_style_keeps_its_place() -> None:
    text = Text("a\x1bb")
    text.append("\x1bc", style="red")
    assert literal(text).plain == "a b c"
    assert [(span.start, span.end) for span in literal(text).spans] == [(3, 5)]


def test_a_name_of_5000_characters_leaves_room_for_the_rest() -> None:
    table = new_table("a", "b", "c")
    table.add_row("x" * 5000, "shop", "the reason")
    table.add_row("web-1", "y" * 5000, "another reason")
    shown = printed(table)
    assert "…" in shown
    assert len(shown.splitlines()) < 20
    assert max(line.count("x") for line in shown.splitlines()) <= WIDEST
