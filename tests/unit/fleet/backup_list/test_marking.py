"""Where the list ends before a run, in whatever order it is."""

from collections.abc import Sequence
from typing import Any

import pytest

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.marking import MOST_MARKED
from fleet.backup_list.ownership import NoClaims, Ownership
from fleet.dialect.dialect import Dialect, Names, Order
from fleet.dialect.learner import Learner
from fleet.proof.sought import Mark
from tests.unit.fleet.backup_list.lists import PATH, begun, pages_of
from tests.unit.fleet.builders import FakeApi, backup_row

pytestmark = pytest.mark.anyio


async def test_a_list_that_is_not_newest_first_is_marked_at_its_end_and_not_at_its_first_page() -> None:
    """Else the next backup of any old plan would be taken for the first one of a new plan."""
    rows = [backup_row(number, None, backup_config_id=number + 1000) for number in range(1, 36)]
    _, backups = await begun(rows, 1, 4)
    assert backups.marked == Mark(35, 1035, exact=True)


def knowing(api: FakeApi, **facts: Any) -> BackupList:
    """A list of an API that was met before."""
    return BackupList(api.send, 5, Ownership(5, Learner(Dialect(**facts)), NoClaims()))


SHUFFLED = [3, 11, 7, *(number for number in range(1, 26) if number not in {3, 11, 7})]

ROTATED = [*range(21, 41), *range(1, 21)]


@pytest.mark.parametrize(
    ("numbers", "known", "exactly", "pages", "is_exact"),
    [
        ([], {}, False, [1], True),
        ([1], {}, False, [1], True),
        ([7, 3, 11], {}, False, [1], True),
        (range(30, 0, -1), {}, False, [1], True),
        (range(1, 31), {}, False, [1, 3], True),
        (SHUFFLED, {}, False, [1, 2, 3], True),
        # Both of its ends rise, and its newest stands in the middle.
        (ROTATED, {}, False, [1, 4, 2, 3, 4], True),
        # A name is proof enough, but of a plan, which has none.
        (SHUFFLED, {"names": Names.SHOWN}, False, [1], False),
        (SHUFFLED, {"names": Names.SHOWN}, True, [1, 2, 3], True),
        (SHUFFLED, {"names": Names.HIDDEN}, False, [1, 2, 3], True),
        (range(30, 0, -1), {"names": Names.SHOWN}, False, [1], True),
        # Of a list that was seen in no order, one page in order says nothing of the others.
        ([*range(20, 10, -1), 99, *range(10, 0, -1)], {"order": Order.OTHER}, False, [1, 2, 3], True),
        ([*range(10, 1000), *range(10)], {}, False, [1, 100, *range(2, MOST_MARKED + 1)], False),
    ],
)
async def test_a_mark_is_exact_where_the_highest_id_was_certainly_seen(
    numbers: Sequence[int], known: dict[str, Any], exactly: bool, pages: list[int], is_exact: bool
) -> None:
    api = FakeApi({PATH: [backup_row(number) for number in numbers]})
    backups = knowing(api, **known)
    await backups.mark(exactly=exactly)
    assert pages_of(api) == pages
    assert backups.marked.exact is is_exact
    assert not is_exact or backups.marked.backup == max(numbers, default=0)
