"""Rules and what the API shows become targets: which, in which order, and what each rule says it found."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inventory.inventory import Inventory
from fleet.inventory.target import Target
from fleet.observed.observed import Listed
from fleet.selection.rules import Found, hosts_of, targets_of
from fleet.serveravatar.models import Application, Database, Server
from tests.create_bodies import INSTANT
from tests.unit.fleet.rule_files import MATCH, PLAN, Row, inventory


def listed(servers: Iterable[Row], applications: Iterable[Row] = (), databases: Iterable[Row] = ()) -> Listed:
    rows = {row["id"]: Server(**row) for row in servers}
    apps: dict[int, dict[int, Application]] = {number: {} for number in rows}
    dbs: dict[int, dict[int, Database]] = {number: {} for number in rows}
    for row in applications:
        apps[row["server_id"]][row["id"]] = Application(**row)
    for row in databases:
        dbs[row["server_id"]][row["id"]] = Database(**row)
    return Listed(servers=rows, sought=None, applications=apps, databases=dbs)


def found_by(fleet: Inventory, seen: Listed, **others: Listed) -> tuple[list[Target], dict[str, Found]]:
    organizations = {5: seen, **{int(name[1:]): each for name, each in others.items()}}
    hosts = hosts_of(fleet.rules, organizations, {})
    targets, found = targets_of(hosts, organizations, fleet.targets)
    return [target for each in targets for target in each], found


def places(targets: Iterable[Target]) -> list[str]:
    return [target.place for target in targets]


def application(number: int, server: int = 15, name: str = "shop", **more: Any) -> Row:
    return {"id": number, "server_id": server, "name": name, "primary_domain": f"{name}.test", **more}


def database(number: int, name: str, server: int = 15) -> Row:
    return {"id": number, "server_id": server, "name": name}


WEB = [{"id": 16, "name": "web-0002", "tags": ["eu"]}, {"id": 15, "name": "web-0001", "tags": []}]


def test_the_order_is_that_of_rules_then_servers_then_applications() -> None:
    seen = listed(WEB, [application(3, 16), application(2, 15, "blog"), application(1, 16, "wiki"), application(9, 15)])
    targets, _ = found_by(inventory({"applications": {"name": "shop"}}, {}), seen)
    assert places(targets) == [
        "select[0] server 15 application 9",
        "select[0] server 16 application 3",
        "select[1] server 15 application 2",
        "select[1] server 16 application 1",
    ]


def test_a_target_has_the_rules_request_and_what_was_found() -> None:
    rule = {"databases": MATCH, "defaults": {"name": "nightly", "expect": {"max_age": "8h"}}}
    (target,), _ = found_by(inventory(rule), listed(WEB, [application(7)], [database(70, "shop_db")]))
    assert target.request.body() == {**INSTANT, "name": "nightly", "application_id": 7, "database_id": 70}
    assert (target.organization, target.server_id, target.server_name, target.problem) == (5, 15, None, "")
    assert target.expectation.max_age is not None


def test_what_is_named_wins_and_its_servers_other_applications_are_the_rules() -> None:
    named = {"id": 15, "defaults": {"provider": "gdrive"}, "backups": [{"application_id": 1, "database_id": 5}]}
    fleet = inventory({"databases": MATCH}, servers=[named])
    targets, found = found_by(fleet, listed(WEB, [application(1), application(2, 15, "blog")]))
    assert places(targets) == ["select[0] server 15 application 2"]
    assert targets[0].request.provider == "wasabi"
    assert found["select[0]"].words == (
        "select[0]: 2 applications on 1 server, 1 of them listed in `servers`, 1 without a matching database"
    )


@pytest.mark.parametrize(
    ("backup", "rest"),
    [
        ({}, []),
        ({"provider": "gdrive", "cloud_storage_provider_id": 11}, []),
        ({"database_id": 9}, []),
        ({"type": "filesystem"}, [1]),
        (PLAN, [1]),
    ],
)
def test_a_named_backup_takes_the_application_for_its_type_and_kind_alone(backup: Row, rest: list[int]) -> None:
    fleet = inventory({}, servers=[{"id": 15, "backups": [{"application_id": 1, **backup}]}])
    targets, _ = found_by(fleet, listed(WEB, [application(1)]))
    assert [target.request.application_id for target in targets] == rest


def test_of_two_rules_for_one_target_the_first_wins_and_that_is_said() -> None:
    rules: list[Row] = [{"servers": {"tags": "eu"}, "defaults": {"provider": "gdrive"}}, {}, {"defaults": PLAN}]
    targets, found = found_by(inventory(*rules), listed(WEB, [application(1, 15), application(2, 16)]))
    assert [(target.place, target.request.provider) for target in targets] == [
        ("select[0] server 16 application 2", "gdrive"),
        ("select[1] server 15 application 1", "wasabi"),
        ("select[2] server 15 application 1", "wasabi"),
        ("select[2] server 16 application 2", "wasabi"),
    ]
    without = "without their databases (the rule has no `databases`)"
    assert [each.words for each in found.values()] == [
        f"select[0]: 1 application on 1 server, {without}",
        f"select[1]: 2 applications on 2 servers, 1 of them taken by an earlier rule, {without}",
        f"select[2]: 2 applications on 2 servers, {without}",
    ]


def test_files_and_databases_of_one_application_are_different_targets() -> None:
    rules = [{"defaults": {"type": "filesystem"}}, {"databases": MATCH, "defaults": {"type": "database"}}]
    seen = listed(WEB, [application(1)], [database(71, "shop_b"), database(70, "shop_a")])
    targets, found = found_by(inventory(*rules, {"databases": MATCH, "defaults": {"type": "database"}}), seen)
    assert places(targets) == [
        "select[0] server 15 application 1",
        "select[1] server 15 application 1 database 70",
        "select[1] server 15 application 1 database 71",
    ]
    assert [target.request.database_id for target in targets] == [None, 70, 71]
    assert found["select[2]"].earlier == 1


def test_several_databases_where_one_is_wanted_are_shown_and_not_guessed() -> None:
    seen = listed(WEB, [application(1), application(2, name="blog")], [database(70, "shop_a"), database(71, "shop_b")])
    (shop, blog), found = found_by(inventory({"databases": MATCH}), seen)
    assert shop.problem == (
        "2 databases match `databases` of select[0]: shop_a (70), shop_b (71); list the backup in `servers`"
    )
    assert (blog.problem, blog.request.database_id) == ("", None)
    assert found["select[0]"].words == (
        "select[0]: 2 applications on 1 server, 1 of them without a matching database, "
        "1 with several matching databases"
    )


def test_an_application_without_a_database_is_no_target_of_type_database_and_not_taken() -> None:
    rules = [
        {"databases": {"match": pattern}, "defaults": {"type": "database"}}
        for pattern in ("x_{domain}", "{application}_*")
    ]
    targets, found = found_by(inventory(*rules), listed(WEB, [application(1)], [database(70, "shop_db")]))
    assert places(targets) == ["select[1] server 15 application 1 database 70"]
    assert found["select[0]"].without_database == 1


def test_databases_of_another_server_are_not_looked_at() -> None:
    seen = listed(WEB, [application(1, 15)], [database(70, "shop_db", 16)])
    (target,), _ = found_by(inventory({"databases": MATCH}), seen)
    assert target.request.database_id is None


def test_a_rule_sees_only_its_organization() -> None:
    other = listed([{"id": 99, "name": "web-9"}], [application(5, 99)])
    targets, _ = found_by(inventory({"organization": 6}), listed(WEB, [application(1)]), _6=other)
    assert [(target.organization, target.server_id) for target in targets] == [(6, 99)]


# Properties.

NAMES = st.sampled_from(["shop", "blog", "shop_de", "api"])
TAGS = st.lists(st.sampled_from(["eu", "us", "old"]), unique=True, max_size=2)


def optional(**traits: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping in which what says nothing is left out, as the fleet file wants it."""
    return st.fixed_dictionaries({}, optional=traits).map(
        lambda said: {key: value for key, value in said.items() if value}
    )


