"""Tables: plain columns, the last of which takes the rest of the width and wraps."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.terminal.literal import literal

LONGEST: Final = 60
"""Rows; of a longer list only that many problems are shown."""

WIDEST: Final = 60
"""Columns of the terminal that a name may take."""

_Row = TypeVar("_Row")


class LiteralTable(Table):
    """A table whose cells show texts as they are."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:  # noqa: ANN401 - rich's own, passed on
        """Add a row; a text in it is no markup."""
        shown = [literal(cell) if isinstance(cell, str | Text) else cell for cell in cells]
        super().add_row(*shown, **options)


def new_table(*columns: str, caption: str | None = None) -> Table:
    """Make an empty table with these headers."""
    table = LiteralTable(box=None, pad_edge=False, header_style="bold", caption=caption, caption_justify="left")
    for name in columns[:-1]:
        table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=WIDEST)
    table.add_column(columns[-1], overflow="fold", ratio=1)
    return table


def shortened(rows: Sequence[_Row], is_problem: Callable[[_Row], bool]) -> tuple[Sequence[_Row], str | None]:
    """Leave all rows of a short list, and the first problems of a long one.

    Returns:
        The rows to show, and a caption that counts the others, if any.
    """
    shown = rows if len(rows) <= LONGEST else [row for row in rows if is_problem(row)][:LONGEST]
    left_out = len(rows) - len(shown)
    return shown, f"and {left_out} more in the report" if left_out else None
