"""How long a night takes in real minutes: `python -m benchmarks.real_minutes` prints a table at once.

The check, the creates and the proof of the product, with its client and its waits, against an API in memory whose
limit counts in minutes; on a clock that jumps over every wait. Left out: Prefect and the ledger, which in a minute's
windows have more time than they need (`benchmarks.engine`). Exit code 0 if every night keeps what docs/costs.md says.
"""

import argparse
import asyncio
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final

import httpx

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.look_times import next_interval
from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.observed.observation import observe_targets
from fleet.observed.trust import LastGood, digest_of, trusted
from fleet.proof.sought import Sought
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from fleet.serveravatar.wire import Request, create_backup
from tasks.proving.organization_watch import OrganizationWatch
from tests.create_bodies import INSTANT
from tests.unit.fleet.builders import backup_row, server_row
from tests.unit.fleet.virtual_time import VirtualTimeLoop

ORGANIZATION: Final = 5
MINUTE: Final = 60.0
LATENCY: Final = 0.4
"""Seconds of each response."""
BACKUP_SECONDS: Final = 30.0
SHARE: Final = 0.9
CONCURRENCY: Final = 10
APPLICATIONS: Final = 5
"""On each server."""
SIZES: Final = (300, 1_000, 5_000)
LIMITS: Final = (60, 210)
MOST_OF_OWN, MOST_OF_BARE = 1.05, 1.35
"""Most time, as a multiple of what the run's own requests need, and of what bare creates need at the full limit."""
_PAGES: Final = {"servers": 12, "cloud_storage_providers": 8}
_PATH: Final = re.compile(r"/organizations/5(?:/servers/(\d+))?/([a-z-]+)$")


@dataclass
class MinuteApi:
    """An API in memory with a limit that counts in fixed minutes, opened by the first request of each."""

    targets: Sequence[Target]
    limit: int
    opened: float = -MINUTE
    count: int = 0
    received: list[float] = field(default_factory=list)
    refused: int = 0
    backups: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._of_server: defaultdict[int | None, list[Target]] = defaultdict(list)
        for target in self.targets:
            self._of_server[target.server_id].append(target)
        self._of_server[None] = list(self.targets)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer as the vendor's example pages show."""
        now = asyncio.get_running_loop().time()
        if now >= self.opened + MINUTE:
            self.opened, self.count = now, 0
        self.count += 1
        headers = {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(max(0, self.limit - self.count))}
        await asyncio.sleep(LATENCY)
        if self.count > self.limit:
            self.refused += 1
            headers["Retry-After"] = str(ceil(self.opened + MINUTE - now))
            return httpx.Response(429, headers=headers, json={"message": "Too Many Attempts."})
        self.received.append(now)
        found = _PATH.search(request.url.path)
        assert found is not None, request.url.path  # noqa: S101 - no other call is part of a night
        if request.method == "POST":
            self._create(now, json.loads(request.content))
            return httpx.Response(
                200, headers=headers, json={"message": "Backup Process has been started successfully!"}
            )
        page, size = int(request.url.params.get("page", 1)), _PAGES.get(found[2], 10)
        rows, total = self._rows(found[2], int(found[1]) if found[1] else None, now, page - 1, size)
        content = {
            "current_page": page,
            "data": rows,
            "last_page": max(1, ceil(total / size)),
            "per_page": size,
            "total": total,
        }
        key = {"cloud-storage-providers": "cloud_storage_providers"}.get(found[2], found[2])
        return httpx.Response(200, headers=headers, json={key: content})

    def _create(self, now: float, body: dict[str, Any]) -> None:
        row = backup_row(len(self.backups) + 1, body["name"], application_id=body["application_id"])
        row |= {"database_id": body["database_id"], "cloud_storage_provider_id": 10, "organization_id": ORGANIZATION}
        self.backups.append((now + BACKUP_SECONDS, row))

    def _rows(
        self, what: str, server: int | None, now: float, page: int, size: int
    ) -> tuple[list[dict[str, Any]], int]:
        """The rows of a page, and how many the list has."""
        mine, here = self._of_server[server], slice(page * size, (page + 1) * size)
        match what:
            case "servers":
                numbers = range(1, mine[-1].server_id + 1)
                return [server_row(number) for number in numbers[here]], len(numbers)
            case "applications":
                rows = [(t.request.application_id, t.server_id) for t in mine[here]]
            case "databases":
                rows = [(t.request.database_id or 0, t.server_id) for t in mine[here]]
            case "backups":
                newest = [self.backups[-1 - place] for place in range(len(self.backups))[here]]
                shown = [row if ends <= now else row | {"status": "In Progress"} for ends, row in newest]
                return shown, len(self.backups)
            case _:
                return [{"id": 10, "name": "Wasabi", "provider": "wasabi"}], 1
        return [{"id": number, "server_id": of, "name": "shop"} for number, of in rows], len(mine)


