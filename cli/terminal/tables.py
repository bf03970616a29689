"""Tables: plain columns that cut nothing. On a terminal they fit its width; elsewhere each row is a whole line."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final, TypeVar

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cli.terminal.literal import literal
from cli.verbosity import Verbosity

LONGEST: Final = 60
"""Rows; of a longer list only that many problems are shown."""

WIDEST: Final = 60
"""Columns of the terminal that a name may take; a longer one goes on in the next line."""

LONGEST_NAME: Final = 4 * WIDEST
"""Letters; the rest of a longer name is left out, so that no hostile one fills the screen."""

NARROWEST: Final = 24
"""Columns of the terminal that the last column keeps: what a key of the ledger needs."""

_Row = TypeVar("_Row")


class LiteralTable(Table):
    """A table whose cells show texts as they are."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:  # noqa: ANN401 - rich's own, passed on
        """Add a row; a text in it is no markup."""
        shown = [literal(cell) if isinstance(cell, str | Text) else cell for cell in cells]
        for cell, column in zip(shown, self.columns, strict=False):
            if isinstance(cell, Text) and column.max_width:
                cell.truncate(LONGEST_NAME, overflow="ellipsis")
        super().add_row(*shown, **options)


def new_table(*columns: str, whole: Collection[str] = (), caption: str | None = None) -> Table:
    """Make an empty table.

    Args:
        columns: their headers. The first is never broken; the last takes the rest of the width.
        whole: other columns that are never broken into lines, such as dates.
        caption: a line below the table.
    """
    table = LiteralTable(box=None, pad_edge=False, header_style="bold", caption=caption, caption_justify="left")
    first, *middle, last = columns
    table.add_column(first, no_wrap=True, max_width=WIDEST)
    for name in middle:
        is_whole = name in whole
        table.add_column(name, no_wrap=is_whole, overflow="fold", max_width=None if is_whole else WIDEST)
    is_whole = last in whole
    table.add_column(last, no_wrap=is_whole, overflow="fold", ratio=1, min_width=None if is_whole else NARROWEST)
    return table


def print_table(console: Console, table: Table) -> None:
    """Print a table: on a terminal within its width, elsewhere with a line for each row, however long."""
    if console.is_terminal:
        console.print(table)
    else:
        console.print("\n".join(plain_lines(table)), markup=False, soft_wrap=True)


def plain_lines(table: Table) -> Iterator[str]:
    """The lines of a table of texts, in columns, without color; only a cell of several lines takes several."""
    rows = [[_text(cell) for cell in row] for row in zip(*(column.cells for column in table.columns), strict=True)]
    if table.show_header:
        rows.insert(0, [str(column.header) for column in table.columns])
    lines = [cells for row in rows for cells in zip_longest(*(cell.split("\n") for cell in row), fillvalue="")]
    widths = [max(map(cell_len, cells), default=0) for cells in zip(*lines, strict=True)]
    for cells in lines:
        padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)]
        yield "  ".join(padded).rstrip()
    if table.caption:
        yield str(table.caption)


def records(table: Table) -> Iterator[dict[str, str]]:
    """The rows of a table of texts by their headers; the column without one holds the reason."""
    names = [str(column.header) or "reason" for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        yield dict(zip(names, map(_text, row), strict=True))


def _text(cell: RenderableType) -> str:
    return cell.plain if isinstance(cell, Text) else str(cell)


def shortened(
    rows: Sequence[_Row], is_problem: Callable[[_Row], bool], verbosity: Verbosity = Verbosity.NORMAL
) -> tuple[Sequence[_Row], str | None]:
    """Leave all rows of a short list, and the first problems of a long one; or as the verbosity says.

    Returns:
        The rows to show, and a caption that counts the others, if any.
    """
    if verbosity is Verbosity.VERBOSE or (verbosity is Verbosity.NORMAL and len(rows) <= LONGEST):
        return rows, None
    problems = [row for row in rows if is_problem(row)]
    shown = problems[:LONGEST]
    left_out = len(rows if verbosity is Verbosity.NORMAL else problems) - len(shown)
    return shown, f"and {left_out} more; -v shows all, the report too" if left_out else None
