"""`discover`: what it writes is a fleet file of everything, and its comments say what the API could not tell."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.fleet_file.reading import parse
from fleet.fleet_file.resolution import resolve
from fleet.inventory.inventory import Inventory
from fleet.observed.account_contents import DiscoveryError, OrganizationContents, read_contents
from fleet.observed.observed import Listed
from fleet.selection.discovery import fleet_file_of
from fleet.selection.living import resolve_rules
from fleet.selection.selection import select
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.models import Application, Database, Server, StorageProvider
from fleet.serveravatar.text import one_line
from tests.unit.fleet.builders import FakeApi, server_row

pytestmark = pytest.mark.anyio
WASABI = {"id": 10, "name": "Wasabi", "provider": "wasabi"}
DRIVE = {"id": 11, "name": "Drive", "provider": "gdrive"}


def account(**organizations: dict[str, list[dict[str, Any]]]) -> FakeApi:
    """An account whose organizations have rows; those of `applications` and `databases` name their server."""
    lists: dict[str, list[dict[str, Any]]] = {"/organizations": []}
    for name, rows in organizations.items():
        number = int(name[1:])
        lists["/organizations"].append({"id": number, "name": f"Hosting {number}"})
        base = f"/organizations/{number}"
        lists |= {
            f"{base}/servers": rows["servers"],
            f"{base}/cloud-storage-providers": rows.get("providers", [WASABI]),
        }
        for kind in ("applications", "databases"):
            lists[f"{base}/{kind}"] = rows.get(kind, [])
            for server in rows["servers"]:
                own = [row for row in rows.get(kind, []) if row["server_id"] == server["id"]]
                lists[f"{base}/servers/{server['id']}/{kind}"] = own
    return FakeApi(lists)


def site(number: int, name: str, server: int = 15, **more: Any) -> dict[str, Any]:
    return {"id": number, "server_id": server, "name": name, "active": 1, **more}


async def written(api: FakeApi, only: int | None = None) -> str:
    return fleet_file_of(await read_contents(api.send, only))


def inventory_of(text: str) -> Inventory:
    return resolve(parse(text.encode(), "fleet.yaml"), datetime.now(UTC), "fleet.yaml")


def as_rules(text: str) -> str:
    """The file as its last comment tells: the rules in place of `servers`."""
    top, _, rules = text.partition("\n# select:\n")
    return top[: top.index("\nservers:\n")] + "\nselect:\n" + re.sub("^# ", "", rules, flags=re.MULTILINE)


ONE = account(
    _5={
        "servers": [server_row(15, tags=["eu"]), server_row(16, agent_status="0"), server_row(17)],
        "applications": [site(1, "shop"), site(2, "blog", active="0"), site(3, "api", 16), site(4, "multi")],
        "databases": [
            site(71, "shop_db"),
            site(72, "unrelated"),
            site(73, "wp_api", 16),
            site(74, "multi_a"),
            site(75, "multi_b"),
        ],
        "providers": [WASABI, DRIVE],
    }
)


async def test_everything_is_in_it_and_what_is_not_known_is_said() -> None:
    text = await written(ONE)
    inventory = inventory_of(text)
    pairs = [(target.request.application_id, target.request.database_id) for target in inventory.targets]
    assert pairs == [(1, 71), (2, None), (4, None), (3, 73)]
    assert {target.request.cloud_storage_provider_id for target in inventory.targets} == {10}
    assert not any(target.request.automatic_backup for target in inventory.targets)
    assert [(server.name, server.tags) for server in inventory.servers] == [("web-0015", ("eu",)), ("web-0016", ())]
    for said in (
        "# Organization 5 (Hosting 5): 3 servers, 4 applications, 5 databases",
        "# Left out: server 17 web-0017: no applications",
        "organization: 5 # Hosting 5",
        "cloud_storage_provider_id: 10 # Wasabi; also available: 11 Drive (gdrive)",
        "- id: 15 # connected",
        "- id: 16 # not connected: no backups until it is",
        "# shop · database shop_db, guessed by name",
        "# blog · inactive · no database with its name",
        "# multi · which database: multi_a (74), multi_b (75)?",
        "# databases on the next server without an application's name: unrelated (72)",
    ):
        assert said in text


async def test_the_rules_in_its_comment_find_the_same() -> None:
    text = await written(ONE)
    named = inventory_of(text)
    found = (await resolve_rules(ONE.send, inventory_of(as_rules(text)), datetime.now(UTC))).inventory
    assert [(target.server_id, target.request) for target in found.targets] == [
        (target.server_id, target.request) for target in named.targets
    ]
    assert [target.request.application_id for target in found.targets if target.problem] == [4]


async def test_several_organizations_stand_in_one_file_each_with_its_storage() -> None:
    api = account(
        _5={"servers": [server_row(15)], "applications": [site(1, "shop")]},
        _6={
            "servers": [server_row(20)],
            "applications": [site(9, "blog", 20)],
            "providers": [{"id": 12, "name": "Own", "provider": "serveravatar"}],
        },
        _7={"servers": [server_row(30)], "applications": [site(8, "wiki", 30)], "providers": []},
    )
    text = await written(api)
    told = [
        (target.organization, target.server_id, target.request.provider, target.request.retention_period)
        for target in inventory_of(text).targets
    ]
    assert told == [(5, 15, "wasabi", None), (6, 20, "serveravatar", "1 Month")]
    assert "1 application, no databases, but no storage provider: nothing can be backed up" in text
    by_rules = (await resolve_rules(api.send, inventory_of(as_rules(text)), datetime.now(UTC))).inventory
    assert [target.request for target in by_rules.targets] == [target.request for target in inventory_of(text).targets]
    assert "organization: 6" in await written(api, 6)


async def test_no_list_is_read_twice_and_none_of_another_organization() -> None:
    api = account(
        _5={"servers": [server_row(15)], "applications": [site(1, "shop")]},
        _6={"servers": [server_row(20)], "applications": [site(9, "blog", 20)]},
    )
    await written(api, 6)
    assert len(api.sent) == len(set(api.sent)) == 5
    assert not any(path.startswith("/organizations/5") for path, _ in api.sent)


async def test_an_organization_that_is_not_there_and_an_account_with_nothing_in_it() -> None:
    with pytest.raises(DiscoveryError, match="--organization 9: not in this account; it has 5"):
        await written(ONE, 9)
    homeless = {"servers": [server_row(15)], "applications": [site(1, "shop")], "providers": list[Any]()}
    for empty in ({"servers": list[Any]()}, homeless):
        with pytest.raises(DiscoveryError, match=r"Organization 5 \(Hosting 5\): .+ servers?, .*nothing to back up"):
            await written(account(_5=empty))


async def test_a_server_that_cannot_be_read_is_said_and_an_account_that_cannot_is_refused() -> None:
    servers = {"servers": [server_row(15), server_row(16)], "applications": [site(1, "shop"), site(2, "blog", 16)]}
    broken = ApiError("list", Meaning.GATEWAY, "Bad\nGateway", 502)
    api = account(_5=servers)
    api.answers["/organizations/5/servers/16/applications"] = broken
    assert "# Left out: server 16 web-0016: its applications could not be read: Bad Gateway" in await written(api)
    for path in ("/organizations", "/organizations/5/servers", "/organizations/5/cloud-storage-providers"):
        api = account(_5=servers)
        api.answers[path] = broken
        with pytest.raises(ApiUnusableError, match="could not be listed"):
            await written(api)


def row_of(**row: Any) -> Server:
    """A server as the API shows it."""
    return Server(**row)


HOSTILE = [
    *(
        "env:prod",
        "10:30",
        "12:30:45",
        "k::v",
        "what?",
        "tag:x",
        ":a",
        "a:",
        "a: b",
        "?",
        "? a",
        "-",
        "- a",
        "a\n- id: 9",
    ),
    *(
        "yes",
        "No",
        "y",
        "on",
        "true",
        "null",
        "~",
        "1e3",
        "0o7",
        "0x1F",
        "1_000",
        ".inf",
        "42",
        "2026-01-31",
        "=",
        "<<",
    ),
    *(
        "#",
        "a #b",
        "'",
        '"',
        "\\",
        "{",
        "[a]",
        "a,b",
        "!x",
        "!!str x",
        "*a",
        "&a",
        "%a",
        "@a",
        "`a",
        "|",
        ">-",
        "...",
        "---",
    ),
    *(
        " a",
        "a ",
        "a  b",
        "\ta",
        "a\r\nb",
        "\x85x: 1",
        "a\u2028b",
        "a\u202eb",
        "\ufeffa",
        "\x1b[31m",
        "\x7f",
        "\xa0",
        "é: *",
    ),
    *("e\u0301", "\U000e0001", "\ud800", "x" * 3000),
]
TEXTS = st.one_of(st.none(), st.text(max_size=30), st.sampled_from(HOSTILE))
TAGS = st.lists(st.text(max_size=8) | st.sampled_from([*HOSTILE, ""]), max_size=4)


@given(names=st.lists(TEXTS, min_size=6, max_size=6), tags=TAGS)
def test_whatever_the_panel_calls_things_the_file_is_read_and_names_the_same(
    names: list[str | None], tags: list[str]
) -> None:
    organization, application, domain, database, server, provider = names
    row = row_of(id=15, name=server, tags=tags)
    listed = Listed(
        servers={15: row, 16: Server(id=16, name=server)},
        applications={15: {1: Application(id=1, name=application, primary_domain=domain, framework=domain)}},
        databases={15: {7: Database(id=7, name=database), 8: Database(id=8, name=server)}},
        unread={16: str(database)},
    )
    storage = {number: StorageProvider(id=number, name=provider, provider="wasabi") for number in (10, 11)}
    text = fleet_file_of([OrganizationContents(5, organization or "", listed, storage)])
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    (told,) = inventory_of(text).servers
    assert told.name == (one_line(row.name or "") or None)
    assert told.tags == tuple(dict.fromkeys(tag for tag in map(one_line, row.tags) if tag))
    assert [(it.organization, it.server_id, it.request.application_id) for it in told.targets] == [(5, 15, 1)]
    (rule,) = inventory_of(as_rules(text)).rules
    assert (rule.organization, rule.servers, rule.applications) == (5, None, None)
    assert rule.request.cloud_storage_provider_id == 10


async def test_a_tag_that_comes_as_a_number_is_a_text_and_what_is_none_is_left_out() -> None:
    tags = [2024, 1.5, None, True, {"name": "x"}, ["y"], "", "  ", "eu", "eu"]
    api = account(_5={"servers": [server_row(15, tags=tags)], "applications": [site(1, "shop")]})
    (server,) = inventory_of(await written(api)).servers
    assert server.tags == ("2024", "1.5", "eu")


@pytest.mark.parametrize("tag", HOSTILE)
def test_every_tag_that_it_writes_can_be_named(tag: str) -> None:
    applications = {15: {1: Application(id=1, name="shop")}}
    listed = Listed(servers={15: row_of(id=15, tags=[tag])}, applications=applications)
    storage = {10: StorageProvider(id=10, name="Wasabi", provider="wasabi")}
    inventory = inventory_of(fleet_file_of([OrganizationContents(5, "", listed, storage)]))
    for named in inventory.servers[0].tags:
        assert select(inventory, ["tag:" + re.sub(r"[,\s]", "?", named.strip())]).servers == inventory.servers
