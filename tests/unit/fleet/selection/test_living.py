"""A living fleet: what is read for rules, what is not read again, and that a failing API is never an empty fleet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory.caps import Caps
from fleet.inventory.inventory import Inventory
from fleet.inventory.narrowing import Narrowing, Unfinished
from fleet.inventory.request import start_time
from fleet.observed.disk_space import DiskRules
from fleet.observed.observation import observe
from fleet.observed.preconditions import problem_of
from fleet.selection.selection import SelectionError, narrowed, of_kind
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tests.unit.fleet.builders import FakeApi, server_row
from tests.unit.fleet.rule_files import MATCH, PLAN, inventory
from tests.unit.fleet.selection.living_fleets import (
    APPLICATIONS,
    NOW,
    PROVIDERS,
    SERVERS,
    failure,
    found,
    limited,
    own,
    panel,
    resolved,
)

pytestmark = pytest.mark.anyio


async def test_without_rules_nothing_is_read() -> None:
    api = panel(1)
    assert (await resolved(api, Inventory(()))).selection.scope == "all"
    assert api.sent == []


@pytest.mark.parametrize("names_servers", [True, False])
@pytest.mark.parametrize(("count", "applications"), [(1, 1), (3, 12), (30, 1), (13, 7)])
async def test_a_run_reads_no_list_twice(count: int, applications: int, names_servers: bool) -> None:
    """The rules read the servers, applications and databases; the observation adds the storage providers alone."""
    api = panel(count, applications, names_servers=names_servers)
    named = [{"id": 15, "backups": [{"application_id": 1501, "database_id": 71501}]}]
    fleet = await resolved(api, inventory({"databases": MATCH}, servers=named))
    before = list(api.sent)
    seen = await observe(api.send, fleet.inventory.targets, DiskRules(), fleet.listed)
    assert api.sent[len(before) :] == [(PROVIDERS, 1)]
    assert max(Counter(api.sent).values()) == 1
    assert len(fleet.inventory.targets) == count * applications
    assert not any(problem_of(target, seen, DiskRules(), NOW) for target in fleet.inventory.targets)
    requests = [target.request for target in fleet.inventory.targets]
    assert all(request.database_id == 70_000 + request.application_id for request in requests)


async def test_what_is_named_beside_the_rules_servers_is_still_read() -> None:
    api = panel(30)
    named = [{"id": 20, "backups": [{"application_id": 2001, "database_id": 72001}]}]
    fleet = await resolved(api, inventory({"servers": {"id": [15, 16]}}, servers=named))
    assert found(fleet) == [2001, 1501, 1601]
    seen = await observe(api.send, fleet.inventory.targets, DiskRules(), fleet.listed)
    assert max(Counter(api.sent).values()) == 1
    assert not any(problem_of(target, seen, DiskRules(), NOW) for target in fleet.inventory.targets)


async def test_what_a_rule_finds_keeps_its_window_and_a_plan_a_minute_of_its_own_in_it() -> None:
    rule = {"defaults": {**PLAN, "window": "01:00-05:00 Europe/Berlin", "start_in_window": True}}
    fleet = inventory(rule)
    targets = (await resolved(panel(3, 2), replace(fleet, caps=Caps(1)))).inventory.targets
    starts = [start_time(target.request.start_backup or "") for target in targets]
    assert len(set(starts)) == len(targets) == 6
    assert all(target.window and target.window.is_open(start) for target, start in zip(targets, starts, strict=True))
    assert (await resolved(panel(1), replace(fleet, caps=Caps(1)))).inventory.caps == Caps(1)


async def test_only_servers_that_a_rule_is_about_are_asked_for_what_they_own() -> None:
    api = panel(4)
    fleet = await resolved(api, inventory({"servers": {"tags": "odd"}}))
    assert found(fleet) == [1501, 1701]
    assert sorted(api.sent) == sorted([(SERVERS, 1), (own(15), 1), (own(17), 1)])


async def test_a_server_named_by_id_in_a_large_organization_costs_two_requests_and_its_lists() -> None:
    api = panel(200)
    api.answers[f"{SERVERS}/150"] = {"server": server_row(150)}
    assert found(await resolved(api, inventory({"servers": {"id": 150}}))) == [15001]
    assert api.sent == [(SERVERS, 1), (f"{SERVERS}/150", 1), (own(150), 1)]


async def test_all_applications_are_read_over_the_organization_where_that_is_fewer_pages() -> None:
    api = panel(40, names_servers=True)
    fleet = await resolved(api, inventory({"applications": {"framework": "wordpress"}}))
    assert len(found(fleet)) == 40
    assert [path for path, _ in api.sent].count(APPLICATIONS) == 4
    assert not any(path == own(15) for path, _ in api.sent)


async def test_a_list_that_does_not_say_what_a_rule_asks_for_is_not_believed() -> None:
    """The organization's rows name the servers, but not whether an application is active."""
    api = panel(5, names_servers=True)
    fields = "id", "name", "server_id"
    api.lists[APPLICATIONS] = [{name: row[name] for name in fields} for row in api.lists[APPLICATIONS]]
    api.lists[own(15)] = [{**row, "active": 0} for row in api.lists[own(15)]]
    assert len(found(await resolved(api, inventory({})))) == 5
    assert len(found(await resolved(api, inventory({"applications": {"active": True}})))) == 4


