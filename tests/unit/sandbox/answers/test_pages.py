"""Pages as Laravel writes them."""

import pytest

from sandbox.answers.pages import laravel_page, read_page


@pytest.mark.parametrize(("given", "number"), [(None, 1), ("", 1), ("3", 3), ("0", 1), ("-1", 1), ("two", 1), ("²", 1)])
def test_a_page_number(given: str | None, number: int) -> None:
    assert read_page(given, 10).number == number


@pytest.mark.parametrize(
    ("number", "rows", "total", "last", "has_next"),
    [
        (1, 10, 25, 3, True),
        (3, 5, 25, 3, False),
        (4, 0, 25, 3, False),
        (1, 0, 0, 1, False),
        (1, 10, 10, 1, False),
    ],
)
def test_a_page(*, number: int, rows: int, total: int, last: int, has_next: bool) -> None:
    page = laravel_page([{"id": 1}] * rows, total, read_page(str(number), 10), "https://x/l")
    assert (page["current_page"], page["last_page"], page["total"], page["per_page"]) == (
        number,
        last,
        total,
        10,
    )
    assert page["next_page_url"] == (f"https://x/l?page={number + 1}" if has_next else None)
    assert page["from"] == ((number - 1) * 10 + 1 if rows else None)
