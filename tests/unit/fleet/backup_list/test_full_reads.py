"""When a look of a watch reads everything awaited."""

import pytest

from fleet.backup_list.full_reads import is_due


@pytest.mark.parametrize(
    ("seconds", "pages", "in_vain"),
    [(10, 1, 0), (12, 3, 0), (120, 30, 0), (300, 5000, 0), (20, 1, 1), (240, 30, 1), (480, 30, 2), (1200, 5000, 9)],
)
def test_everything_is_read_the_seldomer_the_more_it_takes_and_the_less_it_shows(
    seconds: float, pages: int, in_vain: int
) -> None:
    assert not is_due(seconds - 0.1, pages, in_vain)
    assert is_due(seconds, pages, in_vain)
