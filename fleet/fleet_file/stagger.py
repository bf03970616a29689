"""When plans with `start_in_window` start: spread over their window, and at the same minute in every run.

A digest of each target chooses a minute of its window; if that is full, it takes the next free one. So a target keeps
its minute from run to run, and adding one moves few others. No minute gets more than its share of all plans, and none
gets two of one server while there is room elsewhere; if needed, a target that was placed earlier makes room. Pure
(docs/decisions/0018-caps-and-windows.md).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fleet.inventory.inventory import Inventory
from fleet.inventory.request import START_FORMAT
from fleet.inventory.target import Target
from fleet.inventory.window import Window

LEAD: Final = timedelta(minutes=30)
"""The shortest time before a start: the API refuses one that has passed, and a run takes a while to send them."""
LEAD_A_TARGET: Final = timedelta(seconds=2)
"""Twice what a run takes for each target at the lowest rate limit."""


@dataclass(frozen=True, slots=True)
class Staggered:
    """A plan that starts within its window.

    Attributes:
        digest: hexadecimal digest of the target.
        server: organization and id of its server.
        window: of the plan.
    """

    digest: str
    server: tuple[int, int]
    window: Window


def with_starts(inventory: Inventory, now: datetime) -> Inventory:
    """Give every plan with `start_in_window` its time, over the whole fleet, even if a run is limited to part of it.

    Args:
        inventory: everything the fleet file asks for.
        now: the time that all starts must be after.
    """
    wanted = [target for target in inventory.targets if target.start_in_window]
    if not wanted:
        return inventory
    times = iter(starts([_staggered(target) for target in wanted], now))
    servers = (
        replace(
            server,
            targets=tuple(
                _starting(target, next(times)) if target.start_in_window else target for target in server.targets
            ),
        )
        for server in inventory.servers
    )
    return replace(inventory, servers=tuple(servers))


def _staggered(target: Target) -> Staggered:
    if target.window is None:
        raise ValueError(f"{target.place} has start_in_window and no window")
    return Staggered(target.key(""), (target.organization, target.server_id), target.window)


def _starting(target: Target, start: datetime) -> Target:
    """The target with its start, in UTC (docs/decisions/0004-start-times-are-utc.md)."""
    request = target.request.model_copy(update={"start_backup": start.strftime(START_FORMAT)})
    return replace(target, request=request)


def starts(plans: Sequence[Staggered], now: datetime) -> list[datetime]:
    """Decide when each plan starts: its minute of its window, at the next opportunity.

    Args:
        plans: all of the fleet, each once.
        now: the time that all starts must be after.

    Returns:
        The start of each, in the order given, in UTC.
    """
    by_window: defaultdict[Window, list[Staggered]] = defaultdict(list)
    for plan in plans:
        by_window[plan.window].append(plan)
    minutes = {plan: minute for window, group in by_window.items() for plan, minute in _minutes(group, window).items()}
    earliest = now + LEAD + LEAD_A_TARGET * len(plans)
    return [_next(minutes[plan], plan.window, earliest) for plan in plans]


def _minutes(plans: Sequence[Staggered], window: Window) -> Mapping[Staggered, int]:
    """The minute of each plan, counted from when the window opens."""
    table = _Minutes(plans, window.minutes)
    for plan in sorted(plans, key=lambda plan: plan.digest):
        table.place(plan)
    return table.minute_of


class _Minutes:
    """The minutes of a window, and which plans start in each."""

    def __init__(self, plans: Sequence[Staggered], length: int) -> None:
        self.minute_of: dict[Staggered, int] = {}
        self._length = length
        self._room = -(-len(plans) // length)
        of_server = Counter(plan.server for plan in plans)
        self._share = {server: -(-count // length) for server, count in of_server.items()}
        self._plans: list[list[Staggered]] = [[] for _ in range(length)]
        self._servers: list[Counter[tuple[int, int]]] = [Counter() for _ in range(length)]

    def place(self, plan: Staggered) -> None:
        """Place a plan at its own minute, else at the next with room, else at one where another plan makes room."""
        home = int(plan.digest, 16) % self._length
        order = [(home + step) % self._length for step in range(self._length)]
        for minute in order:
            if self._has_room(minute) and self._takes(minute, plan):
                self._put(plan, minute)
                return
        # Every minute with room already has its share of this server. A minute below its share is full, so it holds
        # more plans of some other server than the minute with room does; one of those moves.
        spare = next(minute for minute in order if self._has_room(minute))
        full = next(minute for minute in order if self._takes(minute, plan))
        mover = next(it for it in self._plans[full] if self._servers[full][it.server] > self._servers[spare][it.server])
        self._plans[full].remove(mover)
        self._servers[full][mover.server] -= 1
        self._put(mover, spare)
        self._put(plan, full)

    def _has_room(self, minute: int) -> bool:
        return len(self._plans[minute]) < self._room

    def _takes(self, minute: int, plan: Staggered) -> bool:
        return self._servers[minute][plan.server] < self._share[plan.server]

    def _put(self, plan: Staggered, minute: int) -> None:
        self.minute_of[plan] = minute
        self._plans[minute].append(plan)
        self._servers[minute][plan.server] += 1


def _next(minute: int, window: Window, earliest: datetime) -> datetime:
    """The next time that a minute of a window occurs; a change of the clocks may skip it on a day."""
    zone = ZoneInfo(window.zone)
    day = datetime.combine(earliest.astimezone(zone).date(), window.opens) - timedelta(days=1)
    while True:
        shown = day + timedelta(minutes=minute)
        start = shown.replace(tzinfo=zone).astimezone(UTC)
        if start >= earliest and start.astimezone(zone).replace(tzinfo=None) == shown:
            return start
        day += timedelta(days=1)
