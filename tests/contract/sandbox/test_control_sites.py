"""Sites come, change and go while the sandbox is served."""

import pytest

from tests.contract.sandbox.conftest import OpenSandbox

pytestmark = pytest.mark.anyio
SITES = "/_sandbox/servers/15/applications"
LIST = "/organizations/5/servers/15/applications"


async def test_a_site_that_is_made_is_listed_with_its_database(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        given = {"name": "new-shop", "domain": "new.example.org", "framework": "laravel", "active": False}
        made = (await client.post(SITES, json=given)).json()["application"]
        rows = (await client.get(LIST)).json()["applications"]["data"]
        shown = next(row for row in rows if row["id"] == made["id"])
        assert (shown["name"], shown["primary_domain"]) == ("new-shop", "new.example.org")
        assert (shown["framework"], shown["active"]) == ("laravel", 0)
        assert shown["size"] > 0
        databases = (await client.get("/organizations/5/databases")).json()["databases"]["data"]
        assert databases[-1]["name"] == "new_shop_db"


async def test_a_site_changes_and_goes(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        address = "/_sandbox/applications/4246"
        assert (await client.patch(address, json={"active": False, "framework": "joomla"})).status_code == 200
        row = (await client.get(f"{LIST}/4246")).json()["application"]
        assert (row["active"], row["framework"]) == (0, "joomla")
        assert (await client.delete(address)).status_code == 200
        assert (await client.get(f"{LIST}/4246")).status_code == 404
        assert (await client.delete(address)).status_code == 404


async def test_a_servers_name_and_tags_change(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        changed = await client.patch("/_sandbox/servers/15", json={"name": "db-1", "tags": ["eu", "old"]})
        assert changed.status_code == 200
        row = (await client.get("/organizations/5/servers/15")).json()["server"]
        assert (row["name"], row["tags"]) == ("db-1", ["eu", "old"])


@pytest.mark.parametrize("given", [{}, {"domain": "x"}, {"name": 5}, {"name": "x", "active": 1}, {"nmae": "x"}, []])
async def test_what_is_no_site_is_refused(open_sandbox: OpenSandbox, given: object) -> None:
    async with open_sandbox() as client:
        assert (await client.post(SITES, json=given)).status_code == 422


async def test_a_site_of_a_server_that_is_not_there(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        assert (await client.post("/_sandbox/servers/99/applications", json={"name": "x"})).status_code == 404
