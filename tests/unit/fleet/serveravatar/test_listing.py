"""A list that must be whole is read to its end, and is not believed when it shows less than it says it has."""

from typing import Any

import pytest

from fleet.serveravatar import wire
from fleet.serveravatar.errors import UnexpectedAnswerError
from fleet.serveravatar.listing import list_all, pages
from fleet.serveravatar.models import Organization
from fleet.serveravatar.wire import Request
from tests.unit.fleet.builders import FakeApi

pytestmark = pytest.mark.anyio
PATH = "/organizations"


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