RULES = st.lists(
    optional(
        servers=optional(tags=TAGS, name=st.sampled_from(["web-1*", "*2"])),
        applications=optional(name=st.sampled_from(["shop*", "blog"]), **{"not": optional(name=st.just("api"))}),
        databases=st.just(MATCH),
        defaults=st.sampled_from([{}, PLAN]),
    ),
    min_size=1,
    max_size=4,
)
SERVER_ROWS = st.lists(
    st.fixed_dictionaries({"id": st.integers(1, 30), "tags": TAGS}), unique_by=lambda row: row["id"], max_size=5
).map(lambda rows: [{**row, "name": f"web-{row['id']}"} for row in rows])


@st.composite
def panels(draw: st.DrawFn) -> tuple[Sequence[Row], Sequence[Row], Sequence[Row]]:
    servers = draw(SERVER_ROWS)
    if not servers:
        return [], [], []
    on = st.sampled_from([row["id"] for row in servers])
    row = st.fixed_dictionaries({"id": st.integers(1, 60), "server_id": on, "name": NAMES})
    applications = draw(st.lists(row, unique_by=lambda each: each["id"], max_size=12))
    databases = draw(st.lists(row, unique_by=lambda each: each["id"], max_size=12))
    return servers, applications, [{**each, "name": f"{each['name']}_db"} for each in databases]


