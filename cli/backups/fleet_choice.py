"""`--limit` where a file lists several fleets."""

from collections.abc import Sequence
from typing import Final

from cli.errors import UsageProblem
from fleet.fleets.fleets import Fleet
from fleet.inventory.matching.patterns import matches

_FLEET: Final = "fleet:"


def chosen_fleets(fleets: Sequence[Fleet], limit: Sequence[str]) -> tuple[list[Fleet], tuple[str, ...]]:
    """Choose the fleets that `fleet:NAME` names, or that `!fleet:NAME` does not.

    Args:
        fleets: of the file.
        limit: patterns of `--limit`.

    Returns:
        The fleets, and the patterns of servers, which need exactly one fleet: in another, they would match nothing.

    Raises:
        UsageProblem: no fleet is left or named so, or several are left and a pattern is one of servers.
    """
    wanted = [pattern.removeprefix(_FLEET) for pattern in limit if pattern.startswith(_FLEET)]
    unwanted = [pattern.removeprefix(f"!{_FLEET}") for pattern in limit if pattern.startswith(f"!{_FLEET}")]
    for name in [*wanted, *unwanted]:
        if not any(matches(name, fleet.name) for fleet in fleets):
            known = ", ".join(fleet.name for fleet in fleets)
            raise UsageProblem(f"--limit {_FLEET}{name}: no fleet is called so; there are: {known}")
    chosen = [
        fleet
        for fleet in fleets
        if (not wanted or any(matches(name, fleet.name) for name in wanted))
        and not any(matches(name, fleet.name) for name in unwanted)
    ]
    servers = tuple(pattern for pattern in limit if not pattern.removeprefix("!").startswith(_FLEET))
    if not chosen:
        raise UsageProblem(f"--limit {' '.join(limit)}: no fleet is left")
    if servers and len(chosen) > 1:
        raise UsageProblem(f"--limit {servers[0]}: choose one fleet, too: --limit {_FLEET}{chosen[0].name}")
    return chosen, servers
