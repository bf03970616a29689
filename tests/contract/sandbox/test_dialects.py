"""What a whole API makes of a dialect: its lists, its plans, its clock, and a change while it runs."""

from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.dialects.dialect import Dialect
from sandbox.dialects.presets import PRESETS
from sandbox.dialects.reading import read_dialect
from sandbox.faults.faults import FaultRule
from tests.contract.sandbox.calls import BACKUPS, CREATE, INSTANT, PLAN, create, settled
from tests.contract.sandbox.conftest import OpenSandbox

pytestmark = pytest.mark.anyio
DAY = 86_400


async def listed(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.get(BACKUPS)).json()["data"]
    return rows


async def advance(client: httpx.AsyncClient, seconds: float) -> None:
    await client.post("/_sandbox/clock", json={"advance_seconds": seconds})


async def plan_flags(client: httpx.AsyncClient) -> list[int]:
    rows = (await client.get("/organizations/5/databases")).json()["databases"]["data"]
    return [row["automatic_backup"] for row in rows]


@pytest.mark.parametrize("preset", sorted(PRESETS))
async def test_the_truth_is_told_in_every_dialect(open_sandbox: OpenSandbox, preset: str) -> None:
    async with open_sandbox(dialect=read_dialect([preset])) as client:
        assert (await create(client)).status_code == 200
        [backup] = await settled(client)
    assert (backup["id"], backup["server_id"], backup["made_by"]) == (301, 15, "api")
    assert backup["backup_configuration"]["name"] == "nightly"
    assert (backup["status"], backup["application_available_in_cloudstorage"]) == ("Completed", 1)
    assert backup["totalSize"] == backup["application_size"] + backup["database_size"] > 0


@pytest.mark.parametrize(
    ("fault", "first_ids"),
    [((), [301, 302, 303]), ((FaultRule("order", order="newest"),), [305, 304, 303])],
)
async def test_a_fault_outranks_the_order_of_a_dialect(
    open_sandbox: OpenSandbox, fault: tuple[FaultRule, ...], first_ids: list[int]
) -> None:
    async with open_sandbox(dialect=Dialect(order="oldest", page_size=3), faults=fault) as client:
        for _ in range(5):
            await create(client)
        page = (await client.get(BACKUPS)).json()
    assert [row["id"] for row in page["data"]] == first_ids
    assert (page["per_page"], page["last_page"], page["total"]) == (3, 2, 5)


@pytest.mark.parametrize(
    ("totals", "missing"),
    [
        ("yes", set()),
        ("simple", {"total", "last_page", "last_page_url"}),
        ("no", None),
    ],
)
async def test_what_a_page_tells_of_the_others(
    open_sandbox: OpenSandbox, totals: Any, missing: set[str] | None
) -> None:
    async with open_sandbox() as client:
        whole = (await client.get(BACKUPS)).json().keys()
    async with open_sandbox(dialect=Dialect(totals=totals, page_size=1)) as client:
        for _ in range(2):
            await create(client)
        first, last = [(await client.get(BACKUPS, params={"page": number})).json() for number in (1, 2)]
    assert first.keys() == ({"data", "next_page_url"} if missing is None else whole - missing)
    assert first["next_page_url"].endswith("/backups?page=2")
    assert last["next_page_url"] is None
    assert [row["id"] for row in first["data"] + last["data"]] == [302, 301]


