"""Which pages of the list of backups are read, and when: few, and nothing that ended is missed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.look_times import next_interval
from fleet.proof.proof import Completion, Evidence
from fleet.proof.sought import Sought
from fleet.serveravatar.wire import Request
from tests.unit.fleet.builders import backup_row, plan, target

Order = Literal["newest", "oldest", "rotated"]
PER_PAGE = 10
DEADLINE = 4000.0


def key(number: int) -> str:
    return f"{number:016x}"


@dataclass
class Listed:
    """A backup in the model: `number` is that of its target, None for one of somebody else."""

    id: int
    number: int | None
    shows_at: float
    ends_at: float
    status: str = "Completed"
    goes_at: float = float("inf")


@dataclass
class ModelApi:
    """Lists backups page by page; time is what the test says."""

    rows: list[Listed] = field(default_factory=list)
    order: Order = "newest"
    now: float = 0.0
    tells_total: bool = True
    asked: list[int] = field(default_factory=list)
    size: int = PER_PAGE

    async def send(self, request: Request) -> Any:
        number = request.query["page"]
        self.asked.append(number)
        rows = sorted((row for row in self.rows if row.shows_at <= self.now < row.goes_at), key=lambda row: row.id)
        if self.order == "newest":
            rows.reverse()
        if self.order == "rotated":
            rows = rows[len(rows) // 2 :] + rows[: len(rows) // 2]
        listed = [self._listed(row) for row in rows[(number - 1) * self.size : number * self.size]]
        last = max(1, -(-len(rows) // self.size))
        told = {"total": len(rows), "per_page": self.size} if self.tells_total else {}
        return {"current_page": number, "data": listed, "last_page": last, **told}

    def _listed(self, row: Listed) -> dict[str, Any]:
        name = None if row.number is None else f"fb-{key(row.number)}"
        return backup_row(row.id, name, status=row.status if row.ends_at <= self.now else "In Progress")

    def foreign(self, number: int, at: float) -> Listed:
        return Listed(number, None, at, at)


def old(count: int) -> list[Listed]:
    return [Listed(number + 1, None, -1, -1) for number in range(count)]


def awaits(api: ModelApi, seconds: float, count: int) -> tuple[dict[str, Completion], float]:
    """Mark the list, show what the run made, then look as `tasks.verify` does; return the proofs and the time."""
    made, api.rows = api.rows, [row for row in api.rows if row.shows_at < 0]

    async def run() -> tuple[dict[str, Completion], float]:
        backups = BackupList(api.send, 5)
        await backups.mark()
        api.rows = made
        ended: list[float] = []
        sought = [Sought(key(number), target(), backups.marked) for number in range(count)]
        watch = backups.watch(sought, lambda: ended.append(api.now))
        is_last = False
        while watch.awaited and not is_last:
            interval = next_interval(api.now, watch.pages_in_vain)
            is_last = interval >= seconds - api.now
            api.now += min(interval, seconds - api.now)
            await backups.look_for_progress(watch, api.now, last=is_last)
            _nothing_is_proven_too_early(api, watch.proofs)
        assert len(ended) == count - len(watch.awaited)
        return {name: proof.completion for name, proof in watch.proofs.items()}, api.now

    return asyncio.run(run())


def _nothing_is_proven_too_early(api: ModelApi, proofs: dict[str, Any]) -> None:
    by_key = {key(row.number): row for row in api.rows if row.number is not None}
    for name, proof in proofs.items():
        assert proof.completion is Completion.PENDING or by_key[name].ends_at <= api.now


def run_of(count: int, ends: Sequence[float], first: int) -> list[Listed]:
    return [Listed(first + number, number, 0.0, ends[number % len(ends)]) for number in range(count)]


@pytest.mark.parametrize("before", [0, 3, 10, 1000])
@pytest.mark.parametrize(
    ("ends", "most"),
    [
        ([0], 30),
        ([2], 30),
        ([10], 33),
        ([30], 35),
        ([0, 2, 10, 30], 35),
        ([0] * 20 + [30], 35),
        ([0] * 299 + [600], 47),
        ([600] + [0] * 299, 47),
    ],
)
def test_hardly_more_pages_are_read_than_what_is_awaited_fills(before: int, ends: list[float], most: int) -> None:
    """300 backups fill 30 pages; more are those that showed nothing new."""
    api = ModelApi([*old(before), *run_of(300, ends, before + 1)])
    proofs, _ = awaits(api, DEADLINE, 300)
    assert set(proofs.values()) == {Completion.COMPLETE}
    assert len(proofs) == 300
    assert len(api.asked) - 1 <= most


def test_a_list_that_is_oldest_first_costs_no_more() -> None:
    api = ModelApi([*old(1000), *run_of(300, [10], 1001)], order="oldest")
    proofs, _ = awaits(api, DEADLINE, 300)
    assert len(proofs) == 300
    assert api.asked[:2] == [1, 100], "its newest end is the last page"
    assert len(api.asked) - 2 <= 33


def test_backups_of_others_that_push_everything_down_cost_a_page_now_and_then() -> None:
    api = ModelApi([*old(55), *run_of(300, [20], 56)])
    api.rows += [api.foreign(1000 + number, number / 2) for number in range(60)]
    proofs, _ = awaits(api, DEADLINE, 300)
    assert set(proofs.values()) == {Completion.COMPLETE}
    assert len(api.asked) - 1 <= 42


def test_while_a_large_backup_goes_on_what_else_has_ended_is_told_within_minutes() -> None:
    """The slowest stands where reading begins."""
    api = ModelApi(run_of(300, [3000] + [0] * 299, 1))
    proofs, _ = awaits(api, 130.0, 300)
    assert sum(each is Completion.COMPLETE for each in proofs.values()) == 299


def test_what_ended_in_time_is_told_at_the_deadline_although_another_is_under_way() -> None:
    api = ModelApi(run_of(30, [DEADLINE * 2] + [0] * 29, 1))
    proofs, _ = awaits(api, 6.0, 30)
    assert sum(each is Completion.COMPLETE for each in proofs.values()) == 29


def test_what_never_shows_is_looked_for_in_the_whole_list_but_seldom() -> None:
    api = ModelApi([*old(1000), *run_of(299, [0], 1001)])
    proofs, _ = awaits(api, 3600.0, 300)
    assert len(proofs) == 299
    # One page a look, and all of them after 2, 4, 8 and so on minutes.
    assert len(api.asked) < 31 + 75 + 31 * 11


def test_plans_are_proven_by_their_first_backup_and_given_up_without_one() -> None:
    async def run() -> None:
        api = ModelApi(old(25))
        backups = BackupList(api.send, 5)
        await backups.mark()
        watch = backups.watch(
            [Sought(key(number), target(plan()), backups.marked) for number in range(1)], lambda: None
        )
        await backups.look_for_progress(watch, 2.0, last=False)
        assert watch.unseen
        assert api.asked == [1, 1]
        watch.give_up_unseen_plans()
        assert watch.unseen == set()
        assert watch.proofs == {}

    asyncio.run(run())


def test_a_second_backup_of_one_key_that_is_met_is_told() -> None:
    api = ModelApi([*run_of(25, [0], 1), Listed(90, 3, 0.0, 0.0)])

    async def run() -> None:
        backups = BackupList(api.send, 5)
        made, api.rows = api.rows, []
        await backups.mark()
        api.rows = made
        watch = backups.watch([Sought(key(number), target(), backups.marked) for number in range(25)], lambda: None)
        await backups.look_for_progress(watch, 2.0, last=False)
        assert watch.proofs[key(3)].twins == (4, 90)
        assert watch.unseen == set()

    asyncio.run(run())


@st.composite
def lists(draw: st.DrawFn) -> tuple[ModelApi, int]:
    """A list that shows rows late and in any order, with others' backups among them, some of which go away."""
    count = draw(st.integers(1, 30))
    dice = draw(st.randoms(use_true_random=False))
    before = draw(st.sampled_from([0, 1, 2, 7, 20]))
    late = draw(st.sampled_from([0.0, 1.0, 30.0]))
    durations = draw(st.lists(st.sampled_from([0.0, 1.0, 5.0, 40.0, 300.0]), min_size=1, max_size=4))
    rows, number = old(before), before
    for row in dice.sample(rows, draw(st.sampled_from([0, 0, before // 3]))):
        row.goes_at = dice.uniform(0, 300)
    for each in dice.sample(range(count), count):
        for _ in range(draw(st.sampled_from([0, 0, 1])) and dice.randrange(3)):
            number += 1
            rows.append(Listed(number, None, dice.uniform(0, 60), 0.0))
        number += 1
        shows = dice.uniform(0, late)
        rows.append(Listed(number, each, shows, shows + dice.choice(durations), dice.choice(["Completed", "Failed"])))
    for _ in range(draw(st.sampled_from([0, 2, 25]))):
        number += 1
        rows.append(Listed(number, None, dice.uniform(0, 200), 0.0))
    order: Order = draw(st.sampled_from(["newest", "newest", "oldest", "rotated"]))
    return ModelApi(rows, order, size=5, tells_total=draw(st.sampled_from([True, True, False]))), count


@given(lists())
@settings(max_examples=300, deadline=None)
def test_everything_that_ends_is_recognised_whatever_the_list_does(case: tuple[ModelApi, int]) -> None:
    api, count = case
    proofs, ended = awaits(api, DEADLINE, count)
    assert len(proofs) == count
    assert Completion.PENDING not in proofs.values()
    last = max(row.ends_at for row in api.rows if row.number is not None)
    assert ended <= max(last * 1.5 + 2, last + 60) + 1200
    pages = -(-len(api.rows) // api.size)
    looks = 12 + ended / 60
    assert len(api.asked) <= 1 + 2 * pages + (pages + 4) * looks


def awaited(number: int, backups: BackupList) -> Sought:
    return Sought(key(number), target(), backups.marked)


def test_what_a_look_passed_over_before_it_was_awaited_is_seen_by_the_next() -> None:
    """The answer to a create comes after its row: a look in between does not know it yet."""

    async def run() -> None:
        api = ModelApi(old(30))
        backups = BackupList(api.send, 5)
        await backups.mark()
        first, second = (Listed(31 + number, number, 0.0, 3.0) for number in range(2))
        api.rows.append(first)
        watch = backups.watch([awaited(0, backups)], lambda: None)
        covered = watch.covered
        api.rows += [second, *(api.foreign(40 + number, 0.0) for number in range(15))]
        api.now = 4.0
        await backups.look_for_progress(watch, 1.0, last=False)
        backups.await_too(watch, [awaited(1, backups)], covered)
        assert await backups.look_for_progress(watch, 2.0, last=False) == 1
        assert not watch.awaited

    asyncio.run(run())


@pytest.mark.parametrize(("reads_on", "left"), [(False, 25), (True, 1)])
def test_where_places_are_waited_for_a_look_reads_on_beyond_what_is_under_way(reads_on: bool, left: int) -> None:
    async def run() -> None:
        api = ModelApi(old(30))
        backups = BackupList(api.send, 5)
        await backups.mark()
        api.rows += [Listed(31 + number, number, 0.0, 0.0 if number else 60.0) for number in range(25)]
        watch = backups.watch([awaited(number, backups) for number in range(25)], lambda: None)
        watch.reads_on = reads_on
        assert await backups.look_for_progress(watch, 1.0, last=False) == (3 if reads_on else 1)
        assert len(watch.awaited) <= left
        assert reads_on or len(watch.awaited) > 1

    asyncio.run(run())


def test_what_an_earlier_run_has_sent_is_looked_for_in_the_whole_list() -> None:
    async def run() -> None:
        api = ModelApi([*old(3), Listed(4, 7, -1, 3.0), *(Listed(5 + number, None, -1, -1) for number in range(30))])
        backups = BackupList(api.send, 5)
        await backups.mark()
        api.rows.append(Listed(90, 0, 0.0, 3.0))
        watch = backups.watch([awaited(0, backups)], lambda: None)
        backups.await_too(watch, [Sought(key(7), target())])
        api.now = 4.0
        await backups.look_for_progress(watch, 1.0, last=False)
        assert not watch.awaited

    asyncio.run(run())


def test_what_is_given_up_is_not_awaited_any_more() -> None:
    async def run() -> None:
        api = ModelApi()
        backups = BackupList(api.send, 5)
        await backups.mark()
        watch = backups.watch([awaited(number, backups) for number in range(2)], lambda: None)
        api.rows.append(Listed(1, 0, 0.0, 60.0))
        await backups.look_for_progress(watch, 1.0, last=False)
        assert [watch.is_unseen(key(number)) for number in range(2)] == [False, True]
        watch.give_up(key(0))
        watch.give_up(key(1))
        assert not watch.awaited
        assert watch.next_page() is None

    asyncio.run(run())


def test_a_whole_list_that_is_read_again_shows_all_that_is_awaited_and_not_only_what_was_seen_before() -> None:
    """What an earlier look has named is no reason to stop reading before its row."""

    async def run() -> None:
        api = ModelApi([*old(3), Listed(4, 0, 0.0, 30.0)])
        backups = BackupList(api.send, 5)
        await backups.mark()
        api.rows += [api.foreign(10 + number, 0.0) for number in range(15)]
        watch = backups.watch([Sought(key(0), target())], lambda: None)
        await backups.look_for_progress(watch, 1.0, last=False)
        assert watch.proofs[key(0)].completion is Completion.PENDING
        api.now = 40.0
        await backups.look_for_progress(watch, 2.0, last=True)
        assert not watch.awaited

    asyncio.run(run())


def test_an_unknown_word_needs_a_second_look_that_shows_the_row_again() -> None:
    async def run() -> None:
        api = ModelApi([*old(3), Listed(4, 0, 0.0, 0.0, "Zufrieden")])
        backups = BackupList(api.send, 5)
        await backups.mark()
        watch = backups.watch([Sought(key(0), target())], lambda: None)
        await backups.look_for_progress(watch, 1.0, last=False)
        assert watch.proofs[key(0)].needs_another_look
        gone = api.rows.pop()
        await backups.look_for_progress(watch, 2.0, last=True)
        assert key(0) in watch.awaited, "it was not there any more"
        api.rows.append(gone)
        await backups.look_for_progress(watch, 3.0, last=True)
        assert not watch.awaited
        proof = watch.proofs[key(0)]
        assert (proof.completion, proof.inferred, proof.evidence) == (Completion.COMPLETE, True, Evidence.INFERRED)

    asyncio.run(run())


def test_what_changed_between_two_looks_is_not_inferred_to_be_complete() -> None:
    async def run() -> None:
        api = ModelApi([*old(3), Listed(4, 0, 0.0, 0.0, "Eins")])
        backups = BackupList(api.send, 5)
        await backups.mark()
        watch = backups.watch([Sought(key(0), target())], lambda: None)
        for status in ("Eins", "Zwei", "Drei"):
            api.rows[-1].status = status
            await backups.look_for_progress(watch, 1.0, last=True)
            assert key(0) in watch.awaited
        await backups.look_for_progress(watch, 2.0, last=True)
        assert not watch.awaited

    asyncio.run(run())


def test_what_ended_like_three_others_needs_no_second_look_and_another_word_does() -> None:
    async def run() -> None:
        api = ModelApi(old(3))
        backups = BackupList(api.send, 5)
        await backups.mark()
        watch = backups.watch([awaited(number, backups) for number in range(6)], lambda: None)
        api.rows += [Listed(11 + number, number, 0.0, 0.0, "Fertig") for number in range(3)]
        await backups.look_for_progress(watch, 1.0, last=True)
        assert len(watch.awaited) == 6
        api.rows += [Listed(21, 3, 0.0, 0.0, "Fertig"), Listed(22, 4, 0.0, 0.0, "Anders")]
        api.rows.append(Listed(23, 5, 0.0, 0.0, "Fertig"))
        await backups.look_for_progress(watch, 2.0, last=True)
        assert watch.awaited.keys() == {key(4)}
        await backups.look_for_progress(watch, 3.0, last=True)
        assert not watch.awaited

    asyncio.run(run())