@dataclass(frozen=True)
class Night:
    """What one night took.

    Attributes:
        targets: how many.
        limit: requests a minute.
        requests: that were sent.
        seconds: from the first to the last.
        refused: how many were answered 429.
    """

    targets: int
    limit: int
    requests: int
    seconds: float
    refused: int

    @property
    def of_own(self) -> float:
        """Its time as a multiple of what its own requests need."""
        return self.seconds / least_seconds(self.requests, self.limit * SHARE)

    @property
    def of_bare(self) -> float:
        """Its time as a multiple of what bare creates need at the full limit."""
        return self.seconds / least_seconds(self.targets, self.limit)

    @property
    def keeps_its_promise(self) -> bool:
        """Whether it took no longer than promised, and was never refused."""
        return self.of_own <= MOST_OF_OWN and self.of_bare <= MOST_OF_BARE and not self.refused


def least_seconds(requests: int, a_minute: float) -> float:
    """How long these requests take at so many a minute. A small fleet may be quicker: its first minute is a burst."""
    return requests / a_minute * MINUTE


def fleet(targets: int) -> list[Target]:
    """A fleet of that many backups, on servers of `APPLICATIONS` each."""
    return [
        Target(
            place=str(number),
            organization=ORGANIZATION,
            server_id=1 + number // APPLICATIONS,
            server_name=None,
            request=BackupRequest.model_validate(
                {**INSTANT, "application_id": 10_000 + number, "database_id": 50_000 + number}
            ),
        )
        for number in range(targets)
    ]


def all_night(targets: int, limit: int) -> Night:
    """Play a night in which the last one has verified everything."""
    api = MinuteApi(fleet(targets), limit)
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        seconds = runner.run(_night(api))
    return Night(targets, limit, len(api.received), seconds, api.refused)


async def _night(api: MinuteApi) -> float:
    clock = asyncio.get_running_loop().time
    now = datetime(2026, 11, 2, 1, 30, tzinfo=UTC).timestamp()
    known = {each.key(""): LastGood(digest_of(each), now - timedelta(days=1).total_seconds()) for each in api.targets}
    trust = trusted(api.targets, known, now, timedelta(days=28))
    account = Account("https://api.example.org", "token", requests_per_minute=api.limit, share=SHARE)
    async with Client(account, CONCURRENCY, transport=httpx.MockTransport(api.answer), clock=clock) as client:
        await observe_targets(client.send, api.targets, trusted=trust)
        backups = BackupList(client.send, ORGANIZATION)
        await backups.mark()
        await asyncio.gather(*(client.send(_create(target)) for target in api.targets))
        sought = [Sought(each.key("tonight"), each, backups.marked, now, True, 1) for each in api.targets]
        await _prove(OrganizationWatch(backups, sought, lambda: datetime.now(UTC)), clock)
    return clock()


def _create(target: Target) -> Request:
    return create_backup(target.organization, target.server_id, target.request.body(target.backup_name("tonight")))


async def _prove(watch: OrganizationWatch, clock: Callable[[], float]) -> None:
    """As `tasks.proving.prover`."""
    began = clock()
    while watch.watch.awaited:
        await asyncio.sleep(next_interval(clock() - began, watch.watch.pages_in_vain))
        await watch.look()


def main() -> int:
    """Play the nights, print them, and say whether they keep what is promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_minutes", description=__doc__)
    parser.add_argument("--targets", type=int, action="append", help="size of a fleet; may be repeated")
    options = parser.parse_args()
    print("| targets | requests a minute | requests | per backup | minutes | of its own requests | of bare creates |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    nights = [all_night(targets, limit) for targets in options.targets or SIZES for limit in LIMITS]
    for night in nights:
        cells = [f"{night.targets:,}", night.limit, f"{night.requests:,}", f"{night.requests / night.targets:.2f}"]
        cells += [f"{night.seconds / MINUTE:.1f}", f"{night.of_own:.2f}", f"{night.of_bare:.2f}"]
        print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return 0 if all(night.keeps_its_promise for night in nights) else 1


if __name__ == "__main__":
    sys.exit(main())