async def test_a_backup_shows_late(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(dialect=Dialect(shows_after=8)) as client:
        await create(client)
        assert await listed(client) == []
        await advance(client, 8)
        assert len(await listed(client)) == 1


@pytest.mark.parametrize(("dialect", "shown"), [(Dialect(), 1), (Dialect(shows_expired=False), 0)])
async def test_what_has_expired(open_sandbox: OpenSandbox, dialect: Dialect, shown: int) -> None:
    async with open_sandbox() as client:
        await client.put("/_sandbox/dialect", json="expires_after=7")
        await create(client)
    async with open_sandbox(dialect=dialect) as client:
        [alive] = await listed(client)
        assert alive["expires_at"][:10] > alive["created_at"][:10]
        await advance(client, 7 * DAY)
        assert len(await listed(client)) == shown
        assert len(await settled(client)) == 1


@pytest.mark.parametrize("shows", [False, True])
async def test_what_was_deleted(open_sandbox: OpenSandbox, *, shows: bool) -> None:
    async with open_sandbox(dialect=Dialect(shows_deleted=shows)) as client:
        await create(client)
        await settled(client)
        assert (await client.delete("/_sandbox/backups/301")).status_code == 200
        rows = await listed(client)
        assert [row["deleted_at"] is not None for row in rows] == ([True] if shows else [])
        [truth] = await settled(client)
        assert truth["deleted"] is True
        assert (await client.delete("/_sandbox/backups/301")).status_code == 404


async def test_a_clock_that_is_off_dates_answers_and_rows(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        right = parsedate_to_datetime((await client.get(BACKUPS)).headers["Date"])
        await client.patch("/_sandbox/dialect", json={"clock_error": 600, "zone": 120})
        await create(client)
        answer = await client.get(BACKUPS)
    date = parsedate_to_datetime(answer.headers["Date"])
    assert (date - right).total_seconds() == 600
    assert answer.json()["data"][0]["created_at"][14:] == date.strftime("%M:%S")
    assert int(answer.json()["data"][0]["created_at"][11:13]) == (date.hour + 2) % 24


async def test_a_start_is_a_time_of_its_own_zone(open_sandbox: OpenSandbox) -> None:
    body = {**PLAN, "start_backup_from_now": False, "start_backup": "2099-01-01 10:00"}
    async with open_sandbox(dialect=Dialect(start_zone="Asia/Kolkata")) as client:
        await client.post(CREATE, json=body)
        [plan] = (await client.get("/_sandbox/plans")).json()["plans"]
        assert (await client.patch(f"{CREATE}/{plan['id']}", json={"type": "filesystem"})).status_code == 200
        [changed] = (await client.get("/_sandbox/plans")).json()["plans"]
    assert plan["next_due"] == changed["next_due"] == 4070944800 - 5.5 * 3600


@pytest.mark.parametrize(
    ("treated", "status", "plans"), [("accepted", 200, 2), ("refused", 500, 1), ("silent", 200, 1)]
)
async def test_a_second_plan_like_the_first(open_sandbox: OpenSandbox, treated: Any, status: int, plans: int) -> None:
    async with open_sandbox(dialect=Dialect(duplicate_plans=treated)) as client:
        await client.post("/_sandbox/backups", json={"application_id": 4246, "age_seconds": 60, "plan": True})
        earlier = len((await client.get("/_sandbox/plans")).json()["plans"])
        assert (await client.post(CREATE, json=PLAN)).status_code == 200
        second = await client.post(CREATE, json=PLAN)
        assert second.status_code == status
        assert len((await client.get("/_sandbox/plans")).json()["plans"]) - earlier == plans
        assert (await client.post(CREATE, json={**PLAN, "schedule": "Every Week"})).status_code == 200


@pytest.mark.parametrize(("after", "turned", "made"), [(0.0, 0, 1), (90.0, 89, 0), (90.0, 90, 1), (None, 3 * DAY, 0)])
async def test_the_first_backup_of_a_plan(
    open_sandbox: OpenSandbox, after: float | None, turned: float, made: int
) -> None:
    async with open_sandbox(dialect=Dialect(first_backup_after=after)) as client:
        await client.post(CREATE, json=PLAN)
        await advance(client, turned)
        assert len(await settled(client)) == made
        assert len((await client.get("/_sandbox/plans")).json()["plans"]) == 1


@pytest.mark.parametrize("flips", [True, False])
async def test_whether_a_database_tells_of_its_plan(open_sandbox: OpenSandbox, *, flips: bool) -> None:
    async with open_sandbox(dialect=Dialect(automatic_backup_flips=flips)) as client:
        await client.post(CREATE, json=PLAN)
        assert await plan_flags(client) == [int(flips), 0, 0, 0]


async def test_other_words_of_an_acceptance(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(dialect=read_dialect(["other-answers"])) as client:
        said = [(await client.post(CREATE, json=body)).json()["message"] for body in (INSTANT, PLAN)]
    assert said == ["Your backup has been started.", "The backup plan was created."]


@pytest.mark.parametrize("told", [True, False])
async def test_headers_of_the_limit(open_sandbox: OpenSandbox, *, told: bool) -> None:
    async with open_sandbox(dialect=Dialect(limit_headers=told), requests_per_minute=5) as client:
        assert ("X-RateLimit-Limit" in (await client.get(BACKUPS)).headers) is told


async def test_a_dialect_changes_while_it_is_spoken(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(dialect=Dialect(sizes="unit")) as client:
        await create(client)
        shown = (await client.get("/_sandbox/dialect")).json()
        assert (shown["dialect"]["sizes"], shown["dialect"]["names"]) == ("unit", "configuration")
        assert "nameless" in shown["presets"]
        changed = (await client.patch("/_sandbox/dialect", json="nameless,text-ids")).json()["dialect"]
        assert (changed["sizes"], changed["names"]) == ("unit", "null")
        [row] = await listed(client)
        assert (row["id"], row["backup_configuration"]) == ("301", {"id": "71", "name": None})
        anew = (await client.put("/_sandbox/dialect", json=["yes-no", {"page_size": 3}])).json()["dialect"]
        assert (anew["sizes"], anew["names"], anew["flags"], anew["page_size"]) == (
            "number",
            "configuration",
            "yes-no",
            3,
        )
        refused = await client.patch("/_sandbox/dialect", json={"order": "up"})
        assert (refused.status_code, refused.json()["message"]) == (
            422,
            "order must be one of newest, oldest, shuffled, not 'up'",
        )
        assert (await client.get("/_sandbox/dialect")).json()["dialect"] == anew
