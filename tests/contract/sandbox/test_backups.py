"""It really makes backups, keeps plans, and survives a restart."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest

from sandbox.backups.inspection import inspect_archives
from tests.contract.sandbox.calls import BACKUPS, CREATE, PLAN, create, settled

pytestmark = pytest.mark.anyio

OpenSandbox = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.mark.parametrize(
    ("changed", "endings"),
    [
        ({}, [".tar.gz", ".sql.gz"]),
        ({"application_extension": ".tar", "database_extension": ".sql"}, [".tar", ".sql"]),
        ({"type": "filesystem"}, [".tar.gz"]),
        ({"type": "database"}, [".sql.gz"]),
        ({"database_id": None}, [".tar.gz"]),
    ],
)
async def test_archives_open_and_equal_their_source(
    open_sandbox: OpenSandbox, tmp_path: Path, changed: dict[str, object], endings: list[str]
) -> None:
    async with open_sandbox() as client:
        await create(client, **changed)
        [backup] = await settled(client)
    [inspected] = inspect_archives(tmp_path)
    assert inspected.problem is None
    assert all(archive.name.endswith(ending) for archive, ending in zip(inspected.archives, endings, strict=True))
    has_files, has_rows = (
        any(e.startswith(".tar") for e in endings),
        any(e.startswith(".sql") for e in endings),
    )
    assert (inspected.files > 0) is (inspected.files_compared > 0) is (backup["application_size"] > 0) is has_files
    assert (inspected.rows > 0) is (backup["database_size"] > 0) is has_rows
    assert backup["application_available_in_cloudstorage"] == has_files
    assert backup["database_available_in_cloudstorage"] == has_rows


async def test_an_archive_that_is_not_its_source_is_found_out(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    async with open_sandbox() as client:
        await create(client)
        await create(client, type="database", application_id=4247, database_id=4224)
        [of_files, of_rows] = await settled(client)
    changed = tmp_path / "servers/web-0001/applications/site-001/index.php"
    changed.write_text("changed since")
    (tmp_path / of_rows["database_path"]).write_bytes(b"no gzip")
    first, second = inspect_archives(tmp_path)
    assert first.backup_id == of_files["id"]
    assert first.problem == "index.php differs from its source"
    assert second.problem is not None


async def test_a_database_backup_without_a_database_is_accepted_and_fails(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        assert (await create(client, type="database", database_id=None)).status_code == 200
        [backup] = await settled(client)
    assert (backup["status"], backup["totalSize"]) == ("Failed", 0)


async def test_a_plan_turned_by_hand_makes_a_backup_at_each_due_date(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        await client.post(CREATE, json=PLAN)
        [first] = await settled(client)
        turned = await client.post("/_sandbox/clock", json={"advance_seconds": 3 * 86_400})
        assert turned.json()["started"] == 3
        backups = await settled(client)
        nothing = await client.post("/_sandbox/clock", json={"advance_seconds": 60})
        assert nothing.json()["started"] == 0
    assert {backup["backup_config_id"] for backup in backups} == {first["backup_config_id"]}
    assert {backup["backup_configuration"]["name"] for backup in backups} == {None}
    assert [backup["status"] for backup in backups] == ["Completed"] * 4
    days = [backup["created_at"] for backup in backups]
    assert len({day[11:] for day in days}) == 1
    assert len({day[:10] for day in days}) == 4


async def test_a_plan_waits_for_its_start(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        body = {**PLAN, "start_backup_from_now": False, "start_backup": "2099-01-01 10:00"}
        assert (await client.post(CREATE, json=body)).status_code == 200
        assert await settled(client) == []
        now = (await client.get("/_sandbox/clock")).json()["now"]
        await client.post("/_sandbox/clock", json={"advance_seconds": 4070944800 - now})
        [backup] = await settled(client)
    assert backup["created_at"] == "2099-01-01 10:00:00"


async def test_a_plan_goes_on_as_it_was_changed(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        await client.post(CREATE, json=PLAN)
        [backup] = await settled(client)
        path = f"{CREATE}/{backup['backup_config_id']}"
        assert (await client.patch(path, json={"schedule": "Every Hour", "type": "filesystem"})).status_code == 200
        await client.post("/_sandbox/clock", json={"advance_seconds": 2 * 3600})
        backups = await settled(client)
    assert [bool(backup["database_size"]) for backup in backups] == [True, False, False]


async def test_state_survives_a_restart(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        await create(client)
        await client.post(CREATE, json=PLAN)
        await client.post("/_sandbox/clock", json={"advance_seconds": 3600})
        before = await settled(client)
        now = (await client.get("/_sandbox/clock")).json()["now"]
    async with open_sandbox() as client:
        assert await settled(client) == before
        assert (await client.get("/_sandbox/clock")).json()["now"] >= now
        await client.post("/_sandbox/clock", json={"advance_seconds": 86_400})
        after = await settled(client)
    assert [backup["id"] for backup in after[len(before) :]] == [before[-1]["id"] + 1]


async def test_what_was_under_way_at_the_end_is_continued(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    async with open_sandbox(backup_seconds=3600.0) as client:
        await create(client)
        [backup] = (await client.get("/_sandbox/backups")).json()["backups"]
        assert backup["status"] in {"Pending", "In Progress"}
    async with open_sandbox() as client:
        [backup] = await settled(client)
    assert backup["status"] == "Completed"
    assert [inspected.problem for inspected in inspect_archives(tmp_path)] == [None]


async def test_a_restore_puts_files_and_rows_back(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    page = tmp_path / "servers/web-0001/applications/site-001/index.php"
    was = page.read_bytes()
    async with open_sandbox() as client:
        await create(client)
        [backup] = await settled(client)
        page.unlink()
        assert (await client.get(f"{BACKUPS}/{backup['id']}/restore")).status_code == 200
        await settled(client)
        assert page.read_bytes() == was
    assert [inspected.problem for inspected in inspect_archives(tmp_path)] == [None]


async def test_a_deleted_backup_is_gone_from_the_list_and_the_storage(
    open_sandbox: OpenSandbox, tmp_path: Path
) -> None:
    async with open_sandbox() as client:
        await create(client)
        [backup] = await settled(client)
        await client.post(f"{BACKUPS}/destroy", json={"ids": [backup["id"]]})
        assert (await client.get(BACKUPS)).json()["total"] == 0
    assert not (tmp_path / backup["application_path"]).exists()
    assert inspect_archives(tmp_path) == []


async def test_a_download_is_the_archive_and_needs_no_token(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    async with open_sandbox() as client:
        await create(client)
        [backup] = await settled(client)
        address = (await client.get(f"{BACKUPS}/{backup['id']}/database/download")).json()["temporaryUrl"]
        del client.headers["Authorization"]
        assert (await client.get(address)).content == (tmp_path / backup["database_path"]).read_bytes()
        assert (await client.get(address.split("?")[0])).status_code == 403


async def test_pages_hold_every_backup_once(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        for _ in range(23):
            await create(client)
        await settled(client)
        for order in ("newest", "oldest", "shuffled"):
            await client.post("/_sandbox/faults", json={"kind": "order", "order": order})
            pages = [(await client.get(BACKUPS, params={"page": number})).json() for number in (1, 2, 3, 4)]
            ids = [row["id"] for page in pages for row in page["data"]]
            assert sorted(ids) == list(range(301, 324))
            assert {"newest": ids == sorted(ids, reverse=True), "oldest": ids == sorted(ids)}.get(order, True)
