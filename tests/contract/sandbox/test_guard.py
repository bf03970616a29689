"""The token, the rate limit and the faults, before and after the work."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.faults.faults import FaultRule

pytestmark = pytest.mark.anyio

OpenSandbox = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
SERVERS, BACKUPS = "/organizations/5/servers", "/organizations/5/backups"
CREATE = "/organizations/5/servers/15/backups"
INSTANT: dict[str, Any] = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "filesystem",
    "application_id": 4246,
    "application_extension": ".tar",
}


async def made(client: httpx.AsyncClient) -> int:
    return len((await client.get("/_sandbox/backups")).json()["backups"])


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("sandbox-token", 200),
        ("Bearer sandbox-token", 200),
        ("bearer sandbox-token", 200),
        ("Bearer wrong", 401),
        ("sandbox", 401),
        ("", 401),
    ],
)
async def test_the_token(open_sandbox: OpenSandbox, authorization: str, status: int) -> None:
    async with open_sandbox() as client:
        given = await client.get(SERVERS, headers={"Authorization": authorization})
    assert given.status_code == status


async def test_the_limit_counts_down_and_refuses_without_doing_the_work(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(requests_per_minute=2) as client:
        stranger = await client.get(SERVERS, headers={"Authorization": "wrong"})
        assert stranger.headers["X-RateLimit-Remaining"] == "2"
        left = [(await client.get(SERVERS)).headers["X-RateLimit-Remaining"] for _ in range(2)]
        refused = await client.post(CREATE, json=INSTANT)
        assert left == ["1", "0"]
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert await made(client) == 0


async def test_each_account_has_a_limit_of_its_own_and_its_requests_are_counted(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(requests_per_minute=1, other_tokens=("second-0815",)) as client:
        own: dict[str, str] = {}
        other = {"Authorization": "Bearer second-0815"}
        statuses = [(await client.get(SERVERS, headers=headers)).status_code for headers in (own, own, other, other)]
        assert statuses == [200, 429, 200, 429]
        await client.get(SERVERS, headers={"Authorization": "wrong"})
        asked = (await client.get("/_sandbox/requests")).json()
    assert asked["by_account"] == {"1": 2, "2": 2}


@pytest.mark.parametrize(("moment", "count"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("kind", ["answer", "drop"])
async def test_a_fault_before_or_after_the_work(open_sandbox: OpenSandbox, kind: str, moment: str, count: int) -> None:
    rule = {"kind": kind, "call": "create", "moment": moment, "first": 1}
    async with open_sandbox() as client:
        await client.post("/_sandbox/faults", json=rule)
        if kind == "drop":
            with pytest.raises(ConnectionAbortedError):
                await client.post(CREATE, json=INSTANT)
        else:
            assert (await client.post(CREATE, json=INSTANT)).json() == {"message": "Something went really wrong!"}
        assert await made(client) == count
        assert (await client.post(CREATE, json=INSTANT)).status_code == 200
        asked = (await client.get("/_sandbox/requests")).json()
    assert asked["by_call"] == {"create": 2}
    assert asked["by_status"] == {"200": 1, "dropped" if kind == "drop" else "500": 1}
    assert "sandbox-token" not in str(asked)


GATEWAY = "<center><h1>{}</h1></center>"


@pytest.mark.parametrize(("moment", "count"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"status": 502}, GATEWAY.format("502 Bad Gateway")),
        ({"status": 503}, '{"message":"Service Unavailable"}'),
        ({"status": 504}, GATEWAY.format("504 Gateway Time-out")),
        ({"status": 503, "form": "html"}, GATEWAY.format("503 Service Unavailable")),
        ({"status": 403, "form": "html"}, GATEWAY.format("403 Forbidden")),
        ({"status": 403, "form": "html", "message": "Just a moment..."}, GATEWAY.format("Just a moment...")),
        ({"status": 429, "form": "html"}, GATEWAY.format("429 Too Many Requests")),
        ({"status": 200, "message": "Something went really wrong!"}, '{"message":"Something went really wrong!"}'),
        ({"status": 200, "message": "Unauthenticated."}, '{"message":"Unauthenticated."}'),
        ({"status": 200, "form": "list"}, "[]"),
        ({"status": 200, "form": "object"}, "{}"),
        ({"status": 200, "form": "nothing"}, ""),
        ({"status": 500, "form": "nothing"}, ""),
    ],
)
async def test_every_status_and_body_before_and_after_the_work(
    open_sandbox: OpenSandbox, rule: dict[str, Any], said: str, moment: str, count: int
) -> None:
    async with open_sandbox() as client:
        await client.post("/_sandbox/faults", json={"kind": "answer", "call": "create", "moment": moment, **rule})
        given = await client.post(CREATE, json=INSTANT)
        assert given.status_code == rule["status"]
        assert said in given.text
        assert bool(said) is bool(given.text)
        assert await made(client) == count


async def test_a_redirect_names_where_it_leads(open_sandbox: OpenSandbox) -> None:
    rule = FaultRule("answer", status=302, location="https://example.org/login")
    async with open_sandbox(faults=(rule,)) as client:
        given = await client.get(SERVERS)
    assert (given.status_code, given.headers["Location"]) == (302, "https://example.org/login")


@pytest.mark.parametrize(("organization", "status"), [(5, 403), (6, 200)])
async def test_a_fault_of_one_organization(open_sandbox: OpenSandbox, organization: int, status: int) -> None:
    rule = FaultRule("answer", status=403, message="Your plan does not allow it.", organization=organization)
    async with open_sandbox(faults=(rule,)) as client:
        assert (await client.post(CREATE, json=INSTANT)).status_code == status
        assert (await client.get(SERVERS)).status_code == status
        assert (await client.get("/organizations")).status_code == 200


async def test_a_refusal_stands_when_the_fault_comes_after_the_work(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(faults=(FaultRule("answer", moment="after"),)) as client:
        given = await client.get("/organizations/999/servers")
    assert (given.status_code, given.json()) == (404, {"message": "Organization not found!"})


async def test_a_limit_on_demand_closes_the_window_for_every_call(open_sandbox: OpenSandbox) -> None:
    rule = FaultRule("limit", call="create", seconds=30, first=1)
    async with open_sandbox(faults=(rule,)) as client:
        refused = await client.post(CREATE, json=INSTANT)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
        assert (await client.get(SERVERS)).status_code == 429
        assert await made(client) == 0


async def test_rows_appear_late(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(faults=(FaultRule("late", seconds=60),)) as client:
        await client.post(CREATE, json=INSTANT)
        assert (await client.get(BACKUPS)).json()["total"] == 0
        await client.post("/_sandbox/clock", json={"advance_seconds": 61})
        assert (await client.get(BACKUPS)).json()["total"] == 1


async def test_a_clock_that_is_off_dates_rows_and_answers_alike(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox() as client:
        before = parsedate_to_datetime((await client.get(BACKUPS)).headers["Date"])
        await client.post("/_sandbox/faults", json={"kind": "skew", "seconds": 7200})
        await client.post(CREATE, json=INSTANT)
        listed = await client.get(BACKUPS)
    date = parsedate_to_datetime(listed.headers["Date"])
    assert (date - before).total_seconds() == 7200
    assert listed.json()["data"][0]["created_at"] == date.strftime("%Y-%m-%d %H:%M:%S")


async def test_faults_can_be_cleared_and_wrong_ones_are_refused(open_sandbox: OpenSandbox) -> None:
    async with open_sandbox(faults=(FaultRule("answer"),)) as client:
        assert (await client.get(SERVERS)).status_code == 500
        assert (await client.delete("/_sandbox/faults")).json() == {"faults": []}
        assert (await client.get(SERVERS)).status_code == 200
        refused = await client.post("/_sandbox/faults", json={"kind": "fire"})
        assert refused.status_code == 422