def subject(target: Target) -> tuple[object, ...]:
    return target.server_id, target.request.application_id, target.request.automatic_backup


@given(panel=panels(), rules=RULES, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(panel: tuple[Sequence[Row], ...], rules: list[Row], shuffled: Any) -> None:
    fleet = inventory(*rules)
    expected = found_by(fleet, listed(*panel))
    assert found_by(fleet, listed(*(shuffled.sample(rows, len(rows)) for rows in panel))) == expected


@given(panel=panels(), rules=RULES)
def test_every_match_is_a_target_once_by_the_first_rule_in_the_documented_order(
    panel: tuple[Sequence[Row], ...], rules: list[Row]
) -> None:
    fleet, seen = inventory(*rules), listed(*panel)
    targets, _ = found_by(fleet, seen)
    first: dict[tuple[object, ...], str] = {}
    for rule in fleet.rules:
        for number, server in sorted(seen.servers.items()):
            for row in sorted(seen.applications[number].values(), key=lambda each: each.id):
                if (rule.servers is None or rule.servers.match(server)) and (
                    rule.applications is None or rule.applications.match(row)
                ):
                    first.setdefault((number, row.id, rule.request.automatic_backup), rule.place)
    assert [(subject(target), target.place.split()[0]) for target in targets] == list(first.items())
    assert len(set(places(targets))) == len(targets)


@given(panel=panels(), rules=RULES, data=st.data())
def test_what_is_named_is_never_a_rules_target_and_nothing_else_is_lost(
    panel: tuple[Sequence[Row], ...], rules: list[Row], data: st.DataObject
) -> None:
    without, _ = found_by(inventory(*rules), listed(*panel))
    named = data.draw(st.lists(st.sampled_from(panel[1]), unique_by=lambda row: row["id"])) if panel[1] else []
    servers = [{"id": row["server_id"], "backups": [{"application_id": row["id"]}]} for row in named]
    fleet = inventory(*rules, servers=servers)
    targets, _ = found_by(fleet, listed(*panel))
    taken = {subject(target) for target in fleet.targets}
    assert places(targets) == [target.place for target in without if subject(target) not in taken]
