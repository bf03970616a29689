"""A list that must be whole is read to its end, and is not believed when it shows less than it says it has."""

from typing import Any

import pytest

from fleet.serveravatar import wire
from fleet.serveravatar.errors import UnexpectedAnswerError
from fleet.serveravatar.listing import MOST_REPEATED, list_all, pages
from fleet.serveravatar.models import Organization
from fleet.serveravatar.wire import Request
from tests.unit.fleet.builders import FakeApi

pytestmark = pytest.mark.anyio
PATH = "/organizations"


class Growing(FakeApi):
    """So many rows come in above whenever one of its first pages has been read; it tells how many there are, or not."""

    def __init__(self, rows: int, by: int, *, times: int = 1, total: bool = True) -> None:
        super().__init__({PATH: [{"id": number} for number in range(rows, 0, -1)]})
        self.by, self.times, self.total = by, times, total

    async def send(self, request: Request) -> Any:
        answer = await super().send(request)
        if len(self.sent) <= self.times:
            newest = len(self.lists[PATH])
            self.lists[PATH] = [{"id": newest + number} for number in range(self.by, 0, -1)] + self.lists[PATH]
        if not self.total:
            page = answer["organizations"]
            more = page["current_page"] < page["last_page"]
            page |= {"next_page_url": "next" if more else None, "last_page": None, "total": None}
        return answer


class Moving(FakeApi):
    """Its first row is deleted when the first page has been read, so the rest moves up by one."""

    async def send(self, request: Request) -> Any:
        answer = await super().send(request)
        if len(self.sent) == 1:
            self.lists[PATH] = self.lists[PATH][1:]
        return answer


async def test_every_page_is_read_and_a_row_without_an_id_is_no_gap() -> None:
    rows: list[dict[str, Any]] = [{"id": number} for number in range(24)]
    api = FakeApi({PATH: [*rows, {"name": "nameless"}]})
    assert len(await list_all(api.send, wire.list_organizations, Organization)) == 24
    assert [page for _, page in api.sent] == [1, 2, 3]


async def test_a_row_that_moved_while_the_pages_were_read_is_found_by_reading_again() -> None:
    api = Moving({PATH: [{"id": number} for number in range(25)]})
    assert set(await list_all(api.send, wire.list_organizations, Organization)) == set(range(1, 25))
    assert [page for _, page in api.sent] == [1, 2, 3, 1, 2, 3]


async def test_an_api_that_gives_the_first_page_for_ever_is_not_believed() -> None:
    api = FakeApi({})
    api.answers[PATH] = {"organizations": {"data": [{"id": 1}], "current_page": 1, "last_page": 2, "total": 2}}
    with pytest.raises(UnexpectedAnswerError, match="the list ended on page 1 of 2"):
        await list_all(api.send, wire.list_organizations, Organization)


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("by", [1, 9, 10, 11, 20])
async def test_rows_that_come_in_between_two_pages_hide_none(by: int, times: int, total: bool) -> None:
    """A page full of new rows makes the next page show what the one before has shown: that is not the list's end."""
    api = Growing(35, by, times=times, total=total)
    shown = [page async for page in pages(api.send, wire.list_organizations)]
    assert {row["id"] for page in shown for row in page.rows} >= set(range(1, 36))


async def test_an_api_that_shows_one_page_for_ever_and_no_total_has_an_end() -> None:
    api = FakeApi({})
    api.answers[PATH] = {"organizations": {"data": [{"id": 1}], "current_page": 1, "next_page_url": "next"}}
    shown = [page async for page in pages(api.send, wire.list_organizations)]
    assert len(shown) == MOST_REPEATED


@pytest.mark.parametrize("told", [True, False], ids=["with totals", "without"])
@pytest.mark.parametrize("newcomers", [1, 9, 10, 11, 20])
async def test_a_page_of_new_rows_that_moves_the_rest_down_does_not_end_the_list(newcomers: int, told: bool) -> None:
    """Else what is beyond it would be taken for absent, and made again."""
    api = FakeApi({PATH: [{"id": number} for number in range(40, 0, -1)]})
    serve = api.send

    async def growing(request: Request) -> Any:
        answer = await serve(request)
        if len(api.sent) == 1:
            more = [{"id": number} for number in range(40 + newcomers, 40, -1)]
            api.lists[PATH] = [*more, *api.lists[PATH]]
        if not told:
            del answer["organizations"]["total"]
        return answer

    seen = {row["id"] async for page in pages(growing, wire.list_organizations) for row in page.rows}
    assert seen >= set(range(1, 41))