async def test_a_disconnected_servers_applications_stay_in_the_fleet_and_are_unmet() -> None:
    api = panel(2)
    api.lists[SERVERS][0] = server_row(15, agent_status="0")
    fleet = await resolved(api, inventory({}))
    seen = await observe(api.send, fleet.inventory.targets, DiskRules(), fleet.listed)
    problems = [problem_of(target, seen, DiskRules(), NOW) for target in fleet.inventory.targets]
    assert problems == ["server not connected: its agent does not respond", None]
    assert [seen.application_name(target) for target in fleet.inventory.targets] == ["site-1", "site-1"]


async def test_a_site_made_between_two_runs_is_in_the_second() -> None:
    api = panel(1)
    assert found(await resolved(api, inventory({}))) == [1501]
    api.lists[own(15)].append({"id": 1502, "name": "new"})
    assert found(await resolved(api, inventory({}))) == [1501, 1502]


# An API that fails is never an empty fleet.


@pytest.mark.parametrize("error", [failure(), failure("Something went really wrong!", 500, Meaning.IN_DOUBT)])
async def test_servers_that_cannot_be_listed_make_the_api_unusable(error: ApiError) -> None:
    api = panel(3)
    api.answers[SERVERS] = error
    with pytest.raises(ApiUnusableError, match="the servers of organization 5 could not be listed"):
        await resolved(api, inventory({}), allow_empty=True)


async def test_when_no_list_can_be_read_the_api_is_unusable() -> None:
    api = panel(2)
    api.answers |= {own(15): failure(), own(16): failure()}
    with pytest.raises(ApiUnusableError, match="its applications could not be read"):
        await resolved(api, inventory({}), allow_empty=True)


@pytest.mark.parametrize("kind", ["applications", "databases"])
async def test_one_server_that_cannot_be_read_stops_no_other_and_is_told(kind: str) -> None:
    api = panel(2)
    api.answers[own(15, kind)] = failure()
    fleet = await resolved(api, inventory({"databases": MATCH}))
    assert found(fleet) == [1601]
    (unread,) = fleet.selection.unread
    assert (unread.server_id, unread.server) == (15, "web-0015")
    assert unread.words.startswith(f"web-0015: its {kind} could not be read: Bad Gateway")
    assert fleet.selection.scope == "part"


class Boastful(FakeApi):
    """Says of some lists that they have one entry more than it shows."""

    boasted: frozenset[str]

    async def send(self, request: Any) -> Any:
        answer = await super().send(request)
        if request.path in self.boasted:
            answer[request.list_key]["total"] += 1
        return answer


def boasting(*paths: str) -> Boastful:
    api = Boastful(panel(4, names_servers=True).lists)
    api.boasted = frozenset(paths)
    return api


async def test_a_list_that_shows_less_than_it_says_it_has_does_not_shrink_the_fleet() -> None:
    with pytest.raises(ApiUnusableError, match="the list shows 4 of the 5 entries that it reports"):
        await resolved(boasting(SERVERS), inventory({}))
    # Read server by server, since the organization's list is not whole.
    fleet = await resolved(boasting(APPLICATIONS, own(15)), inventory({}))
    assert found(fleet) == [1601, 1701, 1801]
    assert "the list shows 1 of the 2 entries that it reports" in fleet.selection.unread[0].reason


