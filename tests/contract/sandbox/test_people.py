"""People and their plans make, run, delete and move things beside the API's client."""

import httpx
import pytest

from tests.contract.sandbox.calls import BACKUPS, settled
from tests.contract.sandbox.conftest import OpenSandbox

pytestmark = pytest.mark.anyio
PEOPLE = "/_sandbox/people"


async def test_backups_by_hand_with_a_name_and_without(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(requests_per_minute=1) as client:
        await client.post("/_sandbox/faults", json={"kind": "answer"})
        given = [{"application_id": 4246, "name": "before the update"}, {"application_id": 4249, "type": "filesystem"}]
        assert (await client.post(PEOPLE, json=given)).json() == {"made": [71, 72]}
        named, nameless = await settled(client)
        assert (await client.get("/_sandbox/requests")).json()["total"] == 0
    assert (named["backup_configuration"]["name"], named["made_by"], named["automatic"]) == (
        "before the update",
        "person",
        False,
    )
    assert (named["status"], named["database_id"], named["provider"]) == ("Completed", 4223, "wasabi")
    assert nameless["backup_configuration"]["name"] is None
    assert (nameless["server_id"], nameless["database_size"]) == (16, 0)


async def test_a_plan_by_hand_makes_backups_and_more_when_asked(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        plan = {
            "application_id": 4246,
            "automatic_backup": True,
            "schedule": "Every Day",
            "cloud_storage_provider_id": 11,
        }
        [made] = (await client.post(PEOPLE, json=plan)).json()["made"]
        assert (await client.post(f"/_sandbox/plans/{made}/run")).json() == {"backup": 302}
        backups = await settled(client)
        assert [(row["backup_config_id"], row["made_by"], row["automatic"]) for row in backups] == [
            (made, "person", True)
        ] * 2
        assert {row["provider"] for row in backups} == {"gdrive"}
        assert (await client.post("/_sandbox/plans/999/run")).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        {},
        [],
        5,
        {"application_id": 1},
        {"application_id": 4246, "cloud_storage_provider_id": 9},
        {"application_id": 4246, "automatic_backup": True},
    ],
)
async def test_what_nobody_can_make(open_sandbox: OpenSandbox, given: object) -> None:
    async with open_sandbox() as client:
        answer = await client.post(PEOPLE, json=given)
        assert answer.status_code == (200 if given == [] else 422)
        assert await settled(client) == []


async def test_earlier_backups_with_a_name_and_an_end(open_sandbox: OpenSandbox) -> None:
    rows = [
        {"application_id": 4246, "age_seconds": 9, "name": "theirs", "expires_in": -1},
        {"application_id": 4246, "age_seconds": -3600, "status": "Success"},
    ]
    async with open_sandbox() as client:
        await client.post("/_sandbox/backups", json=rows)
        future, past = (await client.get(BACKUPS)).json()["data"]
    assert past["backup_configuration"]["name"] == "theirs"
    assert past["created_at"] < past["expires_at"] < future["created_at"]
    assert future["status"] == "Success"


async def applications_of(client: httpx.AsyncClient, server: int) -> list[int]:
    rows = (await client.get(f"/organizations/5/servers/{server}/applications")).json()["applications"]["data"]
    return [row["id"] for row in rows]


async def test_an_application_moves_with_its_database(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        await client.post(PEOPLE, json={"application_id": 4246})
        await settled(client)
        assert (await client.patch("/_sandbox/applications/4246", json={"server_id": 99})).status_code == 404
        moved = await client.patch("/_sandbox/applications/4246", json={"server_id": 16})
        assert moved.json()["application"]["server_id"] == 16
        assert await applications_of(client, 15) == [4247]
        assert 4246 in await applications_of(client, 16)
        databases = (await client.get("/organizations/5/servers/16/databases")).json()["databases"]["data"]
        assert 4223 in [row["id"] for row in databases]
        await client.post(PEOPLE, json={"application_id": 4246})
        before, after = await settled(client)
    assert (before["server_id"], after["server_id"], after["status"]) == (15, 16, "Completed")
