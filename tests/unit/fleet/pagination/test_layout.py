"""How a backup list is laid out, read off its first page."""

from typing import Any

import pytest

from fleet.pagination.layout import Layout, layout_of, page_of
from fleet.serveravatar.wire import Page
from tests.unit.fleet.builders import backup_row


@pytest.mark.parametrize(
    ("rank", "layout", "page"),
    [
        (1, Layout(1, 10), 1),
        (1, Layout(300, 10), 30),
        (10, Layout(300, 10), 30),
        (11, Layout(300, 10), 29),
        (300, Layout(300, 10), 1),
        (301, Layout(300, 10), 1),
        (1, Layout(303, 10), 31),
        (1, Layout(300, 10, newest_first=False), 1),
        (10, Layout(300, 10, newest_first=False), 1),
        (300, Layout(300, 10, newest_first=False), 30),
        (301, Layout(300, 10, newest_first=False), 31),
        (1, Layout(0, 10), 1),
    ],
)
def test_the_page_that_shows_an_entry_is_known_from_its_rank(rank: int, layout: Layout, page: int) -> None:
    assert page_of(rank, layout) == page


def page(*ids: int, **changes: Any) -> Page:
    return Page([backup_row(number) for number in ids], **{"total": 30, "size": 10} | changes)


@pytest.mark.parametrize(
    ("first", "layout"),
    [
        (page(30, 29, 27), Layout(30, 10)),
        (page(1, 2, 9), Layout(30, 10, newest_first=False)),
        (page(), Layout(30, 10)),
        (page(5), Layout(30, 10)),
        (page(5, 9, 7), None),
        (page(9, 8, total=None), None),
        (page(9, 8, size=None), None),
    ],
)
def test_the_layout_of_a_list_is_read_off_its_first_page(first: Page, layout: Layout | None) -> None:
    assert layout_of(first) == layout
