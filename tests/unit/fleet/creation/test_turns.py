"""Caps: never more at once than allowed, everything is begun in the end, and nothing waits for ever."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fleet.creation.turns import PATIENCE, Turns
from fleet.inventory.caps import Caps
from fleet.inventory.target import Target
from tests.unit.fleet.builders import instant, target

REQUESTS = {provider: instant(cloud_storage_provider_id=provider) for provider in range(1, 4)}


def wanted(number: int, server: int, provider: int = 1) -> Target:
    return target(REQUESTS[provider], place=str(number), server_id=server)


def fleet(*servers_and_providers: tuple[int, int]) -> list[Target]:
    return [wanted(number, *each) for number, each in enumerate(servers_and_providers)]


def begun(turns: Turns) -> list[str]:
    """Everything that may begin now."""
    places = []
    while each := turns.next():
        places.append(each.place)
    return places


def asked(caps: Caps, targets: list[Target]) -> Turns:
    turns = Turns(caps)
    for each in targets:
        turns.ask(each)
    return turns


FLEETS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=40)
CAPS = st.builds(Caps, st.none() | st.integers(1, 3), st.none() | st.integers(1, 4))


@given(FLEETS, CAPS, st.data())
def test_never_more_than_the_caps_run_and_everything_is_begun_once(
    pairs: list[tuple[int, int]], caps: Caps, data: Any
) -> None:
    targets = fleet(*pairs)
    later = targets[len(targets) // 2 :]
    turns = asked(caps, targets[: len(targets) // 2])
    running: list[Target] = []
    done: list[str] = []
    while True:
        # Where nothing runs, somebody asks: a draw of nobody would only be drawn again.
        for _ in range(data.draw(st.integers(0 if running else 1, len(later)))) if later else ():
            turns.ask(later.pop(0))
        while each := turns.next():
            running.append(each)
            done.append(each.place)
            on_server = Counter(it.server_id for it in running)
            into_provider = Counter(it.request.cloud_storage_provider_id for it in running)
            assert caps.per_server is None or max(on_server.values()) <= caps.per_server
            assert caps.per_provider is None or max(into_provider.values()) <= caps.per_provider
        assert turns.running == len(running)
        # Nothing waits that has a place and nobody before it.
        assert running or not turns.waiting
        if not running and not later:
            break
        if running:
            turns.end(running.pop(data.draw(st.integers(0, len(running) - 1))))
    assert sorted(done, key=int) == [each.place for each in targets]


def test_without_caps_all_begin_in_their_order() -> None:
    assert not Caps().are_set
    assert begun(asked(Caps(), fleet((1, 1), (1, 2), (2, 1), (1, 1)))) == ["0", "1", "2", "3"]


def test_other_servers_go_on_while_one_is_full() -> None:
    targets = fleet((1, 1), (1, 1), (1, 1), (2, 1), (2, 1), (3, 1))
    turns = asked(Caps(per_server=1), targets)
    assert begun(turns) == ["0", "3", "5"]
    turns.end(targets[3])
    turns.end(targets[3])
    assert begun(turns) == ["4"]
    turns.end(targets[0])
    assert begun(turns) == ["1"]
    assert (turns.waiting, turns.running) == (1, 3)


def test_what_runs_already_counts_even_above_the_cap() -> None:
    first, second, third = fleet((1, 1), (1, 1), (1, 1))
    turns = Turns(Caps(per_server=1))
    turns.begin(first)
    turns.begin(second)
    turns.ask(third)
    turns.end(first)
    assert begun(turns) == []
    turns.end(second)
    assert begun(turns) == ["2"]


def test_of_a_provider_that_is_full_the_first_that_came_goes_first() -> None:
    targets = fleet((1, 1), (2, 1), (3, 1), (4, 2))
    turns = asked(Caps(per_provider=1), targets)
    assert begun(turns) == ["0", "3"]
    turns.end(targets[0])
    assert begun(turns) == ["1"]


def test_one_that_waits_for_its_provider_is_not_overtaken_for_ever() -> None:
    """Its server's other backups go to a provider that has room, again and again."""
    holder, waiting = wanted(0, 9, provider=1), wanted(1, 1, provider=1)
    others = [wanted(number, 1, provider=2) for number in range(2, 22)]
    turns = asked(Caps(per_server=1, per_provider=1), [holder, waiting, *others])
    overtaking = 0
    assert begun(turns) == ["0", "2"]
    while each := next((it for it in others if it.place == str(overtaking + 2)), None):
        turns.end(each)
        overtaking += 1
        if not begun(turns):
            break
    assert overtaking == PATIENCE
    turns.end(holder)
    assert begun(turns) == ["1"]
    turns.end(waiting)
    assert begun(turns) == [str(overtaking + 2)]


def test_what_need_not_wait_any_more_is_taken_out_in_its_order() -> None:
    targets = fleet((1, 1), (1, 1), (2, 1), (1, 1))
    turns = asked(Caps(per_server=1), targets)
    assert begun(turns) == ["0", "2"]
    assert [each.place for each in turns.leave_out(lambda each: each.place != "1")] == ["3"]
    assert turns.waiting == 1
    turns.end(targets[0])
    assert begun(turns) == ["1"]
    assert [each.place for each in turns.leave_out(lambda _: True)] == []
