"""The list of backups: read for many at once, and no further back than needed."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.ownership import NoClaims, Ownership
from fleet.backup_list.search import Found
from fleet.dialect.dialect import Dialect
from fleet.dialect.learner import Learner
from fleet.proof.proof import Evidence
from fleet.proof.sought import Mark, Sought
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.wire import Request
from tests.unit.fleet.backup_list.lists import PATH, begun, key, named, old, one, pages_of, sought
from tests.unit.fleet.builders import FakeApi, backup_row, plan, target

pytestmark = pytest.mark.anyio


def ids(found: Found) -> dict[str, list[int]]:
    return {name: [row.id for row in rows] for name, rows in found.recognition.found.items()}


async def test_what_is_on_the_first_page_costs_one_request() -> None:
    api, backups = await begun(old())
    api.lists[PATH] = [*reversed(named(101, 102)), *old()]
    found = await backups.find(sought(backups, 101, 102))
    assert ids(found) == {key(101): [101], key(102): [102]}
    assert pages_of(api) == [1]
    assert backups.pages_read == 1


async def test_newest_first_is_read_back_to_where_the_run_began() -> None:
    api, backups = await begun(old())
    api.lists[PATH] = [*reversed(named(*range(101, 116))), *old()]
    assert ids(await backups.find(sought(backups, 999))) == {}
    assert pages_of(api) == [1, 2]


async def test_in_another_order_the_list_is_read_to_its_end() -> None:
    rows = list(reversed(old(35)))
    api, backups = await begun(rows, 1, 4)
    api.lists[PATH] = [*rows, *named(36)]
    found = await backups.find(sought(backups, 36))
    assert [row.id for row in found.rows_of(key(36))] == [36]
    assert pages_of(api) == [1, 2, 3, 4]


async def test_in_another_order_reading_still_stops_when_all_are_found() -> None:
    rows = list(reversed(old(35)))
    api, backups = await begun(rows, 1, 4)
    api.lists[PATH] = [*named(36), *rows]
    await backups.find(sought(backups, 36))
    assert pages_of(api) == [1]


def knowing(api: FakeApi, **facts: Any) -> BackupList:
    """A list of an API that was met before."""
    return BackupList(api.send, 5, Ownership(5, Learner(Dialect(**facts)), NoClaims()))


SHUFFLED = [3, 11, 7, *(number for number in range(1, 26) if number not in {3, 11, 7})]
ROTATED = [*range(21, 41), *range(1, 21)]


async def test_a_shuffled_list_is_read_to_its_end() -> None:
    api, backups = await begun(old(35))
    rows = old(35)
    api.lists[PATH] = [*rows[7:12], *rows[:7], *rows[12:], *named(36)]
    assert ids(await backups.find(sought(backups, 36, 37))) == {key(36): [36]}
    assert pages_of(api) == [1, 2, 3, 4]


async def test_rows_that_move_to_the_next_page_while_it_is_read_are_no_other_order() -> None:
    api, backups = await begun(old(300))
    api.lists[PATH] = [*reversed(named(*range(301, 315))), *old(300)]
    serve = api.send

    async def creating(request: Request) -> Any:
        answer = await serve(request)
        newest = api.lists[PATH][0]["id"]
        api.lists[PATH] = [*reversed(named(*range(newest + 1, newest + 4))), *api.lists[PATH]]
        return answer

    moving = BackupList(creating, 5)
    moving.marked = backups.marked
    await moving.find(sought(moving, 999))
    assert len(pages_of(api)) <= 3


async def test_an_empty_list_is_read_once() -> None:
    api, backups = await begun([])
    assert ids(await backups.find(sought(backups, 1))) == {}
    assert pages_of(api) == [1]


async def test_names_of_others_are_not_taken_for_keys() -> None:
    api, backups = await begun(old(3))
    api.lists[PATH] = [backup_row(5, f"x{key(5)}"), backup_row(4, f"fb-{key(4)[:7]} old"), *old(3)]
    assert ids(await backups.find(sought(backups, 4, 5))) == {}


async def test_every_row_of_a_key_is_kept_so_that_a_second_one_is_never_silent() -> None:
    api, backups = await begun(old(3))
    api.lists[PATH] = [backup_row(5, f"fb-{key(1)}"), backup_row(4, f"fb-{key(1)}"), *old(3)]
    assert ids(await backups.find(sought(backups, 1))) == {key(1): [5, 4]}


async def test_a_thorough_reading_goes_on_when_everything_was_seen() -> None:
    api, backups = await begun(old())
    api.lists[PATH] = [*reversed(named(*range(102, 115))), backup_row(101, f"fb-{key(114)}"), *old()]
    assert ids(await backups.find(sought(backups, 114))) == {key(114): [114]}
    found = await backups.find(sought(backups, 114), thorough=True)
    assert [row.id for row in found.rows_of(key(114))] == [114, 101]


async def test_a_plan_is_found_by_its_application_and_a_newer_plan_than_any_before() -> None:
    api, backups = await begun([{**backup_row(3, None), "backup_config_id": 70, "application_id": 4246}])
    since = backups.marked
    api.lists[PATH] = [
        {**backup_row(6, None), "backup_config_id": 71, "application_id": 9999},
        {**backup_row(5, None), "backup_config_id": 71, "application_id": 4246},
        {**backup_row(4, None), "backup_config_id": 70, "application_id": 4246},
        *api.lists[PATH],
    ]
    plans = [Sought(key(1), target(plan()), since)]
    assert ids(await backups.find(plans)) == {key(1): [5]}


async def test_an_old_plan_is_not_taken_for_a_new_one_in_a_list_that_is_oldest_first() -> None:
    rows = [{**backup_row(number, None), "backup_config_id": 40, "application_id": 1} for number in range(1, 11)]
    older = {**backup_row(11, None), "backup_config_id": 70, "application_id": 4246}
    api = FakeApi({PATH: [*rows, older]})
    backups = BackupList(api.send, 5)
    await backups.mark(exactly=True)
    plans = [Sought(key(1), target(plan()), backups.marked)]
    assert ids(await backups.find(plans)) == {}
    api.lists[PATH].append({**backup_row(12, None), "backup_config_id": 71, "application_id": 4246})
    assert ids(await backups.find(plans)) == {key(1): [12]}


async def test_a_plan_that_made_older_backups_further_down_the_list_is_no_new_one() -> None:
    of_old_plan = {"backup_config_id": 900, "application_id": 4246}
    api, backups = await begun([*old(), {**backup_row(0, None), **of_old_plan}])
    api.lists[PATH] = [{**backup_row(101, None), **of_old_plan}, *api.lists[PATH]]
    looked = await backups.look(Sought(key(1), target(plan()), backups.marked))
    assert (looked.rows, looked.candidates) == ([], ())
    assert looked.is_whole


async def test_no_plan_is_recognised_when_the_list_could_not_be_read_before_it() -> None:
    api = FakeApi({PATH: [{**backup_row(11, None), "backup_config_id": 70, "application_id": 4246}]})
    backups = BackupList(api.send, 5)
    assert ids(await backups.find([Sought(key(1), target(plan()), backups.marked)])) == {}


# What a look says beside the rows.

LIKE: dict[str, Any] = {"application_id": 4246, "database_id": 4223, "cloud_storage_provider_id": 10}


async def test_a_look_places_a_row_that_shows_no_name_and_tells_what_else_may_be_it() -> None:
    api, backups = await begun(old(3))
    api.lists[PATH] = [*(backup_row(number, **LIKE) for number in (6, 5, 4)), *old(3)]
    looked = await backups.look(one(backups, 7))
    assert ([row.id for row in looked.rows], looked.candidates) == ([4], (5, 6))
    assert (looked.evidence, looked.names_shown, looked.is_sure) == (Evidence.PLACED, False, False)
    assert "backup 4, or 5 or 6, shows no name" in looked.words


async def test_a_look_without_an_exact_mark_places_nothing_and_tells_what_may_be_it() -> None:
    api, backups = await begun(old(3))
    api.lists[PATH] = [backup_row(4, **LIKE), *old(3)]
    looked = await backups.look(Sought(key(7), target(), replace(backups.marked, exact=False)))
    assert (looked.rows, looked.candidates, looked.evidence) == ([], (4,), None)


async def test_a_look_tells_when_the_newest_was_sent_that_the_list_shows() -> None:
    api, backups = await begun(old(3))
    for number, sent_at in ((4, 100.0), (5, 200.0), (6, 300.0)):
        backups.own.note_sent(Sought(key(number), target(), backups.marked, sent_at))
    assert (await backups.look(one(backups, 7))).shown_up_to == 0
    api.lists[PATH] = [*reversed(named(4, 5)), *old(3)]
    looked = await backups.look(one(backups, 7))
    assert (looked.shown_up_to, looked.names_shown, looked.candidates) == (200.0, True, ())


@pytest.mark.parametrize(("count", "is_whole"), [(0, True), (25, False)])
async def test_of_a_plan_the_list_is_read_to_its_end_and_of_others_no_further_than_needed(
    count: int, is_whole: bool
) -> None:
    _, backups = await begun(old(count))
    assert (await backups.look(one(backups, 7))).is_whole is is_whole
    assert (await backups.look(Sought(key(8), target(plan()), backups.marked))).is_whole


async def test_a_row_that_slips_between_two_pages_while_others_are_deleted_is_not_taken_for_absent() -> None:
    api, backups = await begun(old(30))
    api.lists[PATH] = [*old(41)[:10], *named(31), *old(30)]
    serve = api.send
    gone = [0]

    async def deleting(request: Request) -> Any:
        answer = await serve(request)
        if not gone[0]:
            gone[0] = 1
            api.lists[PATH] = list(api.lists[PATH][1:])
        return answer

    moving = BackupList(deleting, 5)
    moving.marked = backups.marked
    found = await moving.find(sought(backups, 31))
    assert found.rows_of(key(31))


async def test_a_list_from_which_rows_go_each_time_that_it_is_read_proves_nothing() -> None:
    api, backups = await begun(old(30))
    api.lists[PATH] = [*old(90)]
    serve = api.send

    async def deleting(request: Request) -> Any:
        answer = await serve(request)
        api.lists[PATH] = list(api.lists[PATH][1:])
        return answer

    with pytest.raises(ApiError, match="kept changing"):
        await BackupList(deleting, 5).find(sought(backups, 31))


async def test_a_list_that_ends_before_the_last_page_that_it_tells_of_proves_nothing_absent() -> None:
    api = FakeApi({})
    rows = [backup_row(number) for number in range(40, 30, -1)]
    api.answers[PATH] = {"data": rows, "current_page": 1, "last_page": 4, "total": 40, "per_page": 10}
    backups = BackupList(api.send, 5)
    with pytest.raises(ApiError, match="ended before its last page"):
        await backups.find([Sought(key(50), target(), Mark(20, exact=True))])
