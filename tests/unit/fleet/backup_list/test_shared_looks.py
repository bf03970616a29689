"""Looks that begin at about the same time share one reading, and never one that began before them."""

import asyncio
from typing import Any

import pytest

from fleet.backup_list import shared_looks
from fleet.backup_list.backup_list import BackupList
from fleet.proof.sought import Mark
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.wire import Request
from tests.unit.fleet.backup_list.lists import OLD, PATH, begun, named, old, one, pages_of

pytestmark = pytest.mark.anyio


async def test_many_looks_at_one_time_share_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_looks, "GATHERING", 0)
    api, backups = await begun(old())
    api.lists[PATH] = [*reversed(named(*range(101, 106))), *old()]
    found = await asyncio.gather(*(backups.look(one(backups, number)) for number in range(101, 108)))
    assert [[row.id for row in looked.rows] for looked in found] == [[101], [102], [103], [104], [105], [], []]
    assert pages_of(api) == [1]


async def test_looks_shortly_after_one_another_share_one_reading() -> None:
    api, backups = await begun(old())
    api.lists[PATH] = [*named(101), *old()]

    async def late() -> None:
        await asyncio.sleep(shared_looks.GATHERING / 2)
        assert (await backups.look(one(backups, 102))).rows == []

    found, _ = await asyncio.gather(backups.look(one(backups, 101)), late())
    assert [row.id for row in found.rows] == [101]
    assert pages_of(api) == [1]


async def test_a_look_never_shares_a_reading_that_began_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_looks, "GATHERING", 0)
    api, _ = await begun(old())
    began, go_on = asyncio.Event(), asyncio.Event()
    serve = api.send

    async def slow(request: Request) -> Any:
        answer = await serve(request)
        began.set()
        await go_on.wait()
        return answer

    slowly = BackupList(slow, 5)
    slowly.marked = Mark(OLD)
    first = asyncio.create_task(slowly.look(one(slowly, 101)))
    await began.wait()
    api.lists[PATH] = [*named(101), *old()]
    second = asyncio.create_task(slowly.look(one(slowly, 101)))
    go_on.set()
    assert (await first).rows == []
    found = await second
    assert [row.id for row in found.rows] == [101]
    assert pages_of(api) == [1, 1]


async def test_a_list_that_cannot_be_read_is_told_to_all_who_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_looks, "GATHERING", 0)
    api, backups = await begun(old())
    api.answers[PATH] = ApiError("list backups", Meaning.IN_DOUBT, "Something went really wrong!", 500)
    found = await asyncio.gather(backups.look(one(backups, 1)), backups.look(one(backups, 2)), return_exceptions=True)
    assert [str(error) for error in found] == ["Something went really wrong! (list backups, status 500)"] * 2
    del api.answers[PATH]
    api.lists[PATH] = [*named(101), *old()]
    assert (await backups.look(one(backups, 101))).rows


async def test_one_who_stops_looking_does_not_stop_the_others() -> None:
    api, backups = await begun(old())
    api.lists[PATH] = [*named(101), *old()]
    impatient = asyncio.create_task(backups.look(one(backups, 102)))
    patient = asyncio.create_task(backups.look(one(backups, 101)))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).rows
    with pytest.raises(asyncio.CancelledError):
        await impatient
