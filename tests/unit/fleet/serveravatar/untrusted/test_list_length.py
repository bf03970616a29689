"""A list ends where its first page reports, however many pages follow."""

from functools import partial
from typing import Any

import pytest

from fleet.pagination.traversal import UnprovenError
from fleet.pagination.walk import Walk
from fleet.serveravatar import wire
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.errors import UnexpectedAnswerError
from fleet.serveravatar.listing import list_all, pages
from fleet.serveravatar.models import Backup, Server
from fleet.serveravatar.untrusted.list_length import BLIND_PAGES, GROWTH, MORE_PAGES
from fleet.serveravatar.wire import Page, Request

pytestmark = pytest.mark.anyio


class Endless:
    """An endless list, each page with new rows; it reports how long it is, or not."""

    def __init__(self, **fields: Any) -> None:
        self.requests = 0
        self._fields = fields

    async def send(self, request: Request) -> Any:
        self.requests += 1
        first = self.requests * 10
        rows = [{"id": first + number} for number in range(10)]
        return {"data": rows, "last_page": None, "next_page_url": "https://x", **self._fields, "number": request.query}


REPORTED = [
    ({}, BLIND_PAGES),
    ({"total": 25}, 3 * GROWTH + MORE_PAGES),
    ({"total": 25, "per_page": 1}, 3 * GROWTH + MORE_PAGES),
    ({"total": "9" * 5000}, BLIND_PAGES),
    ({"total": 5}, BLIND_PAGES),
]


@pytest.mark.parametrize(("fields", "most"), REPORTED)
async def test_a_list_without_an_end_is_left_where_it_should_have_ended(fields: dict[str, Any], most: int) -> None:
    api = Endless(**fields)
    with pytest.raises(UnexpectedAnswerError, match=r"^the list .* and continues after page") as caught:
        _ = [page async for page in pages(api.send, partial(wire.list_backups, 5))]
    assert api.requests == most
    assert str(caught.value).isprintable()


async def test_a_list_that_reports_more_pages_than_anybody_reads_is_not_begun() -> None:
    api = Endless(total=10**17, last_page=10**16)
    with pytest.raises(UnexpectedAnswerError, match="the list reports 10,000,000,000,000,000 pages, more than 50,000"):
        await list_all(api.send, wire.list_organizations, Server)
    assert api.requests == 1


@pytest.mark.parametrize("step", [10, -10], ids=["in no order", "newest first"])
def test_an_audit_leaves_a_list_without_an_end(step: int) -> None:
    walk = Walk[Backup]()

    def read_to_its_end() -> None:
        while (number := walk.next_page) is not None:
            rows = [{"id": 10**9 + number * step - place} for place in range(10)]
            page = Page(rows, number, None, more=True)
            walk.take(page, read_backups(rows))

    with pytest.raises(UnprovenError, match="continues after page"):
        read_to_its_end()
    assert walk.pages <= BLIND_PAGES + MORE_PAGES  # It began once more, when it saw the order.


async def test_a_hundred_thousand_rows_are_no_attack() -> None:
    total = 100_000

    async def send(request: Request) -> Any:
        first = (request.query["page"] - 1) * 10
        rows = [{"id": first + number} for number in range(10)]
        return {"data": rows, "last_page": total // 10, "total": total, "per_page": 10}

    assert len(await list_all(send, wire.list_organizations, Server)) == total
