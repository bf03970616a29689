"""What may begin beside what runs, in virtual time: under the caps, when windows open, and with few looks."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prefect.logging import disable_run_logger

from fleet.backup_list.ownership import NoClaims
from fleet.inventory.caps import Caps
from fleet.inventory.target import Target
from fleet.inventory.window import parse
from fleet.ledger.entry import Entry
from fleet.ledger.entry_rows import Subject
from fleet.ledger.store import Claim, Ledger
from fleet.observed.observed import Observed
from fleet.report.outcome import Exit, Outcome
from fleet.serveravatar.wire import Request
from tasks.creating.admission import Admission
from tasks.creating.in_flight import Leave, Work, do_all
from tasks.creating.running_backups import RunningBackups
from tasks.proving.watches import Watches
from tasks.run.backup_lists import BackupLists
from tasks.run.entries import Entries
from tasks.run.known_api import KnownApi
from tasks.run.results import Results
from tests.unit.fleet.builders import backup_row, instant, target
from tests.unit.fleet.virtual_time import VirtualTimeLoop

NIGHT = parse("01:00-05:00 UTC")
BEGAN = datetime(2030, 1, 10, 0, 55, tzinfo=UTC)
CREATE_SECONDS = 0.05


@dataclass
class Made:
    """A backup in the model: whose, and from when to when it runs."""

    target: Target
    name: str | None
    began: float
    ends: float


@dataclass
class Panel:
    """Makes backups that take their time, and lists them, the newest first; in place of the client."""

    durations: Sequence[float]
    seconds_a_request: float = 0.0
    made: list[Made] = field(default_factory=list)
    pages: int = 0
    error: Exception | None = None
    strict: bool = True

    async def send(self, request: Request) -> Any:
        if self.error:
            raise self.error
        now, number = asyncio.get_running_loop().time(), request.query["page"]
        self.pages += 1
        rows = [
            backup_row(place + 1, one.name, status="Completed" if one.ends <= now else "In Progress")
            for place, one in enumerate(self.made)
        ]
        listed = rows[::-1][(number - 1) * 10 : number * 10]
        last = max(1, -(-len(rows) // 10))
        return {"current_page": number, "data": listed, "last_page": last, "total": len(rows), "per_page": 10}

    def create(self, wanted: Target, run_key: str, caps: Caps) -> None:
        now = asyncio.get_running_loop().time()
        duration = self.durations[len(self.made) % len(self.durations)]
        self.made.append(Made(wanted, wanted.backup_name(run_key), now, now + duration))
        running = [one.target for one in self.made if one.ends > now]
        on_server = Counter(each.server_id for each in running)
        into_provider = Counter(each.request.cloud_storage_provider_id for each in running)
        if not self.strict:
            return
        assert caps.per_server is None or max(on_server.values(), default=0) <= caps.per_server
        assert caps.per_provider is None or max(into_provider.values(), default=0) <= caps.per_provider


class Book:
    """In place of the ledger: it keeps nothing, and whoever claims something has it."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def claim(self, wanted: Sequence[tuple[Entry, Subject]]) -> dict[str, Claim]:
        return {entry.key: Claim(entry, ours=True) for entry, _ in wanted}

    async def save(self, entry: Entry) -> Entry:
        return entry


class Night:
    """A run, without Prefect and ledger."""

    def __init__(
        self, panel: Panel, caps: Caps, overdue_after: float = 3600.0, left_behind: Target | None = None
    ) -> None:
        loop = asyncio.get_running_loop()
        self.panel, self.caps, self.left_behind = panel, caps, left_behind
        self.clock: Callable[[], datetime] = lambda: BEGAN + timedelta(seconds=loop.time())
        self.results, self.entries = Results(), Entries(cast("Ledger", Book()), "night")
        self.lists = BackupLists(panel.send, KnownApi(NoClaims()), self.entries.now)
        watches = Watches(self.lists, self.clock)
        running = RunningBackups(watches, self.results, lambda: panel.seconds_a_request, overdue_after)
        self.admission = Admission(self.entries, self.results, running, caps, self.clock)

    async def create(self, targets: Sequence[Target]) -> None:
        late = [self.left_behind] if self.left_behind else []
        await self.entries.claim([*targets, *late], Observed({}))
        await self.lists.of(5).mark()
        async with self.admission:
            assert await do_all(self._work(targets), at_once=4) == []

    async def _work(self, targets: Sequence[Target]) -> AsyncIterator[Work]:
        if self.left_behind:
            yield partial(self.taken_over, self.left_behind)
        async for each in self.admission.admitted(targets):
            yield partial(self.one, each)

    async def taken_over(self, late: Target, leave: Leave) -> None:
        leave()
        await asyncio.sleep(10)
        await self.admission.turn(late)
        await self.one(late, leave)

    async def one(self, wanted: Target, _leave: Leave) -> None:
        await asyncio.sleep(CREATE_SECONDS)
        outcome = Outcome.NOT_TRIED if self.results.halt else Outcome.CREATED
        if wanted.outside_window(self.clock()):
            outcome = Outcome.EXPIRED
        if outcome is Outcome.CREATED:
            self.panel.create(wanted, "night", self.caps)
            # Between the work and its answer anything may be read.
            await asyncio.sleep(CREATE_SECONDS)
            entry, marked = self.entries.of(wanted), self.lists.of(5).marked
            await self.entries.save(replace(entry, attempts=1, outcome=Outcome.CREATED, before=marked))
        self.results.settle(wanted, outcome)
        self.admission.settled(wanted)

    def outcomes(self) -> list[Outcome]:
        return [result.outcome for result in self.results.settled()]


