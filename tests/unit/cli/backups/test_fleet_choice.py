"""`--limit` where a file lists several fleets."""

from pathlib import Path

import pytest

from cli.backups.fleet_choice import chosen_fleets
from cli.errors import UsageProblem
from fleet.fleets.fleets import Fleet, Place, Times
from fleet.inventory.caps import UNCAPPED

FLEETS = [Fleet(name, Path(name), None, Times(), Place(), UNCAPPED) for name in ("acme", "acme-shops", "globex")]


@pytest.mark.parametrize(
    ("limit", "names", "servers"),
    [
        ((), ["acme", "acme-shops", "globex"], ()),
        (("fleet:acme",), ["acme"], ()),
        (("fleet:acme*", "!fleet:acme"), ["acme-shops"], ()),
        (("!fleet:globex",), ["acme", "acme-shops"], ()),
        (("fleet:globex", "web-*", "!tag:old"), ["globex"], ("web-*", "!tag:old")),
    ],
)
def test_patterns_choose_fleets_and_those_of_servers_are_left(
    limit: tuple[str, ...], names: list[str], servers: tuple[str, ...]
) -> None:
    fleets, left = chosen_fleets(FLEETS, limit)
    assert ([fleet.name for fleet in fleets], left) == (names, servers)


@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        (("fleet:initech",), "--limit fleet:initech: no fleet is called so; there are: acme, acme-shops, globex"),
        (("!fleet:*",), "--limit !fleet:*: no fleet is left"),
        (("web-1",), "--limit web-1: choose one fleet, too: --limit fleet:acme"),
        (("fleet:acme*", "web-1"), "--limit web-1: choose one fleet, too: --limit fleet:acme"),
    ],
)
def test_what_cannot_be_chosen_is_one_line(limit: tuple[str, ...], problem: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        chosen_fleets(FLEETS, limit)
    assert str(caught.value) == problem
