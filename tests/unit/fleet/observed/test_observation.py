"""The fleet is observed in bulk: nothing is read that no target needs."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from fleet.inventory.target import Target
from fleet.observed.disk_space import DiskRules
from fleet.observed.observation import observe
from fleet.observed.observed import Observed
from fleet.observed.preconditions import missing, problem_of
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wire import Request
from tests.unit.fleet.builders import FakeApi, instant, server_row, target

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, tzinfo=UTC)

O = "/organizations/5"  # noqa: E741 - as in the API's description
SERVERS, PROVIDERS, DATABASES = f"{O}/servers", f"{O}/cloud-storage-providers", f"{O}/databases"
APPLICATIONS = f"{O}/applications"


def applications(server: int) -> str:
    return f"{SERVERS}/{server}/applications"


def server_databases(server: int) -> str:
    return f"{SERVERS}/{server}/databases"


def alone(server: int) -> str:
    return f"{SERVERS}/{server}"


def rows_of(api: FakeApi) -> list[dict[str, Any]]:
    return [dict(row) for row in api.lists[APPLICATIONS]]


def asked(api: FakeApi, kind: str) -> list[tuple[str, int]]:
    return [entry for entry in api.sent if entry[0].endswith(kind)]


def usage(server: int) -> str:
    return f"{SERVERS}/{server}/usage"


def fleet_of(count: int, **lists: Any) -> FakeApi:
    """`count` servers from 15 on, with an application and a database each: 4015 and 5015 on server 15."""
    numbers = range(15, 15 + count)
    return FakeApi(
        {
            SERVERS: [server_row(number) for number in numbers],
            PROVIDERS: [{"id": 10, "name": "Wasabi", "provider": "wasabi", "email": None}],
            DATABASES: [{"id": 5000 + number, "server_id": number, "size": 3.25} for number in numbers],
            APPLICATIONS: [{"id": 4000 + n, "name": f"shop-{n}"} for n in numbers],
            **{applications(n): [{"id": 4000 + n, "name": f"shop-{n}", "size": 12.5}] for n in numbers},
            **{server_databases(n): [{"id": 5000 + n, "size": 3.25}] for n in numbers},
        }
        | {path.replace("_", "/"): rows for path, rows in lists.items()}
    )


def on(server: int, **changes: Any) -> Target:
    fields = {"application_id": 4000 + server, "database_id": 5000 + server} | changes
    return target(instant(**fields), server_id=server)


async def observed(api: FakeApi, *targets: Target) -> Observed:
    return await observe(api.send, targets, DiskRules())


async def test_one_call_of_each_list_is_enough_for_many_targets_on_a_server() -> None:
    api = fleet_of(1)
    seen = await observed(api, on(15), on(15, type="filesystem"), on(15, type="database"))
    assert sorted(api.sent) == sorted(
        [(SERVERS, 1), (PROVIDERS, 1), (server_databases(15), 1), (applications(15), 1)],
    )
    organization = seen.organizations[5]
    assert organization.refusal is None
    assert organization.servers[15].agent_status is True
    assert organization.providers is not None
    assert organization.providers[10].provider == "wasabi"
    assert organization.applications[15][4015].size == 12.5
    assert organization.databases is not None
    assert organization.databases[5015].server_id == 15
    assert organization.disks == {}
    assert seen.warnings == ()


async def test_the_servers_are_read_first_and_alone() -> None:
    api = fleet_of(2)
    await observed(api, on(15), on(16))
    assert api.sent[0] == (SERVERS, 1)


async def test_nothing_more_is_read_where_no_target_is_on_a_connected_server() -> None:
    api = fleet_of(2)
    api.lists[SERVERS][0] = server_row(15, agent_status="0")
    seen = await observed(api, on(15), on(99))
    assert api.sent == [(SERVERS, 1)]
    assert seen.organizations[5].servers[15].agent_status is False
    assert 99 not in seen.organizations[5].servers


async def test_only_servers_with_targets_are_asked_for_their_applications() -> None:
    api = fleet_of(5)
    await observed(api, on(16), on(18))
    assert {path for path, _ in api.sent if path.endswith("/applications")} == {applications(16), applications(18)}


async def test_databases_are_not_read_where_no_target_names_one() -> None:
    api = fleet_of(2)
    seen = await observed(api, on(15, database_id=None))
    assert not any(path.endswith("/databases") for path, _ in api.sent)
    assert seen.organizations[5].databases is None


async def test_a_list_is_read_no_further_than_to_the_last_thing_that_is_wanted() -> None:
    api = fleet_of(35)
    await observed(api, *(on(number, database_id=None) for number in range(15, 40)))
    assert [page for path, page in api.sent if path == SERVERS] == [1, 2, 3]


async def test_a_list_is_read_to_its_end_for_what_is_not_there() -> None:
    api = fleet_of(15)
    seen = await observed(api, on(15, database_id=None), on(99, database_id=None))
    assert [page for path, page in api.sent if path == SERVERS] == [1, 2]
    assert 99 not in seen.organizations[5].servers


# One server of many.


async def test_one_server_of_a_thousand_is_read_alone_after_the_first_page() -> None:
    api = fleet_of(1000)
    api.answers[alone(900)] = {"server": server_row(900)}
    seen = await observed(api, on(900))
    assert api.sent[:2] == [(SERVERS, 1), (alone(900), 1)]
    assert len(asked(api, "/servers")) == 1
    assert seen.organizations[5].servers[900].agent_status is True


async def test_a_server_that_is_nowhere_in_a_huge_organization_costs_two_requests() -> None:
    api = fleet_of(1000)
    api.answers[alone(9999)] = failure(Meaning.REFUSED, "Server not found.", 404)
    seen = await observed(api, on(9999))
    assert api.sent == [(SERVERS, 1), (alone(9999), 1)]
    assert 9999 not in seen.organizations[5].servers


@pytest.mark.parametrize(
    "answer",
    [
        {"server": {"id": 40, "name": "web-0040"}},
        {"server": {"id": 41, "agent_status": "1"}},
        {"server": None},
        [],
        ApiError("read server", Meaning.REFUSED, "The route could not be found.", 404),
        ApiError("read server", Meaning.GATEWAY, "Bad Gateway", 502),
    ],
)
async def test_a_server_whose_own_page_says_less_than_the_list_is_read_from_the_list(answer: Any) -> None:
    """Else a server that is not connected would pass for one that is."""
    api = fleet_of(35)
    api.lists[SERVERS][40 - 15] = server_row(40, agent_status="0")
    api.answers[alone(40)] = answer
    seen = await observed(api, on(40))
    assert [page for path, page in api.sent if path == SERVERS] == [1, 2, 3]
    assert seen.organizations[5].servers[40].agent_status is False


# Applications and databases: organization-wide or per server, whichever is fewer pages.


async def test_databases_of_a_whole_fleet_are_read_over_the_organization() -> None:
    api = fleet_of(35)
    await observed(api, *(on(number) for number in range(15, 50)))
    assert asked(api, "/databases") == [(DATABASES, page) for page in (1, 2, 3, 4)]


async def test_databases_of_few_servers_in_a_large_organization_are_read_per_server() -> None:
    api = fleet_of(99)
    api.answers |= {alone(number): {"server": server_row(number)} for number in range(40, 45)}
    seen = await observed(api, *(on(number) for number in range(40, 45)))
    assert asked(api, "/databases") == [(DATABASES, 1), *((server_databases(number), 1) for number in range(40, 45))]
    databases = seen.organizations[5].databases
    assert databases is not None
    assert (databases[5040].server_id, databases[5041].server_id) == (40, 41)


@pytest.mark.parametrize("count", [1, 2])
async def test_for_one_or_two_servers_nobody_asks_how_long_the_organizations_lists_are(count: int) -> None:
    api = fleet_of(35)
    await observed(api, *(on(number) for number in range(15, 15 + count)))
    assert (DATABASES, 1) not in api.sent
    assert (APPLICATIONS, 1) not in api.sent


async def test_applications_are_read_over_the_organization_where_every_row_names_its_server() -> None:
    api = fleet_of(35)
    api.lists[APPLICATIONS] = [row | {"server_id": str(row["id"] - 4000), "size": 12.5} for row in rows_of(api)]
    seen = await observed(api, *(on(number) for number in range(15, 50)))
    assert asked(api, "/applications") == [(APPLICATIONS, page) for page in (1, 2, 3, 4)]
    assert seen.organizations[5].applications[49][4049].size == 12.5


@pytest.mark.parametrize("nameless", [0, 5, 25])
async def test_where_one_row_names_no_server_what_is_missing_is_read_per_server(nameless: int) -> None:
    api = fleet_of(35)
    api.lists[APPLICATIONS] = [
        row | {"server_id": None if turn == nameless else row["id"] - 4000} for turn, row in enumerate(rows_of(api))
    ]
    seen = await observed(api, *(on(number) for number in range(15, 50)))
    pages = nameless // 10 + 1
    over = [(APPLICATIONS, page + 1) for page in range(pages)]
    own = [(applications(number), 1) for number in range(15 + (pages - 1) * 10, 50)]
    assert asked(api, "/applications") == [*over, *own]
    assert all(4000 + number in seen.organizations[5].applications[number] for number in range(15, 50))


async def test_an_application_on_another_server_is_not_taken_for_one_on_the_targets() -> None:
    """Whichever list tells of it."""
    api = fleet_of(4)
    api.lists[APPLICATIONS] = [row | {"server_id": row["id"] - 4000} for row in rows_of(api)]
    wrong = on(15, application_id=4016, database_id=5016)
    seen = await observed(api, wrong, on(16), on(17), on(18))
    assert asked(api, "/applications") == [(APPLICATIONS, 1)]
    assert problem_of(wrong, seen, DiskRules(), NOW) == "application 4016 is not on server 15"
    assert problem_of(on(16), seen, DiskRules(), NOW) is None
    assert problem_of(on(15, database_id=5016), seen, DiskRules(), NOW) == "database 5016 is not on server 15"


async def test_a_server_that_is_down_is_not_asked_and_what_the_organizations_list_shows_of_it_is_for_names_alone() -> (
    None
):
    api = fleet_of(30)
    api.lists[SERVERS][0] = server_row(15, agent_status="0")
    late = {"id": 4099, "name": "late", "server_id": 15}
    api.lists[APPLICATIONS] = [*(row | {"server_id": row["id"] - 4000} for row in rows_of(api)), late]
    seen, down = (
        await observed(api, on(15), *(on(number) for number in range(16, 45))),
        (on(15), on(15, application_id=4099)),
    )
    assert asked(api, "/applications") == [(APPLICATIONS, page) for page in (1, 2, 3)]
    assert [seen.application_name(each) for each in down] == ["shop-15", "application 4099"]
    assert [missing(each, seen) for each in down] == [None, None]
    assert missing(on(16, application_id=1), seen) == "application 1 is not on server 16"


async def test_an_organizations_list_that_cannot_be_read_costs_nothing_but_the_servers_lists() -> None:
    api = fleet_of(4)
    api.answers[APPLICATIONS] = failure(Meaning.REFUSED, "The route could not be found.", 404)
    api.answers[DATABASES] = failure(Meaning.IN_DOUBT, "Something went really wrong!", 500)
    seen = await observed(api, *(on(number) for number in range(15, 19)))
    assert seen.warnings == ()
    assert seen.organizations[5].databases is not None
    assert seen.organizations[5].applications.keys() == {15, 16, 17, 18}


# Disks.


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        ({"latest_monitor_log": {"disk_usage": 28}}, False),
        ({"latest_monitor_log": {"disk_usage": "28"}}, False),
        ({"latest_monitor_log": {"disk_usage": 98}}, True),
        ({"latest_monitor_log": None}, True),
        ({"latest_monitor_log": {}}, True),
    ],
)
async def test_a_servers_usage_is_read_only_where_the_list_leaves_its_disk_in_doubt(
    row: dict[str, Any],
    asked: bool,
) -> None:
    api = fleet_of(2)
    api.lists[SERVERS][0] = server_row(15) | row
    api.answers[usage(15)] = {"disk": {"total": 19.32, "usage_in_percentage": 28.11, "usage": 5.43}}
    seen = await observed(api, on(15), on(16))
    assert ((usage(15), 1) in api.sent) is asked
    assert (usage(16), 1) not in api.sent
    assert (15 in seen.organizations[5].disks) is asked
    if asked:
        assert seen.organizations[5].disks[15].total == 19.32


async def test_a_large_application_leaves_its_servers_disk_in_doubt() -> None:
    api = fleet_of(1)
    api.lists[applications(15)][0] = {"id": 4015, "size": 8000}
    api.answers[usage(15)] = {"disk": {"total": 100, "usage": 28}}
    await observed(api, on(15))
    assert (usage(15), 1) in api.sent


@pytest.mark.parametrize("answer", [{}, {"disk": None}, {"disk": []}, {"disk": {"total": "large"}}])
async def test_a_usage_that_tells_nothing_is_not_known(answer: dict[str, Any]) -> None:
    api = fleet_of(1)
    api.lists[SERVERS][0] = server_row(15, latest_monitor_log=None)
    api.answers[usage(15)] = answer
    seen = await observed(api, on(15))
    assert seen.organizations[5].disks[15].total is None


# What goes wrong.


def failure(meaning: Meaning, message: str, status: int) -> ApiError:
    return ApiError("list", meaning, message, status)


async def test_several_organizations_are_read_at_once_after_the_first() -> None:
    api = fleet_of(1)
    for number in (6, 7):
        path = f"/organizations/{number}"
        api.lists[f"{path}/servers"] = [server_row(15)]
        api.lists[f"{path}/cloud-storage-providers"] = [{"id": 10}]
        api.lists[f"{path}/servers/15/applications"] = [{"id": 4015}]
    under_way, most, serve = 0, 0, api.send

    async def counting(request: Request) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return await serve(request)

    targets = [target(instant(application_id=4015, database_id=None), organization=number) for number in (5, 6, 7)]
    seen = await observe(counting, targets, DiskRules())
    assert next(path for path, _ in api.sent if path.endswith("/servers")) == SERVERS
    assert most > 1
    assert all(4015 in seen.organizations[number].applications[15] for number in (5, 6, 7))


async def test_an_unknown_organization_is_the_problem_of_its_targets_and_of_no_others() -> None:
    api = fleet_of(1)
    api.answers["/organizations/6/servers"] = failure(Meaning.REFUSED, "Organization not found!", 404)
    seen = await observed(api, target(server_id=15, organization=6), on(15))
    assert seen.organizations[6].refusal == "Organization not found!"
    assert seen.organizations[5].refusal is None
    assert 15 in seen.organizations[5].servers


@pytest.mark.parametrize("meaning", [Meaning.UNAVAILABLE, Meaning.GATEWAY, Meaning.IN_DOUBT, Meaning.REFUSED_FOR_NOW])
async def test_without_the_list_of_servers_there_is_no_run(meaning: Meaning) -> None:
    api = fleet_of(1)
    api.answers[SERVERS] = failure(meaning, "Service Unavailable", 503)
    with pytest.raises(ApiUnusableError, match="the servers could not be listed: Service Unavailable"):
        await observed(api, on(15))
    assert len(api.sent) == 1


async def test_a_refused_token_ends_the_run_after_one_request() -> None:
    api = fleet_of(3)
    api.answers[SERVERS] = ApiUnusableError("the API refused the token")
    with pytest.raises(ApiUnusableError):
        await observed(api, on(15), on(16), target(organization=6))
    assert len(api.sent) == 1


@pytest.mark.parametrize(
    ("path", "warning"),
    [
        (PROVIDERS, "the storage providers could not be read, so not checked: Something went really wrong!"),
        (server_databases(15), "the databases of server 15 could not be read, so not checked: Something went"),
        (applications(15), "the applications of server 15 could not be read, so not checked: Something went"),
        (usage(15), "the disk of server 15 could not be read, so not checked: Something went really wrong!"),
    ],
)
async def test_a_list_that_cannot_be_read_is_a_warning_and_its_part_not_known(path: str, warning: str) -> None:
    api = fleet_of(2)
    api.lists[SERVERS][0] = server_row(15, latest_monitor_log=None)
    api.answers[usage(15)] = {"disk": {"total": 19.32, "usage": 5.43}}
    api.answers[path] = failure(Meaning.IN_DOUBT, "Something went really wrong!", 500)
    seen = await observed(api, on(15), on(16))
    (only,) = seen.warnings
    assert only.startswith(warning)
    organization = seen.organizations[5]
    assert (organization.providers is None) == (path == PROVIDERS)
    assert (organization.databases is None) == (path == server_databases(15))
    assert (15 not in organization.applications) == (path == applications(15))
    assert (15 not in organization.disks) == (path == usage(15))
    assert 4016 in organization.applications[16]


async def test_plain_lists_and_missing_fields_are_read() -> None:
    api = fleet_of(1)
    api.answers[SERVERS] = [{"id": "15"}, {"name": "without an id"}, None, "text"]
    api.answers[PROVIDERS] = [{"id": 10}]
    api.answers[server_databases(15)] = {"databases": [{"id": 5015}]}
    api.answers[applications(15)] = {"applications": {"data": [{"id": 4015}]}}
    api.answers[usage(15)] = {}
    seen = await observed(api, on(15))
    organization = seen.organizations[5]
    assert organization.servers.keys() == {15}
    assert organization.servers[15].agent_status is None
    assert organization.providers is not None
    assert organization.databases is not None
    assert organization.applications[15].keys() == {4015}


async def test_an_answer_that_holds_no_list_is_a_warning() -> None:
    api = fleet_of(1)
    api.answers[PROVIDERS] = {"message": "hello"}
    seen = await observed(api, on(15))
    assert "the storage providers could not be read" in seen.warnings[0]
    assert seen.organizations[5].providers is None


async def test_without_targets_nothing_is_read() -> None:
    api = fleet_of(1)
    assert await observed(api) == Observed({})
    assert api.sent == []