# What a run is about.


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (["web-0016"], [1601]),
        (["15"], [1501]),
        (["tag:odd"], [1501, 1701]),
        (["group:shops"], [1601, 1801]),
        (["!tag:odd"], [1601, 1801]),
        (["alex"], [1701]),
    ],
)
async def test_limit_names_servers_of_rules_and_nothing_is_read_of_the_others(
    limit: Sequence[str], expected: list[int]
) -> None:
    api = panel(4)
    rules = [{"servers": {"tags": "even"}, "groups": ["shops"]}, {}]
    named = [{"id": 17, "name": "alex", "tags": ["odd"], "backups": [{"application_id": 1701, "type": "filesystem"}]}]
    fleet = inventory(*rules, servers=named, groups={"shops": {}})
    kept = await limited(api, fleet, *limit)
    assert sorted(set(found(kept))) == expected
    assert {path for path, _ in api.sent} == {SERVERS, *(own(number // 100) for number in expected)}
    assert kept.selection.scope == "part"


async def test_a_limit_that_names_no_server_of_any_rule_is_refused_before_anything_else_is_read() -> None:
    api = panel(4)
    with pytest.raises(SelectionError, match="--limit web-99: no server has this name"):
        await limited(api, inventory({}), "web-99")
    assert api.sent == [(SERVERS, 1)]


async def test_a_rule_that_finds_nothing_on_the_servers_of_a_limit_is_no_mistake() -> None:
    api = panel(2)
    api.lists[own(15)] = [{"id": 1501, "framework": "laravel"}]
    rules = [{"applications": {"framework": "laravel"}}, {"applications": {"framework": "wordpress"}}]
    assert found(await limited(api, inventory(*rules), "15")) == [1501]
    with pytest.raises(SelectionError, match="--limit 15: there is nothing to back up on these servers"):
        await limited(api, inventory(rules[1]), "15")


async def test_where_a_server_could_not_be_read_nobody_says_that_nothing_is_left() -> None:
    api = panel(2)
    api.answers[own(15)] = failure()
    unfinished = Unfinished("last", "monday", frozenset(), frozenset({(5, 15), (5, 16)}))
    for narrowing in (Narrowing(limit=("15", "16")), Narrowing(unfinished=unfinished)):
        fleet = narrowed(inventory({"applications": {"name": ["site-*", "x"], "id": 1501}}), narrowing)
        left = await resolved(api, fleet)
        assert (found(left), [server.server_id for server in left.selection.unread]) == ([], [15])
    with pytest.raises(SelectionError, match="nothing to back up on these servers"):
        await limited(api, inventory({"applications": {"id": 1501}}), "16")


async def test_only_the_rules_of_a_kind_are_read_for_and_a_fleet_without_them_costs_nothing() -> None:
    api = panel(3)
    fleet = inventory({"servers": {"id": 15}}, {"servers": {"tags": "even"}, "defaults": PLAN})
    plans = await resolved(api, of_kind(fleet, "plans"))
    assert (found(plans), plans.selection.scope) == ([1601], "plans")
    assert {path for path, _ in api.sent} == {SERVERS, own(16)}
    api.sent.clear()
    none = await resolved(api, of_kind(inventory({}), "plans"))
    assert (none.inventory.targets, none.selection.scope, api.sent) == ((), "plans", [])


async def test_what_an_earlier_run_left_is_read_and_nothing_else() -> None:
    api = panel(4)
    failed = frozenset({(5, 16, 1601, None, "application", False)})
    unfinished = Unfinished("last", "monday", failed, frozenset({(5, 18)}))
    left = await resolved(api, narrowed(inventory({}), Narrowing(unfinished=unfinished)))
    assert found(left) == [1601, 1801]
    assert {path for path, _ in api.sent} == {SERVERS, own(16), own(18)}
    gone = Unfinished("last", "monday", frozenset({(5, 16, 9, None, "application", False)}))
    with pytest.raises(SelectionError, match="nothing of run monday is left to do"):
        await resolved(api, narrowed(inventory({}), Narrowing(unfinished=gone)))