REQUESTS = {provider: instant(cloud_storage_provider_id=provider) for provider in (1, 2)}


def wanted(number: int, server: int, provider: int = 1, **changes: Any) -> Target:
    request = REQUESTS[provider].model_copy(update={"application_id": number + 1})
    return target(request, place=str(number), server_id=server, **changes)


def fleet(servers: int, applications: int) -> list[Target]:
    return [wanted(number, number // applications) for number in range(servers * applications)]


def ran_by(begin: Callable[[], Night], targets: Sequence[Target]) -> tuple[Night, float]:
    """Create everything; return the run, and the second at which the last of it was made."""

    async def run() -> Night:
        run = begin()
        await run.create(targets)
        return run

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        ran = runner.run(run())
    return ran, max((one.ends for one in ran.panel.made), default=0.0)


def night(targets: Sequence[Target], caps: Caps, durations: Sequence[float], **changes: Any) -> tuple[Night, float]:
    return ran_by(lambda: Night(Panel(durations, **changes), caps), targets)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2)), max_size=30),
    st.builds(Caps, st.none() | st.integers(1, 3), st.none() | st.integers(1, 4)),
    st.lists(st.sampled_from([0.0, 0.5, 2.0, 30.0, 900.0]), min_size=1, max_size=5),
    st.sampled_from([0.0, 1.2]),
)
@settings(deadline=None)
def test_never_more_than_the_caps_run_and_all_are_made(
    pairs: list[tuple[int, int]], caps: Caps, durations: list[float], seconds_a_request: float
) -> None:
    targets = [wanted(number, *pair) for number, pair in enumerate(pairs)]
    ran, _ = night(targets, caps, durations, seconds_a_request=seconds_a_request)
    assert sorted(int(one.target.place) for one in ran.panel.made) == list(range(len(targets)))
    assert ran.outcomes() == [Outcome.CREATED] * len(targets)


@pytest.mark.parametrize(
    ("seconds", "servers", "applications", "most_pages"),
    [(2.0, 10, 5, 40), (10.0, 10, 5, 60), (60.0, 10, 5, 120), (600.0, 3, 3, 60)],
)
def test_places_are_given_on_soon_and_with_few_looks(
    seconds: float, servers: int, applications: int, most_pages: int
) -> None:
    ran, ended = night(fleet(servers, applications), Caps(per_server=1), [seconds])
    assert ended <= 1.5 * applications * seconds
    assert ran.panel.pages <= most_pages


def test_looking_leaves_the_budget_its_half() -> None:
    ran, ended = night(fleet(40, 3), Caps(per_server=1), [20.0], seconds_a_request=1.1)
    assert ran.panel.pages <= ended / 1.1 / 2 + 5


def test_without_caps_all_begin_at_once_and_nothing_is_read() -> None:
    ran, ended = night(fleet(4, 5), Caps(), [100.0])
    assert ended <= 100.0 + 20 * 2 * CREATE_SECONDS
    assert ran.panel.pages == 1, "the mark before the run"


def test_a_window_that_opens_soon_is_waited_for_and_others_go_on() -> None:
    """It is 00:55, and the windows open at 01:00, at 01:10, or opened before."""
    windows = [NIGHT, None, parse("01:10-05:00 UTC"), parse("00:00-01:00 UTC")]
    targets = [wanted(number, 1, window=window) for number, window in enumerate(windows)]
    for caps in (Caps(), Caps(per_server=1)):
        ran, _ = night(targets, caps, [3.0])
        assert {one.target.place: one.began >= 300.0 for one in ran.panel.made} == {"0": True, "1": False, "3": False}
        assert ran.results.of(targets[2]).outcome is Outcome.EXPIRED


def test_what_still_waits_for_a_place_when_its_window_closes_ends_at_once() -> None:
    window = parse("00:00-01:00 UTC")
    targets = [wanted(number, 1, window=window) for number in range(4)]
    ran, _ = night(targets, Caps(per_server=1), [200.0])
    assert [one.target.place for one in ran.panel.made] == ["0", "1"]
    assert sorted(ran.outcomes()) == [Outcome.CREATED] * 2 + [Outcome.EXPIRED] * 2


def test_what_another_run_left_behind_waits_for_its_turn_too() -> None:
    *targets, late = fleet(1, 4)
    ran, ended = ran_by(lambda: Night(Panel([50.0]), Caps(per_server=1), left_behind=late), targets)
    assert [one.target.place for one in ran.panel.made] == ["0", "1", "2", "3"]
    assert ended <= 1.5 * 4 * 50.0


def test_a_sweep_that_fails_ends_the_run_and_leaves_nobody_waiting() -> None:
    def begin() -> Night:
        run = Night(Panel([50.0]), Caps(per_server=1))
        asyncio.get_running_loop().call_later(0.5, setattr, run.panel, "error", ZeroDivisionError("a mistake"))
        return run

    with disable_run_logger():
        ran, _ = ran_by(begin, fleet(2, 3))
    assert Counter(ran.outcomes()) == {Outcome.CREATED: 2, Outcome.NOT_TRIED: 4}
    assert ran.results.halt
    assert ran.results.halt.exit is Exit.UNEXPECTED
    assert "a mistake" in ran.results.halt.reason


def test_one_that_never_ends_gives_its_place_back_when_it_is_overdue() -> None:
    ran, _ = ran_by(
        lambda: Night(Panel([1e9, 5.0], strict=False), Caps(per_server=1), overdue_after=100.0), fleet(1, 3)
    )
    assert [100 < one.began < 250 for one in ran.panel.made] == [False, True, True]
