"""What the rules of `select` did not cover: rules and entries that match nothing, and what could not be read."""

from typing import Any

import pytest

from fleet.selection.selection import SelectionError
from fleet.serveravatar.catalogue import Meaning
from tests.unit.fleet.rule_files import inventory
from tests.unit.fleet.selection.living_fleets import failure, found, limited, own, panel, resolved

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"servers": {"name": "wbe-*"}}, "select[0]: matches no server of organization 5"),
        ({"applications": {"framework": "wordpres"}}, "select[0]: matches no application on 2 servers"),
    ],
)
async def test_a_rule_that_matches_nothing_is_an_error_unless_that_is_allowed(rule: Any, problem: str) -> None:
    fleet = inventory(rule, {})
    with pytest.raises(SelectionError) as caught:
        await resolved(panel(2), fleet)
    assert str(caught.value) == f"{problem} (allow this with --allow-empty)"
    assert found(await resolved(panel(2), fleet, allow_empty=True)) == [1501, 1601]


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ({"servers": {"name": ["web-*", "wbe-0016"]}}, ["no server matches name 'wbe-0016'"]),
        ({"servers": {"id": [15, 99]}}, ["no server matches id 99"]),
        ({"servers": {"name": ["*15", "*16"], "tags": "odd"}}, ["no server matches name '*16'"]),
        ({"servers": {"name": ["*15", "*16"], "not": {"name": ["*17", "x"]}}}, []),
        ({"servers": {"tags": ["odd", "o*"], "name": "*"}}, []),
        ({"applications": {"framework": ["wordpress", "laravl"]}}, ["no application matches framework 'laravl'"]),
        (
            {"applications": {"id": [1501, 7], "name": ["site-1", "a", "b"]}},
            [
                *("no application matches name 'a'", "no application matches name 'b'"),
                "no application matches id 7",
            ],
        ),
        ({"databases": {"match": ["{application}_*", "wp_{application}"]}}, []),
    ],
)
async def test_an_entry_of_a_list_that_finds_nothing_is_told(rule: Any, lines: list[str]) -> None:
    fleet = await resolved(panel(2), inventory({}, rule))
    assert fleet.selection.unmatched == [f"select[1]: {line}" for line in lines]
    assert fleet.selection.lines == [*fleet.selection.rules, *fleet.selection.unmatched]
    assert fleet.selection.scope == "all"


async def test_what_was_not_looked_at_is_not_told_to_find_nothing() -> None:
    fleet = inventory({"servers": {"name": ["web-*", "db-*"]}, "applications": {"name": ["site-1", "other"]}})
    servers = ["select[0]: no server matches name 'db-*'"]
    assert (await limited(panel(2), fleet, "15")).selection.unmatched == servers
    api = panel(2)
    api.answers[own(15)] = failure()
    assert (await resolved(api, fleet)).selection.unmatched == servers


async def test_an_organization_that_the_api_does_not_know() -> None:
    api = panel(2)
    api.answers["/organizations/6/servers"] = failure("Organization not found!", 404, Meaning.REFUSED)
    fleet = inventory({}, {"organization": 6})
    with pytest.raises(SelectionError, match=r"select\[1\]: organization 6: Organization not found!"):
        await resolved(api, fleet)
    allowed = await resolved(api, fleet, allow_empty=True)
    assert found(allowed) == [1501, 1601]
    assert allowed.selection.rules[1] == "select[1]: no applications on no servers"
