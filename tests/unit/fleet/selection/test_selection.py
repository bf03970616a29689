"""`--limit`: which servers a run is about."""

import pytest

from fleet.inventory.inventory import Inventory, InventoryServer
from fleet.inventory.narrowing import Kind
from fleet.selection.selection import SelectionError, of_kind, select
from tests.unit.fleet.builders import instant, plan, target


def server(number: int, name: str | None, tags: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> InventoryServer:
    return InventoryServer(number, name, tags, groups, (target(server_id=number),))


FLEET = Inventory(
    (
        server(15, "web-0001", ("production", "eu"), ("shops",)),
        server(16, "web-0002", ("production", "us"), ("shops", "night")),
        server(17, "db-0001", ("staging",), ("night",)),
        server(18, None, ("tag",), ("15",)),
        server(115, "16"),
        server(19, "[new] Münster", ("rev[2]", "env:prod")),
    )
)


@pytest.mark.parametrize(
    ("patterns", "kept"),
    [
        ([], [15, 16, 17, 18, 115, 19]),
        (["web-0001"], [15]),
        (["web-*"], [15, 16]),
        (["*-0001"], [15, 17]),
        (["web-000?"], [15, 16]),
        (["15"], [15]),
        (["16"], [16, 115]),
        (["18"], [18]),
        (["tag:production"], [15, 16]),
        (["tag:*"], [15, 16, 17, 18, 19]),
        (["group:shops"], [15, 16]),
        (["group:15"], [18]),
        (["tag:eu", "tag:staging"], [15, 17]),
        (["tag:eu,tag:staging"], [15, 17]),
        ([" tag:eu , tag:staging ,"], [15, 17]),
        (["!web-0001"], [16, 17, 18, 115, 19]),
        (["tag:production", "!tag:eu"], [16]),
        (["!tag:eu", "tag:production"], [16]),
        (["web-*", "!16"], [15]),
        (["!group:shops", "!18"], [17, 115, 19]),
        (["db-0001", "web-0001"], [15, 17]),
        (["WEB-0001"], [15]),
        (["group:SHOPS", "tag:Staging"], [15, 16, 17]),
        (["[new]*"], [19]),
        (["tag:rev[2]"], [19]),
        (["tag:env:prod"], [19]),
        (["*mu\u0308nster"], [19]),
    ],
)
def test_the_servers_that_the_patterns_name_are_kept_in_the_files_order(patterns: list[str], kept: list[int]) -> None:
    selected = select(FLEET, patterns)
    assert [entry.id for entry in selected.servers] == kept
    assert [entry.server_id for entry in selected.targets] == kept


@pytest.mark.parametrize(
    "pattern", ["web-1", "web-000[12]", "web-000", "1", "tag:prod", "tag:", "group:", "group:staging", "!no", "!"]
)
def test_a_pattern_that_names_no_server_is_refused(pattern: str) -> None:
    with pytest.raises(SelectionError, match=r"--limit .*: no server has this name, id, tag or group"):
        select(FLEET, ["web-0001", pattern])


@pytest.mark.parametrize("patterns", [["web-0001", "!web-0001"], ["!*", "!18"], ["tag:eu", "!group:shops"]])
def test_patterns_that_leave_no_server_are_refused(patterns: list[str]) -> None:
    with pytest.raises(SelectionError, match="no server is left"):
        select(FLEET, patterns)


@pytest.mark.parametrize(
    ("only", "kept"),
    [
        ("all", [(15, False), (15, True), (16, False), (17, True)]),
        ("instant", [(15, False), (16, False)]),
        ("plans", [(15, True), (17, True)]),
    ],
)
def test_a_run_is_about_the_instant_backups_the_plans_or_both(only: Kind, kept: list[tuple[int, bool]]) -> None:
    entries = [
        InventoryServer(number, None, (), (), tuple(target(request, server_id=number) for request in requests))
        for number, requests in ((15, (instant(), plan())), (16, (instant(),)), (17, (plan(),)))
    ]
    found = of_kind(Inventory(tuple(entries)), only)
    assert [(it.server_id, it.request.automatic_backup) for it in found.targets] == kept
    assert all(server.targets for server in found.servers)


def test_a_fleet_without_plans_has_nothing_to_do_for_them() -> None:
    assert of_kind(FLEET, "plans").targets == ()
    assert of_kind(FLEET, "instant").servers == FLEET.servers
