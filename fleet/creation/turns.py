"""Turns: which backup may begin while others run, if a fleet caps concurrent backups per server or provider.

First come, first served, but targets whose server or provider is full are overtaken. After being overtaken `PATIENCE`
times, a target reserves its server, so that nothing waits for ever. Pure: the caller reports what begins and ends
(docs/decisions/0018-caps-and-windows.md).
"""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from fleet.inventory.caps import Caps
from fleet.inventory.target import Target

PATIENCE: Final = 5
"""How often a target that waits for its provider may be overtaken by others on its server."""

_Place = tuple[int, int]
"""The organization, and the id of a server or of a storage provider in it."""


@dataclass(slots=True, eq=False)
class _Lane:
    """Targets waiting for the same server and the same provider, in order of arrival."""

    server: _Place
    provider: _Place
    waiting: deque[tuple[int, Target]] = field(default_factory=deque)
    overtaken: int = 0
    offered: bool = False

    @property
    def came(self) -> int:
        return self.waiting[0][0]


class Turns:
    """Gives the backups of a run their turns."""

    def __init__(self, caps: Caps) -> None:
        self.waiting = 0
        self._caps = caps
        self._order = count()
        self._running: dict[str, Target] = {}
        self._on_server: Counter[_Place] = Counter()
        self._into_provider: Counter[_Place] = Counter()
        self._lanes: dict[tuple[_Place, _Place], _Lane] = {}
        self._lanes_of: defaultdict[_Place, list[_Lane]] = defaultdict(list)
        self._offered: defaultdict[_Place, list[tuple[int, int, _Lane]]] = defaultdict(list)

    def __contains__(self, place: str) -> bool:
        """Whether the target at a place of the fleet file is running."""
        return place in self._running

    @property
    def running(self) -> int:
        """How many are running."""
        return len(self._running)

    def ask(self, target: Target) -> None:
        """Queue a target for its turn."""
        server, provider = _places(target)
        lane = self._lanes.get((server, provider))
        if lane is None:
            lane = self._lanes[server, provider] = _Lane(server, provider)
            self._lanes_of[server].append(lane)
        lane.waiting.append((next(self._order), target))
        self.waiting += 1
        self._offer(lane)

    def begin(self, target: Target) -> None:
        """Count a target as running without a turn: it already runs."""
        server, provider = _places(target)
        self._running[target.place] = target
        self._on_server[server] += 1
        self._into_provider[provider] += 1

    def next(self) -> Target | None:
        """Begin the next target: the earliest that may start; None if none may."""
        tops = [top for provider in self._offered if (top := self._top(provider)) is not None]
        if not tops:
            return None
        lane = min(tops, key=lambda lane: lane.came)
        heapq.heappop(self._offered[lane.provider])
        lane.offered = False
        came, target = lane.waiting.popleft()
        self.waiting -= 1
        lane.overtaken = 0
        for other in self._lanes_of[lane.server]:
            other.overtaken += bool(other.waiting) and other.came < came
        self.begin(target)
        self._offer_all_of(lane.server)
        return target

    def end(self, target: Target) -> None:
        """Free the places of a target that has ended. Idempotent."""
        if self._running.pop(target.place, None) is None:
            return
        server, provider = _places(target)
        self._on_server[server] -= 1
        self._into_provider[provider] -= 1
        self._offer_all_of(server)

    def leave_out(self, is_in_vain: Callable[[Target], bool]) -> list[Target]:
        """Remove targets that need not wait any longer; return them in order of arrival."""
        out: list[tuple[int, Target]] = []
        self._offered.clear()
        for lane in self._lanes.values():
            out += [each for each in lane.waiting if is_in_vain(each[1])]
            lane.waiting = deque(each for each in lane.waiting if not is_in_vain(each[1]))
            lane.offered = False
        for lane in self._lanes.values():
            self._offer(lane)
        self.waiting -= len(out)
        return [target for _, target in sorted(out, key=lambda each: each[0])]

    def _offer_all_of(self, server: _Place) -> None:
        for lane in self._lanes_of[server]:
            self._offer(lane)

    def _offer(self, lane: _Lane) -> None:
        """Offer a lane to its provider, unless it is already offered or its server is full."""
        if lane.waiting and not lane.offered and self._server_takes(lane):
            lane.offered = True
            heapq.heappush(self._offered[lane.provider], (lane.came, id(lane), lane))

    def _top(self, provider: _Place) -> _Lane | None:
        """The provider's lane whose first target arrived earliest and may start."""
        if self._caps.per_provider is not None and self._into_provider[provider] >= self._caps.per_provider:
            return None
        offered = self._offered[provider]
        while offered:
            lane = offered[0][2]
            if self._server_takes(lane):
                return lane
            heapq.heappop(offered)
            lane.offered = False  # Offered again when something on its server ends.
        return None

    def _server_takes(self, lane: _Lane) -> bool:
        """Whether the server has a free place that no earlier, often overtaken target has reserved."""
        if self._caps.per_server is None:
            return True
        return self._on_server[lane.server] < self._caps.per_server and not any(
            other.waiting and other.overtaken >= PATIENCE and other.came < lane.came
            for other in self._lanes_of[lane.server]
            if other is not lane
        )


def _places(target: Target) -> tuple[_Place, _Place]:
    organization = target.organization
    return (organization, target.server_id), (organization, target.request.cloud_storage_provider_id)
