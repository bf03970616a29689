"""When automatic plans start that are asked to start at some time within their window: spread, and always the same.

Each target has a home among the minutes of its window, by a digest of the target; where that is taken, the next free
one. So a target keeps its minute from run to run, and one that is added moves few others. No minute gets more than its
share of all, and none two of one server as long as there is room; where homes alone would not do, one target
that has its place already makes room. Pure (docs/decisions/0018-caps-and-windows.md).
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
"""No start is nearer than this: the API refuses one that has passed, and a run takes a while to send them."""
LEAD_A_TARGET: Final = timedelta(seconds=2)
"""What a run takes for each target at the lowest limit, and as much again."""


@dataclass(frozen=True, slots=True)
class Staggered:
    """A plan that is to start within its window.

    Attributes:
        digest: of the target: hexadecimal digits.
        server: the organization and the id of its server.
        window: its window.
    """

    digest: str
    server: tuple[int, int]
    window: Window


def with_starts(inventory: Inventory, now: datetime) -> Inventory:
    """Give every plan that is to start in its window its time; over the whole fleet, whatever a run is about of it.

    Args:
        inventory: everything that the fleet file asks for.
        now: the time that the starts must lie after.
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
        raise ValueError(f"{target.place} is to start in its window and has none")
    return Staggered(target.key(""), (target.organization, target.server_id), target.window)


def _starting(target: Target, start: datetime) -> Target:
    """The target with another start; in UTC, as start times are read (docs/decisions/0004-start-times-are-utc.md)."""
    request = target.request.model_copy(update={"start_backup": start.strftime(START_FORMAT)})
    return replace(target, request=request)


def starts(plans: Sequence[Staggered], now: datetime) -> list[datetime]:
    """Decide when each plan starts: a minute of its own within its window, the next time that this one comes.

    Args:
        plans: all of the fleet, each once.
        now: the time that they must lie after.

    Returns:
        The start of each, in their order, in UTC.
    """
    by_window: defaultdict[Window, list[Staggered]] = defaultdict(list)
    for plan in plans:
        by_window[plan.window].append(plan)
    minutes = {plan: minute for window, group in by_window.items() for plan, minute in _minutes(group, window).items()}
    earliest = now + LEAD + LEAD_A_TARGET * len(plans)
    return [_next(minutes[plan], plan.window, earliest) for plan in plans]


def _minutes(plans: Sequence[Staggered], window: Window) -> Mapping[Staggered, int]:
    """The minute of each plan, counted from the opening of the window."""
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
        """Give a plan its home, else the next minute with room, else one where another makes room."""
        home = int(plan.digest, 16) % self._length
        order = [(home + step) % self._length for step in range(self._length)]
        for minute in order:
            if self._has_room(minute) and self._takes(minute, plan):
                self._put(plan, minute)
                return
        # Every minute with room has its share of this server. One that has not is full, and of another server it
        # holds more than the one with room does: else it could not be full.
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
    """The next time that a minute of a window comes; on a day that skips it, it does not."""
    zone = ZoneInfo(window.zone)
    day = datetime.combine(earliest.astimezone(zone).date(), window.opens) - timedelta(days=1)
    while True:
        shown = day + timedelta(minutes=minute)
        start = shown.replace(tzinfo=zone).astimezone(UTC)
        if start >= earliest and start.astimezone(zone).replace(tzinfo=None) == shown:
            return start
        day += timedelta(days=1)
