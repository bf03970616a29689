"""The newest backups of an organization, from a bounded number of pages."""

import pytest

from fleet.backup_list.backup_list import BackupList
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.wire import Call
from tests.unit.fleet.builders import FakeApi, backup_row

pytestmark = pytest.mark.anyio
PATH = "/organizations/5/backups"


@pytest.mark.parametrize(
    ("count", "most", "pages", "is_all"),
    [(0, 3, [1], True), (5, 3, [1], True), (30, 3, [1, 2, 3], True), (31, 3, [1, 2, 3], False), (95, 2, [1, 2], False)],
)
async def test_no_more_pages_are_read_than_allowed(count: int, most: int, pages: list[int], is_all: bool) -> None:
    api = FakeApi({PATH: [backup_row(number) for number in range(count, 0, -1)]})
    newest = await BackupList(api.send, 5).newest(most)
    assert [page for _, page in api.sent] == pages
    assert (newest.pages, newest.is_all, newest.unread) == (len(pages), is_all, "")
    assert {row.id for row in newest.rows} == set(range(count, max(0, count - 10 * most), -1))


async def test_a_list_that_begins_with_its_oldest_is_read_from_its_end() -> None:
    api = FakeApi({PATH: [backup_row(number) for number in range(1, 96)]})
    newest = await BackupList(api.send, 5).newest(3)
    assert [page for _, page in api.sent] == [1, 10, 9]
    assert {*range(81, 96)} <= {row.id for row in newest.rows}
    assert not newest.is_all


async def test_a_list_in_no_order_is_read_from_its_beginning() -> None:
    api = FakeApi({PATH: [backup_row(37 * number % 97) for number in range(1, 96)]})
    assert len((await BackupList(api.send, 5).newest(3)).rows) == 30
    assert [page for _, page in api.sent] == [1, 2, 3]


async def test_a_list_that_cannot_be_read_is_told_as_such() -> None:
    api = FakeApi({PATH: []})
    api.answers[PATH] = ApiError(Call.LIST_BACKUPS, Meaning.IN_DOUBT, "Something went really wrong!", 500)
    newest = await BackupList(api.send, 5).newest(3)
    assert "Something went really wrong!" in newest.unread
    assert not newest.is_all
